package apikey_test

import (
	"context"
	"errors"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins/apikey"
)

// TestKeysOfOrganizationsAreApart: the service refuses every act on a key of an organization,
// or of a service account in it, to those who do not hold the scope there, whatever they
// hold elsewhere (SEC-126).
func TestKeysOfOrganizationsAreApart(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	sam, stranger := h.person("sam")
	h.organization(stranger, "other")
	mia, _ := h.person("mia")
	adam, _ := h.person("adam")
	rob, _ := h.person("rob")
	ned, _ := h.person("ned")
	vera, _ := h.administrator("vera", "viewer")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "reader", "permission": body{"apiKey": []string{"read"}}}).Want(200, "")
	for u, role := range map[*ent.User]string{mia: "member", adam: "admin", rob: "reader", ned: "vanished"} {
		h.join(org, u, role)
	}
	account, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Robot"})
	if err != nil {
		t.Fatal(err)
	}
	robots, err := h.s.CreateFor(h.as(ann), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}, apikey.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	its := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org})
	for owner, m := range map[string]*apikey.Made{"organization": its, "service account": robots} {
		before := h.row(m.Row.ID)
		for who, c := range map[string]struct {
			ctx  context.Context
			want *auth.Error
		}{
			"stranger":            {h.as(sam), apikey.ErrNotMember},
			"viewer of all":       {h.as(vera), apikey.ErrNotMember},
			"member":              {h.as(mia), apikey.ErrMayNot},
			"admin":               {h.as(adam), apikey.ErrMayNot},
			"reader":              {h.as(rob), apikey.ErrMayNot},
			"member with nothing": {h.as(ned), apikey.ErrMayNot},
			"nobody":              {t.Context(), auth.ErrUnauthorized},
		} {
			for act, do := range h.acts(c.ctx, m.Row.ID) {
				want := c.want
				if who == "reader" && (act == "key" || act == "usage") {
					want = nil
				}
				if err := do(); want == nil && err != nil || want != nil && !errors.Is(err, want) {
					t.Errorf("%s of a key of an %s by a %s: %v, want %v", act, owner, who, err, want)
				}
			}
			h.untouched(who, before)
		}
		if _, err := h.s.Key(h.as(ann), m.Row.ID); err != nil {
			t.Errorf("the owner: %v", err)
		}
	}
}
