package schema

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

type signUp struct {
	Name        string         `json:"name"`
	Email       string         `json:"email" schema:"email"`
	Password    string         `json:"password" schema:"min=1"`
	Image       *string        `json:"image"`
	CallbackURL *string        `json:"callbackURL"`
	RememberMe  *bool          `json:"rememberMe"`
	Rest        map[string]any `json:"-" schema:"rest"`
}

type signIn struct {
	Email      string `json:"email"`
	Password   string `json:"password"`
	RememberMe bool   `json:"rememberMe" schema:"default=true"`
}

type social struct {
	Provider string   `json:"provider" schema:"error=Invalid input"`
	IDToken  *idToken `json:"idToken"`
	Scopes   []string `json:"scopes" schema:"optional,min=1,max=3"`
	Params   params   `json:"additionalParams" schema:"optional"`
}

type idToken struct {
	Token       string  `json:"token"`
	AccessToken *string `json:"accessToken"`
	User        *struct {
		Email *string `json:"email"`
	} `json:"user"`
}

type params map[string]string

func (p *params) Check(r Report) {
	if _, ok := (*p)["state"]; ok {
		r.Add("additionalParams cannot include reserved OAuth parameters: state")
	}
}

type byID struct {
	_         struct{} `schema:"strict"`
	AccountID string   `json:"accountId"`
	UserID    *string  `json:"userId"`
}

type byCookie struct {
	_      struct{} `schema:"strict"`
	Use    bool     `json:"useAccountCookie" schema:"literal=true,coerce"`
	UserID *string  `json:"userId"`
}

type selector struct {
	Union
	ID     *byID
	Cookie *byCookie
}

type permission struct {
	UserID *string `json:"userId" schema:"coerce"`
	oneOf
}

type oneOf struct {
	Permissions map[string][]string `json:"permissions" schema:"optional"`
	Permission  map[string][]string `json:"permission" schema:"optional"`
}

func (p *permission) Check(r Report) {
	if (p.Permission == nil) == (p.Permissions == nil) {
		r.Add("Invalid input")
	}
}

type every struct {
	Literal string              `json:"grant_type" schema:"literal=urn:x:device_code"`
	Enum    *string             `json:"direction" schema:"enum=asc|desc"`
	New     string              `json:"newPassword" schema:"min=1,max=8,message='newPassword cannot be empty, please'"`
	Coerced string              `json:"userId" schema:"coerce"`
	Maybe   Maybe[float64]      `json:"remaining" schema:"min=0"`
	Null    *string             `json:"logo" schema:"nullable"`
	Whole   *int                `json:"count" schema:"min=1,max=10"`
	Number  *float64            `json:"limit" schema:"coerce"`
	Role    StringOrList        `json:"role" schema:"optional,min=1"`
	Any     any                 `json:"response"`
	Raw     json.RawMessage     `json:"metadata" schema:"optional"`
	Filter  Value               `json:"filter" schema:"optional,union=string|number|strings"`
	Perms   map[string][]string `json:"permissions" schema:"optional,enum=read|write"`
	At      *time.Time          `json:"at"`
	Slug    *string             `json:"slug" schema:"pattern='^[a-z]{1,3}$'"`
	Free    *Object             `json:"free" schema:"optional"`
	Hidden  string              `json:"-"`
}

// ok is the smallest body of every, with more members added.
func ok(more string) string {
	base := `{"grant_type":"urn:x:device_code","newPassword":"x","userId":"u","response":null`
	if more != "" {
		base += "," + more
	}
	return base + "}"
}

