package admin_test

import (
	"context"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
)

func TestBansEnd(t *testing.T) {
	h := open(t, nil, nil)
	u := h.resident("ann", "user")
	h.root.Post(api+"/admin/ban-user", body{"userId": u.ID, "banExpiresIn": 60}).Want(200, "")
	signIn := func() *servertest.Answer {
		return h.Browser().Post(api+"/sign-in/email", body{"email": u.Email, "password": servertest.Password})
	}
	signIn().Want(403, "BANNED_USER")
	h.Clock.Advance(time.Minute)
	a := signIn().Want(200, "")
	if a.Value("user.banned") != false || a.Value("user.banReason") != nil {
		t.Errorf("answer %s", a.Body)
	}
	if row := h.reload(u.ID); row.Banned || row.BanReason != nil || row.BanExpires != nil {
		t.Errorf("stored %v", row)
	}
}

func TestABanWrittenIntoTheDatabaseActsAtOnce(t *testing.T) {
	h := open(t, nil, map[string]string{"session.cookie_cache.enabled": "true"})
	u, b := h.person("second", "admin")
	b.Get(api+"/admin/list-users").Want(200, "")
	write(t, h, u.ID, func(c *ent.UserUpdateOne) { c.SetBanned(true) })
	if a := b.Get(api + "/admin/list-users"); a.Status != 401 || len(a.Body) != 0 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if _, err := h.Host.Principals.OfUser(t.Context(), h.reload(u.ID)); auth.AsError(err).Status != 401 {
		t.Errorf("principal of a banned person: %v", err)
	}
	if access, err := h.s.AccessOf(h.commandLine(), u.ID); err != nil || !access.Banned {
		t.Errorf("access of a banned person: %v", err)
	}
}

func TestADemotionActsAtOnce(t *testing.T) {
	h := open(t, nil, map[string]string{"session.cookie_cache.enabled": "true"})
	u, b := h.person("second", "admin")
	target := h.somebody("ann", "user")
	if _, err := h.s.SetRole(h.commandLine(), u.ID, []string{"user"}); err != nil {
		t.Fatal(err)
	}
	b.Post(api+"/admin/set-role", body{"userId": target.ID, "role": "admin"}).Want(403, "")
	b.Post(api+"/admin/impersonate-user", body{"userId": target.ID}).Want(403, "")
	if a := b.Post(api+"/admin/has-permission", body{"permissions": body{"user": []string{"list"}}}).Want(200, ""); a.Value("success") != false {
		t.Errorf("answer %s", a.Body)
	}
	if *h.reload(target.ID).Role != "user" {
		t.Error("the role was set")
	}
}

func TestNewPeopleGetTheDefaultRole(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.default_role": "member", "admin.roles": `{member = {scopes = []}}`})
	h.SignUp("Eve", "eve@example.test")
	if role := h.User("eve@example.test").Role; role == nil || *role != "member" {
		t.Errorf("role %v", role)
	}
	write(t, h, h.User("eve@example.test").ID, func(u *ent.UserUpdateOne) { u.ClearRole() })
	if got := h.s.RolesOf(h.User("eve@example.test")); len(got) != 1 || got[0] != "member" {
		t.Errorf("without a role: %v", got)
	}
}

func TestTheBannedMessageMayBeWorded(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{admin.New(admin.Options{
		BannedMessage: func(_ context.Context, u *ent.User) string { return u.Name + " is out" }})}})
	rig.SignUp("Eve", "eve@example.test")
	h := &house{Rig: rig, t: t, s: plugins.MustOffer[*admin.Service](rig.Host)}
	if _, err := h.s.Ban(h.commandLine(), h.User("eve@example.test").ID, admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	a := rig.Browser().Post(api+"/sign-in/email", body{"email": "eve@example.test", "password": servertest.Password}).Want(403, "BANNED_USER")
	if a.Text("message") != "Eve is out" {
		t.Errorf("message %q", a.Text("message"))
	}
}

func TestNamedPeopleHoldEverything(t *testing.T) {
	h := empty(t, nil, map[string]string{"admin.admin_user_ids": "the-one"})
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.User().Create().SetID("the-one").SetName("N").SetEmail("n@example.test").SetRole("user").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := h.as(h.reload("the-one"))
	if _, err := h.s.List(ctx, admin.ListQuery{}); err != nil {
		t.Errorf("list: %v", err)
	}
	if ok, err := h.s.HasPermission(ctx, map[string][]string{"anything": {"at all"}}); err != nil || !ok {
		t.Errorf("has-permission: %v %v", ok, err)
	}
	adminCtx := h.as(h.somebody("admin", "admin"))
	if _, err := h.s.Impersonate(adminCtx, "the-one", ""); auth.AsError(err).Code != "YOU_CANNOT_IMPERSONATE_ADMINS" {
		t.Errorf("impersonated: %v", err)
	}
	list, err := holders(h, "user:impersonate-admins")
	if err != nil || len(list) != 1 || list[0].Subject != "the-one" || list[0].Source.Kind != "option" {
		t.Errorf("holders %v %v", list, err)
	}
}

// TestHoldersAreTheInverseOfGrants asks every scope both ways for everybody.
func TestHoldersAreTheInverseOfGrants(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.roles": `{user = {scopes = ["user:list"]}}`})
	var all []*ent.User
	for _, role := range []string{"owner", "admin", "support,viewer", "viewer", "user", "user,support"} {
		u := h.somebody("p"+role[:2]+role[len(role)-2:], "user")
		write(t, h, u.ID, func(c *ent.UserUpdateOne) { c.SetRole(role) })
		all = append(all, u)
	}
	bare := h.somebody("bare", "user")
	write(t, h, bare.ID, func(c *ent.UserUpdateOne) { c.ClearRole() })
	for _, scope := range h.Host.Scopes.Scopes() {
		list, err := holders(h, scope.Name())
		if err != nil {
			t.Fatal(err)
		}
		held := map[string]bool{}
		for _, x := range list {
			held[x.Subject] = true
		}
		for _, u := range append(all, bare) {
			p, err := h.Host.Principals.OfUser(t.Context(), h.reload(u.ID))
			if err != nil {
				t.Fatal(err)
			}
			if p.Can(scope.Name()) != held[u.ID] {
				t.Errorf("%s: %v can %v, holders say %v", scope.Name(), u.Name, p.Can(scope.Name()), held[u.ID])
			}
		}
	}
}

func TestRefusalsAreRecorded(t *testing.T) {
	h := open(t, nil, nil)
	second := h.somebody("owner", "owner")
	h.root.Post(api+"/admin/ban-user", body{"userId": second.ID}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS")
	if h.count("admin.refused", second.ID) != 1 {
		t.Error("no record")
	}
}
