package plugins

import (
	"net/url"

	"gatehouse/auth"
)

// ExplorerPath is where the access explorer of the console lies, and ExplorerPage that of an
// organization below its path.
const (
	ExplorerPath = "/admin/access"
	ExplorerPage = "/access"
)

// Explorer is the address at which a reader sees what a subject (kind and id as
// [auth.Principals.OfSubject] takes them) may do, and why: in an organization, or on the
// server where in is nil. It is empty where they may not look.
func Explorer(reader *auth.Principal, in *Organization, kind, id string) string {
	query := "?" + url.Values{"subject": {kind + ":" + id}}.Encode()
	switch {
	case in != nil && reader.CanIn(in.ID, auth.ScopeExplain):
		return in.Path(ExplorerPage + query)
	case in == nil && reader.Can(auth.ScopeExplain):
		return ExplorerPath + query
	}
	return ""
}