func TestReasons(t *testing.T) {
	up, in, so := Of[signUp](), Of[signIn](), Of[social]()
	sel, perm, all, record := Of[selector](), Of[permission](), Of[every](), Of[map[string]any]()
	tests := []struct {
		schema    *Schema
		raw, want string // want empty: it is accepted
	}{
		{up, `{"name":"A","email":"a@b.co","password":"x"}`, ""},
		{up, `{}`, "[body.name] Invalid input: expected string, received undefined; [body.email] Invalid input: expected string, received undefined; [body.password] Invalid input: expected string, received undefined"},
		{up, `[]`, "[body] Invalid input: expected object, received array; [body] Invalid input: expected record, received array"},
		{up, `null`, "[body] Invalid input: expected object, received null; [body] Invalid input: expected record, received null"},
		{up, `{"name":1,"email":"no","password":"","image":null,"rememberMe":"x"}`, "[body.name] Invalid input: expected string, received number; [body.email] Invalid email address; [body.password] Too small: expected string to have >=1 characters; [body.image] Invalid input: expected string, received null; [body.rememberMe] Invalid input: expected boolean, received string"},
		{in, `{"email":{},"password":"p"}`, "[body.email] Invalid input: expected string, received object"},
		{in, `{"email":true,"password":[]}`, "[body.email] Invalid input: expected string, received boolean; [body.password] Invalid input: expected string, received array"},
		{in, `"text"`, "[body] Invalid input: expected object, received string"},
		{in, `7`, "[body] Invalid input: expected object, received number"},
		{in, `{"email":"a","email":1,"password":"p"}`, "[body.email] Invalid input: expected string, received number"},
		{in, `{"email":"a\u0000b","password":"p"}`, "[body.email] Invalid string: must not include the character U+0000"},
		{so, `{}`, "[body.provider] Invalid input"},
		{so, `{"provider":"x","idToken":{}}`, "[body.idToken.token] Invalid input: expected string, received undefined"},
		{so, `{"provider":"x","idToken":null}`, "[body.idToken] Invalid input: expected object, received null"},
		{so, `{"provider":"x","idToken":{"token":"t","user":{"email":1}}}`, "[body.idToken.user.email] Invalid input: expected string, received number"},
		{so, `{"provider":"x","scopes":["a",2]}`, "[body.scopes.1] Invalid input: expected string, received number"},
		{so, `{"provider":"x","scopes":[]}`, "[body.scopes] Too small: expected array to have >=1 items"},
		{so, `{"provider":"x","scopes":["a","b","c","d"]}`, "[body.scopes] Too big: expected array to have <=3 items"},
		{so, `{"provider":"x","scopes":{}}`, "[body.scopes] Invalid input: expected array, received object"},
		{so, `{"provider":"x","additionalParams":{"state":"s"}}`, "[body.additionalParams] additionalParams cannot include reserved OAuth parameters: state"},
		{so, `{"provider":"x","additionalParams":{"state":1}}`, "[body.additionalParams.state] Invalid input: expected string, received number"},
		{so, `{"provider":"x","additionalParams":[]}`, "[body.additionalParams] Invalid input: expected record, received array"},
		{sel, `{"accountId":"1"}`, ""},
		{sel, `{"useAccountCookie":true,"userId":"u"}`, ""},
		{sel, `{"useAccountCookie":false}`, "[body] Invalid input"},
		{sel, `{"accountId":"1","useAccountCookie":true}`, "[body] Invalid input"},
		{sel, `{"accountId":"1","extra":1}`, "[body] Invalid input"},
		{sel, `[]`, "[body] Invalid input"},
		{perm, `{"permissions":{"user":["a"]},"userId":5}`, ""},
		{perm, `{}`, "[body] Invalid input"},
		{perm, `{"permissions":{},"permission":{}}`, "[body] Invalid input"},
		{perm, `{"permissions":{"user":"a"}}`, "[body.permissions.user] Invalid input: expected array, received string"},
		{record, `{"__proto__":{"admin":true}}`, ""},
		{record, `[]`, "[body] Invalid input: expected record, received array"},
		{record, `{"a":["\u0000"]}`, "[body.a] Invalid string: must not include the character U+0000"},
		{all, ok(""), ""},
		{all, ok(`"grant_type":"password"`), `[body.grant_type] Invalid input: expected "urn:x:device_code"`},
		{all, ok(`"direction":"up"`), `[body.direction] Invalid option: expected one of "asc"|"desc"`},
		{all, ok(`"newPassword":""`), "[body.newPassword] newPassword cannot be empty, please"},
		{all, ok(`"newPassword":"123456789"`), "[body.newPassword] newPassword cannot be empty, please"},
		{all, ok(`"userId":null`), "[body.userId] Invalid input: expected string, received null"},
		{all, ok(`"userId":1.5e300`), ""},
		{all, ok(`"remaining":null`), ""},
		{all, ok(`"remaining":-1`), "[body.remaining] Too small: expected number to be >=0"},
		{all, ok(`"remaining":1e999`), "[body.remaining] Invalid input: expected number, received Infinity"},
		{all, ok(`"logo":null`), ""},
		{all, ok(`"logo":3`), "[body.logo] Invalid input: expected string, received number"},
		{all, ok(`"count":1.5`), "[body.count] Invalid input: expected int, received number"},
		{all, ok(`"count":11`), "[body.count] Too big: expected number to be <=10"},
		{all, ok(`"count":9007199254740993`), "[body.count] Too big: expected int to be <=9007199254740991"},
		{all, ok(`"count":-1e300`), "[body.count] Too small: expected int to be >=-9007199254740991"},
		{all, ok(`"count":"5"`), "[body.count] Invalid input: expected number, received string"},
		{all, ok(`"limit":"abc"`), "[body.limit] Invalid input: expected number, received NaN"},
		{all, ok(`"role":["a",1]`), "[body.role] Invalid input"},
		{all, ok(`"role":""`), "[body.role] Too small: expected string to have >=1 characters"},
		{all, ok(`"role":["a","b"]`), ""},
		{all, `{"grant_type":"urn:x:device_code","newPassword":"x","userId":"u"}`, "[body.response] Invalid input: expected nonoptional, received undefined"},
		{all, ok(`"metadata":{"a":"\u0000"}`), "[body.metadata] Invalid string: must not include the character U+0000"},
		{all, ok(`"filter":["a","b"]`), ""},
		{all, ok(`"filter":["a",1]`), "[body.filter] Invalid input"},
		{all, ok(`"filter":true`), "[body.filter] Invalid input"},
		{all, ok(`"permissions":{"a":["read","x"]}`), `[body.permissions.a.1] Invalid option: expected one of "read"|"write"`},
		{all, ok(`"at":"2026-01-02T03:04:05.678Z"`), ""},
		{all, ok(`"at":"yesterday"`), "[body.at] Invalid input: expected date, received string"},
		{all, ok(`"slug":"abcd"`), "[body.slug] Invalid string: must match pattern /^[a-z]{1,3}$/"},
		{all, ok(`"free":[]`), "[body.free] Invalid input: expected record, received array"},
		{all, ok(`"logo":"` + strings.Repeat("x", 65_537) + `"`), "[body.logo] Too big: expected string to have <=65536 characters"},
	}
	for _, tt := range tests {
		_, err := tt.schema.ParseJSON([]byte(tt.raw), true)
		if got := reasonOf(err); got != tt.want {
			t.Errorf("%.100s\n got  %s\n want %s", tt.raw, got, tt.want)
		}
	}
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAbsentBody(t *testing.T) {
	if _, err := Of[signIn]().ParseJSON(nil, false); reasonOf(err) != "[body] Invalid input: expected object, received undefined" {
		t.Errorf("required object: %v", err)
	}
	if _, err := Of[map[string]any]().ParseJSON(nil, false); reasonOf(err) != "[body] Invalid input: expected record, received undefined" {
		t.Errorf("required record: %v", err)
	}
	got, err := Of[signIn](Optional()).ParseJSON(nil, false)
	if err != nil || As[signIn](got) != (signIn{}) {
		t.Errorf("optional object: %v, %v", got, err)
	}
	if _, err := Of[signIn](Optional()).ParseJSON(nil, true); !errors.Is(err, ErrInvalidJSON) {
		t.Errorf("empty text: %v", err)
	}
	var none *Schema
	if got, err := none.ParseJSON([]byte(`[1]`), true); got != nil || err != nil {
		t.Errorf("no schema: %v, %v", got, err)
	}
	if As[signIn](nil) != (signIn{}) {
		t.Error("As(nil) is not zero")
	}
}

func TestValues(t *testing.T) {
	parsed, err := Of[every]().ParseJSON([]byte(ok(`"userId":1e21,"remaining":null,"count":7,"limit":" 0x10 ","role":["a","b"],
		"metadata":{"b":1.0,"a":"<"},"filter":2,"permissions":{"__proto__":["read"]},"at":"2026-01-02T05:04:05.678+02:00","free":{"z":1,"a":2},"direction":"asc","unknown":1`)), true)
	if err != nil {
		t.Fatal(err)
	}
	got := As[every](parsed)
	free, _ := Marshal(got.Free)
	filter, _ := got.Filter.Number()
	want := []any{"1e+21", Maybe[float64]{Present: true, Null: true}, 7, 16.0, "a,b", true, `{"b":1,"a":"<"}`, 2.0, map[string][]string{"__proto__": {"read"}}, "2026-01-02T03:04:05.678Z", `{"z":1,"a":2}`, "asc"}
	have := []any{got.Coerced, got.Maybe, *got.Whole, *got.Number, got.Role.Join(","), got.Role.IsList, string(got.Raw), filter, got.Perms, got.At.Format(time.RFC3339Nano), string(free), *got.Enum}
	if !reflect.DeepEqual(have, want) {
		t.Errorf("got  %v\nwant %v", have, want)
	}
	if got.Maybe.Or(3) != 3 || (Maybe[float64]{Present: true, Value: 4}).Or(3) != 4 {
		t.Error("Maybe.Or")
	}
}

func TestRestKeepsUndeclaredKeys(t *testing.T) {
	raw := []byte(`{"name":"A","zeta":{"x":[1,null]},"email":"a@b.co","password":"p","__proto__":"plain","alpha":"b"}`)
	parsed, err := Of[signUp]().ParseJSON(raw, true)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"zeta": map[string]any{"x": []any{1.0, nil}}, "__proto__": "plain", "alpha": "b"}
	if got := As[signUp](parsed).Rest; !reflect.DeepEqual(got, want) {
		t.Errorf("rest is %v", got)
	}
	type ordered struct {
		Name string  `json:"name"`
		Rest *Object `json:"-" schema:"rest=loose"`
	}
	parsed, err = Of[ordered]().ParseJSON(raw, true)
	if err != nil {
		t.Fatal(err)
	}
	if keys := strings.Join(As[ordered](parsed).Rest.Keys(), " "); keys != "zeta email password __proto__ alpha" {
		t.Errorf("keys are %s", keys)
	}
	if _, err := Of[ordered]().ParseJSON([]byte(`[]`), true); reasonOf(err) != "[body] Invalid input: expected object, received array" {
		t.Errorf("loose: %v", err)
	}
}

