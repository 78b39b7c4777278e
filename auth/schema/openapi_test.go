package schema

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestOpenAPI(t *testing.T) {
	type nullables struct {
		Enum  *string    `json:"enum" schema:"nullable,enum=a|b"`
		Inner *byID      `json:"inner" schema:"nullable"`
		Maybe Maybe[int] `json:"maybe" schema:"min=1,max=9"`
		Any   any        `json:"any" schema:"nullable"`
	}
	type joined struct {
		ID string `json:"id" schema:"min=2,max=5,pattern=x"`
		selector
	}
	tests := []struct {
		name   string
		schema *Schema
		want   string
	}{
		{"sign-up", Of[signUp](), `{"type":"object","required":["name","email","password"],"additionalProperties":{},"properties":{
			"name":{"type":"string"},"email":{"type":"string","format":"email"},"password":{"type":"string","minLength":1},
			"image":{"type":"string"},"callbackURL":{"type":"string"},"rememberMe":{"type":"boolean"}}}`},
		{"default", Of[signIn](), `{"type":"object","required":["email","password"],"properties":{
			"email":{"type":"string"},"password":{"type":"string"},"rememberMe":{"type":"boolean","default":true}}}`},
		{"social", Of[social](), `{"type":"object","required":["provider"],"properties":{"provider":{"type":"string"},
			"idToken":{"type":"object","required":["token"],"properties":{"token":{"type":"string"},"accessToken":{"type":"string"},
				"user":{"type":"object","properties":{"email":{"type":"string"}}}}},
			"scopes":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":3},
			"additionalParams":{"type":"object","additionalProperties":{"type":"string"}}}}`},
		{"union", Of[selector](), `{"anyOf":[
			{"type":"object","required":["accountId"],"additionalProperties":false,"properties":{"accountId":{"type":"string"},"userId":{"type":"string"}}},
			{"type":"object","required":["useAccountCookie"],"additionalProperties":false,"properties":{"useAccountCookie":{"type":"boolean","const":true},"userId":{"type":"string"}}}]}`},
		{"nullable", Of[nullables](), `{"type":"object","required":["any"],"properties":{
			"enum":{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]},
			"inner":{"type":["object","null"],"required":["accountId"],"additionalProperties":false,"properties":{"accountId":{"type":"string"},"userId":{"type":"string"}}},
			"maybe":{"type":["integer","null"],"minimum":1,"maximum":9},"any":{}}}`},
		{"every", Of[every](), `{"type":"object","required":["grant_type","newPassword","userId","response"],"properties":{
			"grant_type":{"type":"string","enum":["urn:x:device_code"]},"direction":{"type":"string","enum":["asc","desc"]},
			"newPassword":{"type":"string","minLength":1,"maxLength":8},"userId":{"type":"string"},"remaining":{"type":["number","null"],"minimum":0},
			"logo":{"type":["string","null"]},"count":{"type":"integer","minimum":1,"maximum":10},"limit":{"type":"number"},
			"role":{"anyOf":[{"type":"string","minLength":1},{"type":"array","items":{"type":"string","minLength":1}}]},
			"response":{},"metadata":{},"filter":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"array","items":{"type":"string"}}]},
			"permissions":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string","enum":["read","write"]}}},
			"at":{"type":"string","format":"date-time"},"slug":{"type":"string","pattern":"^[a-z]{1,3}$"},"free":{"type":"object","additionalProperties":{}}}}`},
		{"record", Of[map[string]any](), `{"type":"object","additionalProperties":{}}`},
		{"none", nil, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { equalJSON(t, tt.schema.OpenAPI(), tt.want) })
	}
	all, _ := Of[joined]().OpenAPI()["allOf"].([]any)
	if len(all) != 2 {
		t.Fatalf("a join has %d parts", len(all))
	}
	equalJSON(t, all[0], `{"type":"object","required":["id"],"properties":{"id":{"type":"string","minLength":2,"maxLength":5,"pattern":"x"}}}`)
}

func TestOpenAPIIsFresh(t *testing.T) {
	s := Of[signIn]()
	s.OpenAPI()["properties"].(map[string]any)["email"] = "changed"
	if s.OpenAPI()["properties"].(map[string]any)["email"] == "changed" {
		t.Error("a caller's change stays")
	}
}

func TestParameters(t *testing.T) {
	type query struct {
		Token string  `json:"token" schema:"max=10"`
		URL   *string `json:"callbackURL"`
		Fresh bool    `json:"fresh" schema:"coerce"`
	}
	equalJSON(t, Of[query]().Parameters(), `[{"name":"token","in":"query","required":true,"schema":{"type":"string","maxLength":10}},
		{"name":"callbackURL","in":"query","schema":{"type":"string"}},{"name":"fresh","in":"query","schema":{"type":"boolean"}}]`)
	equalJSON(t, Of[selector]().Parameters(), `[{"name":"accountId","in":"query","schema":{"type":"string"}},
		{"name":"userId","in":"query","schema":{"type":"string"}},{"name":"useAccountCookie","in":"query","schema":{"type":"boolean","const":true}}]`)
	if Of[query](Optional()).Parameters()[0]["required"] != nil || (*Schema)(nil).Parameters() != nil {
		t.Error("an optional query has a required parameter")
	}
	if Of[query]().IsOptional() || !Of[query](Optional()).IsOptional() || !(*Schema)(nil).IsOptional() {
		t.Error("IsOptional")
	}
}

func equalJSON(t *testing.T, got any, want string) {
	t.Helper()
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var g, w any
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}
