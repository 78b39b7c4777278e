package openapi

import (
	"runtime/debug"
	"slices"
	"strings"

	"gatehouse/plugins"
)

// Document builds the OpenAPI 3.1 document of a server (better-auth open-api D1). It
// may be called once everything is collected.
func Document(h *plugins.Host) map[string]any {
	return map[string]any{
		"openapi": "3.1.1",
		"info": map[string]any{"title": "Gatehouse", "version": version(),
			"description": "Sign-in, accounts and administration, in the protocol of better-auth."},
		"components": map[string]any{"schemas": models(h), "securitySchemes": map[string]any{
			"apiKeyCookie": map[string]any{"type": "apiKey", "in": "cookie", "name": cookieName(h), "description": "The session cookie"},
			"bearerAuth":   map[string]any{"type": "http", "scheme": "bearer", "description": "The session token of the header set-auth-token"},
		}},
		"security": []any{map[string]any{"apiKeyCookie": []any{}, "bearerAuth": []any{}}},
		"servers":  []any{map[string]any{"url": h.Link(basePath)}},
		"tags":     tags(h),
		"paths":    paths(h),
	}
}

// version is the version the program was built as.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "0.0.0-dev"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

func cookieName(h *plugins.Host) string {
	return h.Core.Settings.Cookies.Get().Prefix + ".session_token"
}

// tags are the groups of endpoints: the core's, then one for each plugin that has any.
func tags(h *plugins.Host) []any {
	list := []any{map[string]any{"name": defaultTag, "description": "What every server has: signing in and out, sessions, passwords, accounts."}}
	for _, part := range h.Registry.Parts {
		if tag := tagOf(part); tag != defaultTag && len(listed(h, part)) > 0 {
			list = append(list, map[string]any{"name": tag, "description": part.Sentence})
		}
	}
	return list
}

const defaultTag = "Default"

// tagOf is Default for the built-in parts, else the plugin's id with a capital.
func tagOf(part plugins.Part) string {
	if part.BuiltIn {
		return defaultTag
	}
	return strings.ToUpper(part.ID[:1]) + part.ID[1:]
}

// listed are the endpoints of a plugin that the document shows.
func listed(h *plugins.Host, part plugins.Part) []plugins.Endpoint {
	disabled := h.Core.Settings.Top.Get().DisabledPaths
	var list []plugins.Endpoint
	for _, e := range part.Endpoints {
		if !e.Hidden && !slices.Contains(disabled, e.Path) {
			list = append(list, e)
		}
	}
	return list
}

// paths are the operations by path and method. Endpoints that answer several methods
// are several declarations.
func paths(h *plugins.Host) map[string]any {
	all := map[string]any{}
	for _, part := range h.Registry.Parts {
		for _, e := range listed(h, part) {
			path := template(e.Path)
			item, ok := all[path].(map[string]any)
			if !ok {
				item = map[string]any{}
				all[path] = item
			}
			item[strings.ToLower(e.Method)] = operation(h, part, e)
		}
	}
	return all
}

// template writes the parameters of a path the way OpenAPI does: {id} for :id.
func template(path string) string {
	pieces := strings.Split(path, "/")
	for i, piece := range pieces {
		if name, ok := strings.CutPrefix(piece, ":"); ok {
			pieces[i] = "{" + name + "}"
		}
	}
	return strings.Join(pieces, "/")
}

// pathParameters are the names of the parameters of a path, in order.
func pathParameters(path string) []string {
	var names []string
	for piece := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(piece, ":"); ok {
			names = append(names, name)
		}
	}
	return names
}