func TestStructCalledRecord(t *testing.T) {
	type update struct {
		_    struct{}       `schema:"record"`
		Name *string        `json:"name"`
		Rest map[string]any `json:"-" schema:"rest"`
	}
	s := Of[update]()
	for raw, want := range map[string]string{
		`[]`:            "[body] Invalid input: expected record, received array",
		`{"name":null}`: "[body.name] Invalid input: expected string, received null",
		`{"other":1}`:   "",
	} {
		if _, err := s.ParseJSON([]byte(raw), true); reasonOf(err) != want {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestStrict(t *testing.T) {
	s := Of[byID]()
	for raw, want := range map[string]string{
		`{"accountId":"a","x":1}`:       `[body] Unrecognized key: "x"`,
		`{"accountId":"a","x":1,"y":2}`: `[body] Unrecognized keys: "x", "y"`,
	} {
		if _, err := s.ParseJSON([]byte(raw), true); reasonOf(err) != want {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestUnionToldByItsOneNearChoice(t *testing.T) {
	type short struct {
		Name string `json:"name" schema:"min=3"`
	}
	type long struct {
		Other string `json:"other"`
	}
	type either struct {
		Union
		Short *short
		Long  *long
	}
	type joined struct {
		ID string `json:"id"`
		either
	}
	_, err := Of[either]().ParseJSON([]byte(`{"name":"a"}`), true)
	if want := "[body.name] Too small: expected string to have >=3 characters"; reasonOf(err) != want {
		t.Errorf("union: %v", err)
	}
	_, err = Of[joined]().ParseJSON([]byte(`{"id":"1"}`), true)
	if reasonOf(err) != "[body] Invalid input" {
		t.Errorf("join: %v", err)
	}
	parsed, err := Of[joined]().ParseJSON([]byte(`{"id":"1","other":"o"}`), true)
	if err != nil || As[joined](parsed).Long.Other != "o" || As[joined](parsed).Short != nil {
		t.Errorf("join: %v, %v", parsed, err)
	}
}

func TestFormsAndQueries(t *testing.T) {
	form := url.Values{"email": {"a", "b"}, "password": {"p"}, "rememberMe": {"false"}, "none": {}}
	if _, err := Of[signIn]().ParseForm(form); reasonOf(err) != "[body.rememberMe] Invalid input: expected boolean, received string" {
		t.Errorf("form: %v", err)
	}
	delete(form, "rememberMe")
	parsed, err := Of[signIn]().ParseForm(form)
	if want := (signIn{Email: "b", Password: "p", RememberMe: true}); err != nil || As[signIn](parsed) != want {
		t.Errorf("form: %v, %v", parsed, err)
	}
	type query struct {
		Fresh  bool         `json:"fresh" schema:"coerce"`
		URL    *string      `json:"url"`
		Roles  StringOrList `json:"roles" schema:"optional"`
		Number *float64     `json:"n" schema:"coerce"`
	}
	q := Of[query]()
	for text, want := range map[string]bool{"": false, "fresh": false, "fresh=": false, "fresh=false": true, "fresh=0": true, "fresh=a&fresh=": true} {
		values, _ := url.ParseQuery(text)
		parsed, err := q.ParseQuery(values)
		if err != nil || As[query](parsed).Fresh != want {
			t.Errorf("%q: %v, %v", text, parsed, err)
		}
	}
	if _, err := q.ParseQuery(url.Values{"url": {"a", "b"}}); reasonOf(err) != "[query.url] Invalid input: expected string, received array" {
		t.Errorf("repeated: %v", err)
	}
	parsed, err = Of[selector]().ParseQuery(url.Values{"useAccountCookie": {"true"}})
	if err != nil || As[selector](parsed).Cookie == nil {
		t.Errorf("literal in a query: %v, %v", parsed, err)
	}
	if _, err = Of[selector]().ParseQuery(url.Values{"useAccountCookie": {"yes"}}); reasonOf(err) != "[query] Invalid input" {
		t.Errorf("other literal in a query: %v", err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	long := strings.Repeat("ä", 500)
	items := strings.TrimSuffix(strings.Repeat(`{"`+long+`":{"`+long+`":{"`+long+`":{"`+long+`":1}}}},`, 100), ",")
	type deep []map[string]map[string]map[string]map[string]string
	_, err := Of[deep]().ParseJSON([]byte("["+items+"]"), true)
	var issues *Issues
	if !errors.As(err, &issues) || len(issues.List) != maxIssues {
		t.Fatalf("got %v", err)
	}
	if n := len(err.Error()); n > maxIssues*(maxPath+100) {
		t.Errorf("the text has %d bytes", n)
	}
}

func TestWrongDeclarationsPanic(t *testing.T) {
	type again struct {
		Next *again `json:"next"`
	}
	for name, of := range map[string]func(){
		"no tag": func() { Of[struct{ A string }]() },
		"twice": func() {
			Of[struct {
				oneOf
				Permission string `json:"permission"`
			}]()
		},
		"unknown option": func() {
			Of[struct {
				A string `json:"a" schema:"mni=1"`
			}]()
		},
		"bad bound": func() {
			Of[struct {
				A string `json:"a" schema:"min=x"`
			}]()
		},
		"bad default": func() {
			Of[struct {
				A bool `json:"a" schema:"default=maybe"`
			}]()
		},
		"wrong default": func() {
			Of[struct {
				A string `json:"a" schema:"default=x,enum=y|z"`
			}]()
		},
		"channel": func() {
			Of[struct {
				A chan int `json:"a"`
			}]()
		},
		"recursive": func() { Of[again]() },
		"two rests": func() {
			Of[struct {
				A, B map[string]any `schema:"rest"`
			}]()
		},
		"union kind": func() {
			Of[struct {
				A Value `json:"a" schema:"union=text"`
			}]()
		},
		"other type": func() { p, _ := Of[signIn]().ParseJSON([]byte(`{"email":"","password":""}`), true); As[signUp](p) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			of()
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{ok(""), `{"name":"a","email":"a@b.co","password":"x"}`, `[]`, `{"provider":1,"idToken":{"token":[]}}`, `{"accountId":1}`} {
		f.Add([]byte(seed))
	}
	schemas := []*Schema{Of[signUp](), Of[social](), Of[selector](), Of[permission](), Of[every]()}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, s := range schemas {
			if _, err := s.ParseJSON(raw, true); err != nil && len(err.Error()) > maxIssues*(maxPath+200) {
				t.Fatalf("error text of %d bytes", len(err.Error()))
			}
		}
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return
		}
		for _, s := range schemas {
			_, _ = s.ParseQuery(values)
			_, _ = s.ParseForm(values)
		}
	})
}
