package apikey_test

import (
	"errors"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/event"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/apikey/apikeyapi"
)

// TestKeysOfCommandLine: the command line makes keys for anybody and is recorded with them;
// nobody else does by its methods, whatever they hold.
func TestKeysOfCommandLine(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	chief, _ := h.administrator("chief", "owner")
	org := h.organization(b, "acme")
	ctx := auth.WithPrincipal(t.Context(), adminapi.CommandLine(h.Host.Scopes, h.Host.Clock()))
	robot, err := h.s.CreateAccount(ctx, org, apikey.Account{Name: "robot", Roles: []string{"member"}})
	if err != nil {
		t.Fatal(err)
	}
	for kind, of := range map[string]apikeyapi.Owner{apikey.OwnerUser: {User: ann.Email}, apikey.OwnerOrganization: {Organization: "acme"}, apikey.OwnerServiceAccount: {ServiceAccount: robot.ID}} {
		secret, made, err := h.s.CreateKey(ctx, apikeyapi.NewKey{Owner: of, Name: "by hand", Life: 30 * day, Permissions: []string{"files:read", "files:write"}})
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		row := h.row(made.ID)
		if row.OwnerKind != kind || *row.Name != "by hand" || *row.Permissions != `{"files":["read","write"]}` || row.ExpiresAt.Sub(row.CreatedAt) != 30*24*time.Hour || row.CreatedBy != auth.CommandLineSubject {
			t.Errorf("%s: %+v", kind, row)
		}
		h.want(secret, "")
		n, err := h.Host.DB.Access(t.Context()).Event().Query().Where(event.SubjectID(made.ID), event.ActorID(auth.CommandLineSubject)).Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%s: %d events of the command line, %v", kind, n, err)
		}
		if _, _, err := h.s.CreateKey(h.as(chief), apikeyapi.NewKey{Owner: of, Name: "taken"}); !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("an owner of the server makes a key of the %s: %v", kind, err)
		}
		found, err := h.s.ListKeys(ctx, "", of, 10)
		if err != nil || len(found) != 1 || found[0].ID != made.ID {
			t.Errorf("%s: %v %v", kind, found, err)
		}
		if err := errors.Join(h.s.SetKeyEnabled(ctx, made.ID, false), h.s.DeleteKey(ctx, made.ID)); err != nil || h.row(made.ID) != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
