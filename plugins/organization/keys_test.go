package organization_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/organization/organizationapi"
)

// keyring lets a header stand for a key of an organization: "<organization> <scope> …". A
// word "session" makes it one of a person that opens a session which no row holds.
type keyring struct{ h *house }

func (k *keyring) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "keyring", Name: "Keyring"}
}

func (k *keyring) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Authenticators: []plugins.Authenticator{
		{Scheme: "test-key", Present: k.present, Sessions: func() bool { return false }},
		{Scheme: "test-session", Present: k.virtual},
	}}, nil
}

func (k *keyring) present(_ context.Context, r *http.Request) (*plugins.Presented, error) {
	parts := strings.Fields(r.Header.Get("X-Test-Key"))
	if len(parts) == 0 {
		return nil, nil
	}
	var grants []auth.Grant
	realm := auth.In(parts[0])
	if parts[0] == "platform" {
		realm = auth.Platform
	}
	for _, scope := range parts[1:] {
		grants = append(grants, auth.Grant{Scope: scope, Realm: realm, Source: auth.Source{Kind: "key", Name: "k"}})
	}
	return &plugins.Presented{Principal: auth.NewPrincipal(auth.Principal{Subject: "organization:" + parts[0], Scheme: "test-key",
		Claims: map[string]any{"organizationId": parts[0]}}, grants, k.h.Clock.Now())}, nil
}

func (k *keyring) virtual(_ context.Context, r *http.Request) (*plugins.Presented, error) {
	id := r.Header.Get("X-Test-Session")
	if id == "" {
		return nil, nil
	}
	u, err := k.h.Host.Users.ByID(r.Context(), id)
	if err != nil {
		return nil, err
	}
	now := k.h.Clock.Now()
	facts := &auth.SessionFacts{ID: "virtual", UserID: id, CreatedAt: now, Virtual: true}
	current := &auth.Current{User: u, Session: &ent.Session{ID: "virtual", UserID: id, CreatedAt: now}}
	return &plugins.Presented{Virtual: current, Principal: auth.NewPrincipal(auth.Principal{Subject: id, Scheme: "test-session", Session: facts}, nil, now)}, nil
}

func (h *house) key(words string) *servertest.Browser {
	b := h.Browser().In(h.t)
	b.Header.Set("X-Test-Key", words)
	return b
}

// TestKeysOfOrganizations: principals without a session use what needs none, within what
// they hold, and what is active for them is the organization they belong to.
func TestKeysOfOrganizations(t *testing.T) {
	k := &keyring{}
	h := openWith(t, nil, nil, organizationapi.Hooks{}, k)
	k.h = h
	owner := h.person("owner")
	org := owner.found("acme")
	other := owner.found("other")
	key := h.key(org + " organization:read member:read invitation:create")
	same(t, "own", key.Get(api+"get-organization").Want(200, "").Text("id"), org)
	same(t, "list", key.Get(api+"list").Want(200, "").Text("0.id"), org)
	same(t, "list", count(key.Get(api+"list"), ""), 1)
	same(t, "members", count(key.Get(api+"list-members").Want(200, ""), "members"), 1)
	made := key.Post(api+"invite-member", body{"email": "x@y.test", "role": "member"}).Want(200, "")
	same(t, "inviter", made.Value("inviterId"), nil)
	same(t, "invitations", count(key.Get(api+"list-invitations").Want(200, ""), ""), 1)
	bob := h.person("bob")
	id := key.Post(api+"invite-member", body{"email": bob.user.Email, "role": "member"}).Want(200, "").Text("id")
	bob.post("accept-invitation", body{"invitationId": id}).Want(200, "")
	for _, c := range []struct {
		permission body
		want       bool
	}{{body{"member": []string{"read"}}, true}, {body{"member": []string{"read"}, "invitation": []string{"create"}}, true}, {body{"member": []string{"delete"}}, false}} {
		same(t, "permission", key.Post(api+"has-permission", body{"permissions": c.permission}).Want(200, "").Value("success"), any(c.want))
	}
	// Nothing beyond what it holds, and no owner.
	key.Post(api+"invite-member", body{"email": "o@y.test", "role": "owner"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
	// Not even one with the rights of an owner everywhere: nobody could accept it.
	h.key("platform organization:own organization:read invitation:create").Post(api+"invite-member", body{"email": "o@y.test", "role": "owner", "organizationId": org}).
		Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
	key.Post(api+"update", body{"data": body{"name": "x"}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION")
	key.Post(api+"delete", body{"organizationId": org}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION")
	key.Post(api+"remove-member", body{"memberIdOrEmail": bob.user.Email}).Want(401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER")
	key.Get(api+"list-roles").Want(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE")
	remover := h.key(org + " member:delete")
	remover.Get(api+"list-members").Want(403, "FORBIDDEN")
	remover.Get(api+"get-organization").Want(403, "FORBIDDEN")
	remover.Post(api+"remove-member", body{"memberIdOrEmail": owner.user.Email}).Want(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
	remover.Post(api+"remove-member", body{"memberIdOrEmail": bob.user.Email}).Want(200, "")
	// Nothing in other organizations.
	for _, id := range []string{other, "unknown"} {
		key.Get(api+"get-organization?organizationId="+id).Want(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		key.Get(api+"list-members?organizationId="+id).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		key.Post(api+"invite-member", body{"email": "x@y.test", "role": "member", "organizationId": id}).Want(400, "MEMBER_NOT_FOUND")
		key.Post(api+"has-permission", body{"organizationId": id, "permissions": body{"member": []string{"read"}}}).Want(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
	}
	// What is about a session, or a person, is closed.
	for _, path := range []string{"set-active", "set-active-team", "accept-invitation", "reject-invitation", "leave", "create"} {
		key.Post(api+path, body{"organizationId": org, "teamId": "x", "invitationId": "x", "name": "x", "slug": "x"}).Want(401, "")
	}
	key.Get(api+"get-invitation?id=x").Want(401, "")
	key.Get(api+"list-user-invitations").Want(400, "")
}

func TestSessionsThatNoRowHolds(t *testing.T) { // Q-14, SEC-143
	k := &keyring{}
	h := openWith(t, nil, nil, organizationapi.Hooks{}, k)
	k.h = h
	owner := h.person("owner")
	org := owner.found("acme")
	b := h.Browser()
	b.Header.Set("X-Test-Session", owner.user.ID)
	b.Post(api+"set-active", body{"organizationId": org}).Want(403, "NOT_ALLOWED_WITH_THIS_CREDENTIAL")
	same(t, "none active", string(b.Post(api+"set-active", body{"organizationId": nil}).Want(200, "").Body), "null")
	b.Post(api+"set-active-team", body{"teamId": "x"}).Want(400, "NO_ACTIVE_ORGANIZATION")
	// The key of an owner that holds nothing is no owner (SEC-122).
	b.Post(api+"update", body{"organizationId": org, "data": body{"name": "x"}}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
	b.Post(api+"delete", body{"organizationId": org}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
	b.Get(api+"get-organization?organizationId="+org).Want(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
	same(t, "their organizations", string(b.Get(api+"list").Want(200, "").Body), "[]")
	same(t, "their teams", string(b.Get(api+"list-user-teams").Want(200, "").Body), "[]")
}
