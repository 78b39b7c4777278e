package openapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// operation describes one endpoint.
func operation(h *plugins.Host, part plugins.Part, e plugins.Endpoint) map[string]any {
	op := map[string]any{
		"tags":        []any{tagOf(part)},
		"summary":     e.Summary.English(),
		"description": "Who: " + e.Access.Words().English(),
		"security":    []any{map[string]any{"bearerAuth": []any{}}},
		"responses":   responses(e),
	}
	if e.Name != "" {
		op["operationId"] = e.Name
	}
	if list := parameters(e); len(list) > 0 {
		op["parameters"] = list
	}
	if body := requestBody(h, part, e); body != nil {
		op["requestBody"] = body
	}
	return op
}

// parameters are those of the query, then those of the path.
func parameters(e plugins.Endpoint) []any {
	var list []any
	for _, p := range e.Query.Parameters() {
		list = append(list, p)
	}
	for _, name := range pathParameters(e.Path) {
		list = append(list, map[string]any{"name": name, "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
	}
	return list
}

// requestBody is nil for methods without one. A core POST without a declared body
// shows an empty object, one of a plugin nothing.
func requestBody(h *plugins.Host, part plugins.Part, e plugins.Endpoint) map[string]any {
	if !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, e.Method) {
		return nil
	}
	if e.Body == nil {
		if !part.BuiltIn {
			return nil
		}
		return map[string]any{"required": false, "content": media(map[string]any{"type": "object", "properties": map[string]any{}}, false)}
	}
	return map[string]any{"required": !e.Body.IsOptional() && !e.BodyOptional, "content": media(bodySchema(h, e), e.Form)}
}

func media(schema map[string]any, form bool) map[string]any {
	content := map[string]any{"application/json": map[string]any{"schema": schema}}
	if form {
		content["application/x-www-form-urlencoded"] = map[string]any{"schema": schema}
	}
	return content
}

// bodySchema is the declared body. Where people's own fields are taken, those that
// plugins and settings declare are added (better-auth open-api D1).
func bodySchema(h *plugins.Host, e plugins.Endpoint) map[string]any {
	body := e.Body.OpenAPI()
	if e.Path != "/sign-up/email" && e.Path != "/update-user" {
		return body
	}
	properties, _ := body["properties"].(map[string]any)
	if properties == nil {
		properties = map[string]any{}
		body["properties"] = properties
	}
	for _, f := range h.Fields.Of("user") {
		if _, known := properties[f.Name]; known || !f.Input {
			continue
		}
		properties[f.Name] = fieldSchema(f)
		if f.Required && f.Default == nil {
			body["required"] = withRequired(body["required"], f.Name)
		}
	}
	return body
}

// withRequired adds a name to the list of required properties, whatever slice it is.
func withRequired(list any, name string) []string {
	var names []string
	switch list := list.(type) {
	case []string:
		names = append(names, list...)
	case []any:
		for _, n := range list {
			if text, ok := n.(string); ok {
				names = append(names, text)
			}
		}
	}
	return append(names, name)
}

// standard are the refusals that any endpoint may answer.
var standard = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
	http.StatusTooManyRequests, http.StatusInternalServerError}

var sentences = map[int]string{
	http.StatusBadRequest:          "Bad request: a parameter is missing or wrong.",
	http.StatusUnauthorized:        "Unauthorized: there is no session, or it is over.",
	http.StatusForbidden:           "Forbidden: the principal may not do this.",
	http.StatusNotFound:            "Not found.",
	http.StatusTooManyRequests:     "Too many requests. The header Retry-After says how long to wait.",
	http.StatusInternalServerError: "Internal server error.",
}

// responses are the answer and the refusals. The codes an endpoint declares are listed
// with their status.
func responses(e plugins.Endpoint) map[string]any {
	all := map[string]any{strconv.Itoa(http.StatusOK): success(e)}
	declared := byStatus(e.Errors)
	for _, status := range slices.Concat(standard, slices.Sorted(maps.Keys(declared))) {
		all[strconv.Itoa(status)] = refusal(status, declared[status])
	}
	return all
}

func success(e plugins.Endpoint) map[string]any {
	answer := map[string]any{"description": "Success"}
	if e.Output != nil {
		answer["content"] = map[string]any{"application/json": map[string]any{"schema": e.Output.OpenAPI()}}
	}
	return answer
}

// byStatus groups the codes of errors by their status, each once.
func byStatus(list []*auth.Error) map[int][]any {
	codes := map[int][]any{}
	for _, e := range list {
		known := codes[e.Status]
		if e.Code != "" && !slices.Contains(known, any(e.Code)) {
			known = append(known, e.Code)
		}
		codes[e.Status] = known
	}
	return codes
}

func refusal(status int, codes []any) map[string]any {
	code := map[string]any{"type": "string"}
	if len(codes) > 0 {
		code["examples"] = codes
	}
	sentence := sentences[status]
	if sentence == "" {
		sentence = http.StatusText(status)
	}
	return map[string]any{"description": sentence, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{
		"type": "object", "required": []string{"message"},
		"properties": map[string]any{"message": map[string]any{"type": "string"}, "code": code}}}}}
}
