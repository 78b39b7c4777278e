package openapi_test

import (
	"context"
	"encoding/json"
	"gatehouse/auth/words"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers"
	"gatehouse/plugins"
	"gatehouse/plugins/openapi"
	"gatehouse/web/webtest"
)

type signUp struct {
	Name     string         `json:"name"`
	Email    string         `json:"email" schema:"email"`
	Password string         `json:"password" schema:"min=8"`
	Remember *bool          `json:"rememberMe"`
	Rest     map[string]any `json:"-" schema:"rest"`
}

type social struct {
	Provider string `json:"provider" schema:"max=64"`
	IDToken  *struct {
		Token  string  `json:"token"`
		Access *string `json:"accessToken"`
	} `json:"idToken"`
}

type sessionQuery struct {
	Fresh bool `json:"disableCookieCache" schema:"coerce"`
}

// base stands for the core: some endpoints of every shape, further fields, and a
// credential that names a role.
type base struct{}

func (base) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "base", Name: "Base", BuiltIn: true}
}

func (base) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	none := func(*plugins.Call) (any, error) { return nil, nil }
	post := func(path, name string, body *schema.Schema) plugins.Endpoint {
		return plugins.Endpoint{Method: http.MethodPost, Path: path, Name: name, Summary: words.Raw("Does " + name), Body: body, Handle: none}
	}
	signOut := post("/sign-out", "signOut", nil)
	hidden := post("/secret-path", "secretPath", nil)
	hidden.Hidden = true
	social := post("/sign-in/social", "socialSignIn", schema.Of[social]())
	social.Errors = []*auth.Error{auth.ErrProviderNotFound, auth.ErrInvalidToken, auth.ErrInvalidToken, auth.Empty(http.StatusTeapot)}
	return plugins.Contribution{
		Fields: []auth.Field{
			{Entity: "user", Name: "username", Type: "string", Input: true, Returned: true},
			{Entity: "user", Name: "plan", Type: "string", Input: true, Returned: true, Required: true},
			{Entity: "user", Name: "level", Type: "number", Input: true, Returned: true, Required: true, Default: 1},
			{Entity: "user", Name: "internal", Type: "json", Returned: true},
		},
		Endpoints: []plugins.Endpoint{
			post("/sign-up/email", "signUpEmail", schema.Of[signUp]()), social, signOut, hidden,
			{Method: http.MethodGet, Path: "/get-session", Name: "getSession", Query: schema.Of[sessionQuery](schema.Optional()), Handle: none,
				Access: plugins.Access{Who: plugins.SignedIn, Scope: "user:list"}},
			{Method: http.MethodPost, Path: "/get-session", Name: "getSessionPost", Handle: none},
			{Method: http.MethodGet, Path: "/callback/:id", Handle: none},
			{Method: http.MethodPost, Path: "/off", Handle: none},
		},
		Authenticators: []plugins.Authenticator{{Scheme: "test", Present: func(_ context.Context, r *http.Request) (*plugins.Presented, error) {
			role := r.Header.Get("X-Role")
			if role == "" {
				return nil, nil
			}
			var grants []auth.Grant
			for scope := range h.Scopes.OfRole(role) {
				grants = append(grants, auth.Grant{Scope: scope})
			}
			return &plugins.Presented{Principal: auth.NewPrincipal(auth.Principal{Subject: "u1", Scheme: "test", Name: "Ada"}, grants, h.Clock())}, nil
		}}},
	}, nil
}

// feature is a plugin that is not built in and has a path with a hostile summary.
type feature struct{}

func (feature) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "two-factor", Name: "Two-factor", Sentence: `Second <b>factors</b>.`}
}

func (feature) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Endpoints: []plugins.Endpoint{{Method: http.MethodPost, Path: "/two-factor/enable", Name: "enableTwoFactor",
		Summary: `"><script>alert(1)</script>`, Handle: func(*plugins.Call) (any, error) { return nil, nil }}}}, nil
}

