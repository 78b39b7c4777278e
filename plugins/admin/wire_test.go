package admin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/account"
	"gatehouse/handlers/servertest"
)

// routes are all routes with a body that is right in shape.
func routes(id string) []struct {
	path string
	body any
	code string
} {
	return []struct {
		path string
		body any
		code string
	}{
		{"/admin/set-role", body{"userId": id, "role": "user"}, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"},
		{"/admin/get-user?id=" + id, nil, "YOU_ARE_NOT_ALLOWED_TO_GET_USER"},
		{"/admin/create-user", body{"email": "x@example.test", "name": "X"}, "YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS"},
		{"/admin/update-user", body{"userId": id, "data": body{"name": "X"}}, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"},
		{"/admin/list-users", nil, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS"},
		{"/admin/list-user-sessions", body{"userId": id}, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS"},
		{"/admin/ban-user", body{"userId": id}, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"},
		{"/admin/unban-user", body{"userId": id}, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"},
		{"/admin/impersonate-user", body{"userId": id}, "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS"},
		{"/admin/revoke-user-session", body{"sessionToken": "x"}, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS"},
		{"/admin/revoke-user-sessions", body{"userId": id}, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS"},
		{"/admin/remove-user", body{"userId": id}, "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS"},
		{"/admin/set-user-password", body{"userId": id, "newPassword": "another-Good-1-password"}, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD"},
	}
}

func send(b *servertest.Browser, path string, body any) *servertest.Answer {
	if body == nil {
		return b.Get(api + path)
	}
	return b.Post(api+path, body)
}

func TestEveryRouteAsksForItsScope(t *testing.T) {
	h := open(t, nil, nil)
	u, plain := h.person("plain", "user")
	for _, r := range routes(u.ID) {
		send(plain, r.path, r.body).Want(403, r.code)
		if a := send(h.Browser(), r.path, r.body); a.Status != 401 || len(a.Body) != 0 {
			t.Errorf("%s without a session: %d %s", r.path, a.Status, a.Body)
		}
	}
	for _, path := range []string{"/admin/has-permission", "/admin/stop-impersonating"} {
		if a := h.Browser().Post(api+path, body{"permissions": body{"user": []string{"list"}}}); a.Status != 401 || len(a.Body) != 0 {
			t.Errorf("%s without a session: %d %s", path, a.Status, a.Body)
		}
	}
}

func TestBodiesAreJudgedBeforeTheSession(t *testing.T) {
	h := open(t, nil, nil)
	for _, c := range []struct {
		path, message string
		body          any
	}{
		{"/admin/set-role", "[body.role] Invalid input", body{"userId": "x"}},
		{"/admin/set-user-password", "[body.newPassword] newPassword cannot be empty", body{"userId": "x", "newPassword": ""}},
		{"/admin/set-user-password", "[body.userId] userId cannot be empty", body{"userId": "", "newPassword": "x"}},
		{"/admin/has-permission", "[body] Invalid input", body{}},
		{"/admin/has-permission", "[body] Invalid input", body{"permission": body{}, "permissions": body{}}},
		{"/admin/update-user", "[body.data]", body{"userId": "x"}},
	} {
		a := h.Browser().Post(api+c.path, c.body).Want(400, "VALIDATION_ERROR")
		if !strings.HasPrefix(a.Text("message"), c.message) {
			t.Errorf("%s: message %q, want %q", c.path, a.Text("message"), c.message)
		}
	}
	h.Browser().Get(api+"/admin/get-user").Want(400, "VALIDATION_ERROR")
	h.Browser().Get(api+"/admin/list-users?filterOperator=like").Want(400, "VALIDATION_ERROR")
}

func TestUnknownUsersAreNotFound(t *testing.T) {
	h := open(t, nil, nil)
	for _, r := range routes("nobody") {
		a := send(h.root, r.path, r.body)
		switch r.path {
		case "/admin/create-user", "/admin/list-users", "/admin/list-user-sessions", "/admin/revoke-user-session", "/admin/revoke-user-sessions":
			a.Want(200, "")
		default:
			a.Want(404, "USER_NOT_FOUND")
		}
	}
}

func TestUserObjectKeepsTheOrderOfTheWire(t *testing.T) {
	h := open(t, nil, nil)
	u := h.somebody("ann", "user")
	a := h.root.Get(api+"/admin/get-user?id="+u.ID).Want(200, "")
	var keys []string
	dec := json.NewDecoder(strings.NewReader(string(a.Body)))
	for depth := 0; ; {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		if d, ok := tok.(json.Delim); ok {
			depth += map[json.Delim]int{'{': 1, '}': -1}[d]
			continue
		}
		keys = append(keys, tok.(string))
		if _, err := dec.Token(); err != nil {
			t.Fatal(err)
		}
	}
	want := "name email emailVerified image createdAt updatedAt role banned banReason banExpires id"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
}

func TestCreateUser(t *testing.T) {
	h := open(t, nil, nil)
	create := func(b body) *servertest.Answer { return h.root.Post(api+"/admin/create-user", b) }
	taken := h.somebody("taken", "user")
	long, blocked := strings.Repeat("x", 129), "password1234"
	for _, c := range []struct {
		name   string
		body   body
		status int
		code   string
	}{
		{"bad address", body{"email": "nonsense", "name": "X", "password": long}, 400, "INVALID_EMAIL"},
		{"too long before taken", body{"email": taken.Email, "name": "X", "password": long}, 400, "PASSWORD_TOO_LONG"},
		{"too short", body{"email": "a@example.test", "name": "X", "password": "x"}, 400, "PASSWORD_TOO_SHORT"},
		{"common", body{"email": "a@example.test", "name": "X", "password": blocked}, 400, "PASSWORD_COMPROMISED"},
		{"taken", body{"email": strings.ToUpper(taken.Email), "name": "X"}, 400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"},
		{"unknown role", body{"email": "a@example.test", "name": "X", "role": "emperor"}, 400, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"},
		{"empty role", body{"email": "a@example.test", "name": "X", "role": " , "}, 400, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"},
		{"role of data unknown", body{"email": "a@example.test", "name": "X", "data": body{"role": "emperor"}}, 400, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"},
		{"role of data no text", body{"email": "a@example.test", "name": "X", "data": body{"role": []any{"user", 7}}}, 400, "INVALID_ROLE_TYPE"},
		{"role above", body{"email": "a@example.test", "name": "X", "role": "owner"}, 403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"},
		{"flag no flag", body{"email": "a@example.test", "name": "X", "data": body{"emailVerified": "yes"}}, 400, "VALIDATION_ERROR"},
		{"script for an image", body{"email": "a@example.test", "name": "X", "data": body{"image": "javascript:alert(1)"}}, 400, "VALIDATION_ERROR"},
		{"date no date", body{"email": "a@example.test", "name": "X", "data": body{"createdAt": "soon"}}, 400, "VALIDATION_ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) { create(c.body).Want(c.status, c.code) })
	}

	a := create(body{"email": "Carol@Example.test", "name": "Carol", "password": servertest.Password, "role": []string{" user", "admin", "user"},
		"data": body{"image": "https://pictures.example.test/c.png", "id": "chosen", "unknown": 1, "createdAt": "2020-02-03T04:05:06Z", "emailVerified": true}}).Want(200, "")
	for path, want := range map[string]any{"user.email": "carol@example.test", "user.role": "user,admin", "user.image": "https://pictures.example.test/c.png",
		"user.createdAt": "2020-02-03T04:05:06.000Z", "user.emailVerified": true, "user.banned": false, "user.unknown": nil} {
		if got := a.Value(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if a.Text("user.id") == "chosen" {
		t.Error("the given id was used")
	}
	h.SignIn("carol@example.test")
	if got := h.count("user.created", a.Text("user.id")); got != 1 {
		t.Errorf("%d events", got)
	}

	without := create(body{"email": "dave@example.test", "name": "Dave", "password": ""}).Want(200, "")
	if without.Text("user.role") != "user" {
		t.Errorf("role %q", without.Text("user.role"))
	}
	h.Browser().Post(api+"/sign-in/email", body{"email": "dave@example.test", "password": servertest.Password}).Want(401, "INVALID_EMAIL_OR_PASSWORD")
}

func TestUpdateUser(t *testing.T) {
	h := open(t, nil, map[string]string{"user.fields": `{plan = {type = "string", input = false, required = false}}`})
	a, b := h.somebody("ann", "user"), h.resident("bob", "user")
	update := func(data body) *servertest.Answer {
		return h.root.Post(api+"/admin/update-user", body{"userId": a.ID, "data": data})
	}
	for _, c := range []struct {
		name   string
		data   body
		status int
		code   string
	}{
		{"nothing", body{}, 400, "NO_DATA_TO_UPDATE"},
		{"password before id", body{"id": "x", "password": "y"}, 400, "PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER"},
		{"id", body{"id": nil, "role": "user"}, 400, "USER_ID_CANNOT_BE_UPDATED"},
		{"role no text", body{"role": 7}, 400, "INVALID_ROLE_TYPE"},
		{"role unknown", body{"role": []string{"user", "non-user"}}, 400, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"},
		{"role above", body{"role": "owner"}, 403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"},
		{"bad address", body{"email": "nonsense"}, 400, "INVALID_EMAIL"},
		{"address no text", body{"email": 7}, 400, "INVALID_EMAIL"},
		{"taken", body{"email": b.Email}, 400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"},
		{"name null", body{"name": nil}, 400, "VALIDATION_ERROR"},
		{"script for an image", body{"image": "javascript:alert(1)"}, 400, "VALIDATION_ERROR"},
		{"field of the wrong type", body{"plan": 3}, 400, "VALIDATION_ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) { update(c.data).Want(c.status, c.code) })
	}
	ok := update(body{"name": "Anna", "email": "Anna@Example.test", "emailVerified": false, "image": nil, "plan": "gold", "unknown": 1, "role": []string{"support", "user"}}).Want(200, "")
	for path, want := range map[string]any{"name": "Anna", "email": "anna@example.test", "emailVerified": false, "plan": "gold", "role": "support,user", "unknown": nil} {
		if got := ok.Value(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if got := h.count("user.role-changed", a.ID); got != 1 {
		t.Errorf("%d role events", got)
	}
	root := h.User(rootEmail)
	h.root.Post(api+"/admin/update-user", body{"userId": root.ID, "data": body{"banned": true}}).Want(400, "YOU_CANNOT_BAN_YOURSELF")
	session := h.SignIn(b.Email)
	h.root.Post(api+"/admin/update-user", body{"userId": b.ID, "data": body{"banned": true, "banReason": "spam"}}).Want(200, "")
	if got := session.Get(api + "/get-session"); string(got.Body) != "null" {
		t.Errorf("session of a banned person: %s", got.Body)
	}
}

func TestSingleScopes(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.roles": `{updater = {scopes = ["user:update"]}, maker = {scopes = ["user:create"]}}`})
	target := h.somebody("ann", "user")
	_, updater := h.person("updater", "updater")
	_, maker := h.person("maker", "maker")
	update := func(data body, id string) *servertest.Answer {
		return updater.Post(api+"/admin/update-user", body{"userId": id, "data": data})
	}
	update(body{"name": "A"}, target.ID).Want(200, "")
	update(body{"role": "user"}, target.ID).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE")
	for _, key := range []string{"banned", "banReason", "banExpires"} {
		update(body{key: nil}, target.ID).Want(403, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS")
	}
	update(body{"email": "z@example.test", "phoneNumber": "+1"}, target.ID).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL")
	update(body{"emailVerified": true}, target.ID).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL")
	for _, id := range []string{target.ID, "nobody"} {
		update(body{"phoneNumber": "+1"}, id).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PHONE_NUMBER")
		update(body{"phoneNumberVerified": true}, id).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PHONE_NUMBER")
	}

	create := func(address string, more body) *servertest.Answer {
		in := body{"email": address, "name": "X"}
		for k, v := range more {
			in[k] = v
		}
		return maker.Post(api+"/admin/create-user", in)
	}
	if got := create("one@example.test", nil).Want(200, "").Text("user.role"); got != "user" {
		t.Errorf("role %q", got)
	}
	create("two@example.test", body{"role": "user"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE")
	create("two@example.test", body{"data": body{"role": "user"}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE")
	create("two@example.test", body{"data": body{"banned": true}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS")
	create("two@example.test", body{"data": body{"emailVerified": true}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL")
	create("two@example.test", body{"data": body{"phoneNumber": "+1"}}).Want(200, "")
	create("three@example.test", body{"data": body{"phoneNumber": "+1", "phoneNumberVerified": true}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PHONE_NUMBER")
}

func TestBanAndUnban(t *testing.T) {
	h := open(t, nil, nil)
	u, session := h.person("ann", "user")
	ban := func(in body) *servertest.Answer { return h.root.Post(api+"/admin/ban-user", in) }

	a := ban(body{"userId": u.ID, "banReason": "spam", "banExpiresIn": 60}).Want(200, "")
	if a.Text("user.banReason") != "spam" || a.Value("user.banned") != true || a.Value("user.banExpires") == nil {
		t.Errorf("banned: %s", a.Body)
	}
	if got := session.Get(api + "/get-session"); string(got.Body) != "null" {
		t.Errorf("session of a banned person: %s", got.Body)
	}
	signIn := func(password string) *servertest.Answer {
		return h.Browser().Post(api+"/sign-in/email", body{"email": u.Email, "password": password})
	}
	refused := signIn(servertest.Password).Want(403, "BANNED_USER")
	if !strings.HasPrefix(refused.Text("message"), "You have been banned") || len(refused.Cookies()) != 0 {
		t.Errorf("refusal: %s", refused.Body)
	}
	signIn("wrong-password").Want(401, "INVALID_EMAIL_OR_PASSWORD")

	again := ban(body{"userId": u.ID, "banReason": ""}).Want(200, "")
	if again.Text("user.banReason") != "No reason" || again.Value("user.banExpires") != nil {
		t.Errorf("banned again: %s", again.Body)
	}
	un := h.root.Post(api+"/admin/unban-user", body{"userId": u.ID}).Want(200, "")
	if un.Value("user.banned") != false || un.Value("user.banReason") != nil {
		t.Errorf("unbanned: %s", un.Body)
	}
	h.root.Post(api+"/admin/unban-user", body{"userId": u.ID}).Want(200, "")
	signIn(servertest.Password).Want(200, "")
	ban(body{"userId": h.User(rootEmail).ID}).Want(400, "YOU_CANNOT_BAN_YOURSELF")
	if h.count("user.banned", u.ID) != 2 || h.count("user.unbanned", u.ID) != 1 {
		t.Error("events of the bans are missing")
	}
}

func TestSetUserPassword(t *testing.T) {
	h := open(t, nil, nil)
	u, session := h.person("ann", "user")
	set := func(id, password string) *servertest.Answer {
		return h.root.Post(api+"/admin/set-user-password", body{"userId": id, "newPassword": password})
	}
	set(u.ID, "1234567").Want(400, "PASSWORD_TOO_SHORT")
	set("nobody", "1234567").Want(400, "PASSWORD_TOO_SHORT")
	set(u.ID, strings.Repeat("x", 129)).Want(400, "PASSWORD_TOO_LONG")
	set(u.ID, "password1234").Want(400, "PASSWORD_COMPROMISED")
	if a := set(u.ID, "another-Good-1-password").Want(200, ""); string(a.Body) != `{"status":true}` {
		t.Errorf("answer %s", a.Body)
	}
	if got := session.Get(api + "/get-session"); string(got.Body) != "null" {
		t.Error("the sessions did not end")
	}
	h.Browser().Post(api+"/sign-in/email", body{"email": u.Email, "password": servertest.Password}).Want(401, "")
	h.Browser().Post(api+"/sign-in/email", body{"email": u.Email, "password": "another-Good-1-password"}).Want(200, "")

	bare := h.root.Post(api+"/admin/create-user", body{"email": "bare@example.test", "name": "B"}).Want(200, "").Text("user.id")
	set(bare, "another-Good-1-password").Want(200, "")
	row, err := h.Host.DB.Access(t.Context()).Account().Query().Where(account.UserID(bare)).Only(t.Context())
	if err != nil || row.AccountID != bare || row.ProviderID != auth.ProviderCredential {
		t.Errorf("account %v, %v", row, err)
	}
	own := h.root.Post(api+"/admin/set-user-password", body{"userId": h.User(rootEmail).ID, "newPassword": "another-Good-1-password"})
	own.Want(200, "")
	h.root.Get(api+"/admin/list-users").Want(200, "")
}

func TestSessionsOfOthers(t *testing.T) {
	h := open(t, nil, nil)
	u, one := h.person("ann", "user")
	two, three := h.SignIn(u.Email), h.SignIn(u.Email)
	list := func() *servertest.Answer {
		return h.root.Post(api+"/admin/list-user-sessions", body{"userId": u.ID}).Want(200, "")
	}
	a := list()
	if n := len(a.Value("sessions").([]any)); n != 3 {
		t.Fatalf("%d sessions", n)
	}
	handle := a.Text("sessions.0.token")
	if !strings.HasPrefix(handle, "handle_") {
		t.Errorf("the list shows %q", handle)
	}
	b := h.Browser()
	b.Header.Set("Authorization", "Bearer "+handle)
	h.root.Post(api+"/admin/revoke-user-session", body{"sessionToken": handle}).Want(200, "")
	if got := three.Get(api + "/get-session"); string(got.Body) != "null" {
		t.Error("the newest session did not end")
	}
	token, _, _ := strings.Cut(two.Cookie("better-auth.session_token"), ".")
	if a := h.root.Post(api+"/admin/revoke-user-session", body{"sessionToken": token}).Want(200, ""); string(a.Body) != `{"success":true}` {
		t.Errorf("answer %s", a.Body)
	}
	if n := len(list().Value("sessions").([]any)); n != 1 {
		t.Errorf("%d sessions are left", n)
	}
	h.root.Post(api+"/admin/revoke-user-sessions", body{"userId": u.ID}).Want(200, "")
	if got := one.Get(api + "/get-session"); string(got.Body) != "null" {
		t.Error("the last session did not end")
	}
}

func TestRemoveUser(t *testing.T) {
	h := open(t, nil, nil)
	u := h.somebody("ann", "user")
	h.root.Post(api+"/admin/remove-user", body{"userId": h.User(rootEmail).ID}).Want(400, "YOU_CANNOT_REMOVE_YOURSELF")
	if a := h.root.Post(api+"/admin/remove-user", body{"userId": u.ID}).Want(200, ""); string(a.Body) != `{"success":true}` {
		t.Errorf("answer %s", a.Body)
	}
	h.root.Post(api+"/admin/remove-user", body{"userId": u.ID}).Want(404, "USER_NOT_FOUND")
}

func TestHasPermission(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.admin_user_ids": "named", "admin.roles": `{lister = {scopes = ["user:list"]}, getter = {scopes = ["user:get"]}}`})
	u, plain := h.person("ann", "user")
	both, err := h.s.SetRole(h.commandLine(), u.ID, []string{"lister", "getter"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		b     *servertest.Browser
		asked body
		want  bool
	}{
		{"held", h.root, body{"user": []string{"create"}}, true},
		{"held pair", h.root, body{"user": []string{"create", "delete"}, "session": []string{"revoke"}}, true},
		{"unheld", h.root, body{"user": []string{"impersonate-admins"}}, false},
		{"half", h.root, body{"user": []string{"create"}, "order": []string{"create"}}, false},
		{"nothing", h.root, body{}, false},
		{"no actions", h.root, body{"user": []string{}}, false},
		{"one role of several", plain, body{"user": []string{"list"}}, true},
		{"roles are not added up", plain, body{"user": []string{"list", "get"}}, false},
	} {
		a := c.b.Post(api+"/admin/has-permission", body{"permissions": c.asked, "userId": "named", "role": "admin"}).Want(200, "")
		if got := a.Value("success"); got != c.want {
			t.Errorf("%s: %v, want %v (%v)", c.name, got, c.want, both.Role)
		}
		if !strings.HasPrefix(string(a.Body), `{"error":null,"success":`) {
			t.Errorf("answer %s", a.Body)
		}
	}
	a := h.root.Post(api+"/admin/has-permission", body{"permission": body{"user": []string{"list"}}}).Want(400, "")
	if a.Text("message") != "invalid permission check. no permission(s) were passed." || a.Value("code") != nil {
		t.Errorf("answer %s", a.Body)
	}
}

func TestClientsDoNotWriteTheColumns(t *testing.T) {
	h := open(t, nil, nil)
	for _, name := range []string{"role", "banReason", "banExpires"} {
		in := body{"name": "E", "email": "eve@example.test", "password": servertest.Password, name: "admin"}
		a := h.Browser().Post(api+"/sign-up/email", in).Want(400, "FIELD_NOT_ALLOWED")
		if a.Text("message") != name+" is not allowed to be set" {
			t.Errorf("message %q", a.Text("message"))
		}
	}
	b := h.SignUp("Eve", "eve@example.test")
	b.Post(api+"/update-user", body{"role": "admin"}).Want(400, "FIELD_NOT_ALLOWED")
	b.Post(api+"/update-user", body{"banned": true}).Want(400, "FIELD_NOT_ALLOWED")
	b.Post(api+"/update-session", body{"impersonatedBy": "x"}).Want(400, "")
	if u := h.User("eve@example.test"); *u.Role != "user" || u.Banned {
		t.Errorf("stored: %v %v", u.Role, u.Banned)
	}
}