func newServer(t *testing.T, config string) *handlers.Server {
	t.Helper()
	core, part := settings.NewCore(), openapi.New()
	list := []plugins.Plugin{part, feature{}}
	set, err := settings.Load(settings.Sources{File: settings.File{Path: "test.toml", Data: []byte(config)}},
		append(core.Groups(), plugins.Groups(list)...)...)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := secret.NewRing([]secret.Version{{N: 1, Value: strings.Repeat("0123456789abcdef", 4)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := handlers.New(handlers.Options{Database: dbtest.SQLite(t), Keys: ring, BuiltIn: []plugins.Plugin{base{}}, Plugins: list,
		Settings: set, Core: core, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(s http.Handler, path, role string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "localhost:3000"
	if role != "" {
		r.Header.Set("X-Role", role)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

const schemaPath, pagePath, consolePath = "/api/auth/open-api/generate-schema", "/api/auth/reference", "/admin/api-reference"

// TestDocument checks the document against the OpenAPI 3.1 schema and its members
// against better-auth open-api D2.
func TestDocument(t *testing.T) {
	w := get(newServer(t, `disabled_paths = ["/off"]`), schemaPath, "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	parsed, err := libopenapi.NewDocument(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(parsed)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, p := range problems {
			t.Errorf("%s: %s", p.Message, p.Reason)
			for _, e := range p.SchemaValidationErrors {
				t.Errorf("  %s: %s", e.KeywordLocation, e.Reason)
			}
		}
	}
	var doc map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path []string
		want string
	}{
		{[]string{"openapi"}, `"3.1.1"`},
		{[]string{"servers"}, `[{"url":"http://localhost:3000/api/auth"}]`},
		{[]string{"security"}, `[{"apiKeyCookie":[],"bearerAuth":[]}]`},
		{[]string{"components", "schemas", "User", "properties", "id"}, `{"readOnly":true,"type":"string"}`},
		{[]string{"components", "schemas", "User", "properties", "emailVerified"}, `{"default":false,"readOnly":true,"type":"boolean"}`},
		{[]string{"components", "schemas", "User", "properties", "createdAt"}, `{"format":"date-time","type":"string"}`},
		{[]string{"components", "schemas", "User", "properties", "image"}, `{"type":["string","null"]}`},
		{[]string{"components", "schemas", "User", "properties", "level"}, `{"default":1,"type":"number"}`},
		{[]string{"components", "schemas", "User", "properties", "internal"}, `{"readOnly":true}`},
		{[]string{"components", "schemas", "User", "properties", "additionalFields"}, `null`},
		{[]string{"components", "schemas", "User", "properties", "role"}, `null`},
		{[]string{"components", "schemas", "User", "required"}, `["name","email","emailVerified","createdAt","updatedAt","id","plan","level"]`},
		{[]string{"components", "schemas", "Account", "properties", "issuer"}, `null`},
		{[]string{"components", "schemas", "Account", "properties", "password"}, `{"type":"string","writeOnly":true}`},
		{[]string{"components", "schemas", "Setting"}, `null`},
		{[]string{"components", "schemas", "PlatformInvitation"}, `null`},
		{[]string{"paths", "/off"}, `null`},
		{[]string{"paths", "/secret-path"}, `null`},
		{[]string{"paths", "/open-api/generate-schema"}, `null`},
		{[]string{"paths", "/reference"}, `null`},
		{[]string{"paths", "/sign-up/email", "post", "operationId"}, `"signUpEmail"`},
		{[]string{"paths", "/sign-up/email", "post", "tags"}, `["Default"]`},
		{[]string{"paths", "/sign-up/email", "post", "requestBody", "required"}, `true`},
		{[]string{"paths", "/sign-up/email", "post", "requestBody", "content", "application/json", "schema", "required"}, `["name","email","password","plan"]`},
		{[]string{"paths", "/sign-up/email", "post", "requestBody", "content", "application/json", "schema", "properties", "username"}, `{"type":"string"}`},
		{[]string{"paths", "/sign-up/email", "post", "requestBody", "content", "application/json", "schema", "properties", "internal"}, `null`},
		{[]string{"paths", "/sign-in/social", "post", "requestBody", "content", "application/json", "schema", "properties", "idToken", "required"}, `["token"]`},
		{[]string{"paths", "/sign-in/social", "post", "responses", "404", "content", "application/json", "schema", "properties", "code", "examples"}, `["PROVIDER_NOT_FOUND"]`},
		{[]string{"paths", "/sign-in/social", "post", "responses", "400", "content", "application/json", "schema", "properties", "code", "examples"}, `["INVALID_TOKEN"]`},
		{[]string{"paths", "/sign-in/social", "post", "responses", "418", "description"}, `"I'm a teapot"`},
		{[]string{"paths", "/sign-out", "post", "requestBody", "content", "application/json", "schema"}, `{"properties":{},"type":"object"}`},
		{[]string{"paths", "/two-factor/enable", "post", "requestBody"}, `null`},
		{[]string{"paths", "/two-factor/enable", "post", "tags"}, `["Two-factor"]`},
		{[]string{"paths", "/get-session", "get", "parameters"}, `[{"in":"query","name":"disableCookieCache","schema":{"type":"boolean"}}]`},
		{[]string{"paths", "/get-session", "get", "description"}, `"Who: Signed in, with user:list"`},
		{[]string{"paths", "/get-session", "post", "operationId"}, `"getSessionPost"`},
		{[]string{"paths", "/callback/{id}", "get", "parameters"}, `[{"in":"path","name":"id","required":true,"schema":{"type":"string"}}]`},
	} {
		got, _ := json.Marshal(member(doc, tt.path...))
		if string(got) != tt.want {
			t.Errorf("%s is %s, want %s", strings.Join(tt.path, " "), got, tt.want)
		}
	}
}

func member(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// TestAccess goes through who may see the description, and where.
func TestAccess(t *testing.T) {
	const production = `url = "https://auth.example.com"` + "\n"
	for _, tt := range []struct {
		name, config, role string
		want               int
	}{
		{"development", "", "", http.StatusOK},
		{"stranger", production, "", http.StatusNotFound},
		{"nobody in particular", production, "user", http.StatusForbidden},
		{"viewer", production, "viewer", http.StatusForbidden},
		{"admin", production, "admin", http.StatusOK},
		{"owner", production, "owner", http.StatusOK},
		{"public", production + "[openapi]\npublic = true", "", http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.config)
			for _, path := range []string{schemaPath, pagePath} {
				w := get(s, path, tt.role)
				if w.Code != tt.want {
					t.Errorf("%s answers %d, want %d", path, w.Code, tt.want)
				}
				if tt.want == http.StatusNotFound && w.Body.Len() > 0 {
					t.Errorf("%s says %q to strangers", path, w.Body)
				}
				if tt.want == http.StatusForbidden && !strings.Contains(w.Body.String(), openapi.Scope) {
					t.Errorf("%s does not name the scope", path)
				}
			}
		})
	}
}

// TestPage looks at the list, a search and one endpoint, with and without a frame.
func TestPage(t *testing.T) {
	s := newServer(t, "")
	for _, tt := range []struct {
		name, query, role string // with a role in the console, else on the wire
		status            int
		has, lacks        []string
	}{
		{"list", "", "", 200, []string{"/sign-up/email", "/two-factor/enable", "Core", "Second &lt;b&gt;factors&lt;/b&gt;."}, []string{"<script>alert", "/secret-path", "<b>factors"}},
		{"list in the frame", "", "owner", 200, []string{"/sign-up/email", `aria-label="Main"`}, nil},
		{"search for a path", "?q=Social", "", 200, []string{"/sign-in/social"}, []string{"/sign-up/email", "/two-factor/enable"}},
		{"search for a scope", "?q=user%3Alist+get", "", 200, []string{"/get-session"}, []string{"/sign-up/email"}},
		{"search without hit", "?q=zebra", "", 200, []string{"Nothing matches"}, nil},
		{"hostile search", "?q=" + url.QueryEscape(`"><img src=x>`), "", 200, []string{"Nothing matches"}, []string{"<img src=x"}},
		{"endpoint", "?operation=" + url.QueryEscape("POST /sign-in/social"), "", 200, []string{"idToken.token", "PROVIDER_NOT_FOUND", "at most 64 characters"}, []string{"/sign-up/email"}},
		{"endpoint with parameters", "?operation=" + url.QueryEscape("GET /get-session"), "owner", 200, []string{"disableCookieCache", "with user:list"}, nil},
		{"hidden endpoint", "?operation=" + url.QueryEscape("POST /secret-path"), "", 404, nil, []string{"secretPath"}},
		{"unknown endpoint", "?operation=x", "", 404, nil, nil},
		{"unknown endpoint in the console", "?operation=x", "owner", 404, nil, nil},
		{"console without the scope", "", "viewer", 403, []string{openapi.Scope}, []string{"/sign-up/email"}},
		{"console with links of its own", "", "admin", 200, []string{"/admin/api-reference?operation=POST"}, []string{"/api/auth/reference?"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := pagePath
			if tt.role != "" {
				path = consolePath
			}
			w := get(s, path+tt.query, tt.role)
			if w.Code != tt.status {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			for _, problem := range webtest.Page(w.Body.String()) {
				t.Error(problem)
			}
			for _, text := range tt.has {
				if !strings.Contains(w.Body.String(), text) {
					t.Errorf("the page lacks %q", text)
				}
			}
			for _, text := range tt.lacks {
				if strings.Contains(w.Body.String(), text) {
					t.Errorf("the page has %q", text)
				}
			}
			if !slices.Contains(strings.Split(w.Header().Get("Content-Security-Policy"), "; "), "default-src 'none'") {
				t.Errorf("policy %q", w.Header().Get("Content-Security-Policy"))
			}
		})
	}
}
