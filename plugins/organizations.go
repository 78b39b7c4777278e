package plugins

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"

	"gatehouse/ent"
)

// Organization is what every page of the console knows of an organization.
type Organization struct {
	ID, Slug, Name string
	Logo           string // address of a picture as the wire has it; empty when there is none
}

// Path is the address of a page of the organization.
func (o Organization) Path(page string) string {
	segment := o.Slug
	if !plainSlug.MatchString(segment) {
		segment = slugMark + base64.RawURLEncoding.EncodeToString([]byte(segment))
	}
	return OrganizationsPath + "/" + segment + page
}

// The wire takes any text for a short name. One that means something else in an address
// ("..", "a/b", "a?b") stands there encoded, behind a mark that begins no other.
const slugMark = "~"

var plainSlug = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._~-]*$`)

// SlugAt is the short name that a part of an address stands for.
func SlugAt(segment string) string {
	text, marked := strings.CutPrefix(segment, slugMark)
	slug, err := base64.RawURLEncoding.DecodeString(text)
	if !marked || err != nil {
		return segment
	}
	return string(slug)
}

// OrganizationsPath is in front of the short name in the address of an organization.
const OrganizationsPath = "/admin/o"

type organizationKey struct{}

// WithOrganization puts the organization that a request is about into its context.
func WithOrganization(ctx context.Context, o *Organization) context.Context {
	return context.WithValue(ctx, organizationKey{}, o)
}

// OrganizationOf returns the organization that a request is about, as its access rule named
// it; nil where it named none.
func OrganizationOf(ctx context.Context) *Organization {
	o, _ := ctx.Value(organizationKey{}).(*Organization)
	return o
}

// Organizations is offered by the plugin that knows organizations; while nobody offers it,
// there is none. Neither method asks who may see what it returns.
type Organizations interface {
	// OrganizationBySlug finds an organization by its short name, and OrganizationByID by
	// its id; nil when there is none.
	OrganizationBySlug(ctx context.Context, slug string) (*Organization, error)
	OrganizationByID(ctx context.Context, id string) (*Organization, error)
	// OrganizationsOf lists where a subject is a member now, by name, at most limit.
	OrganizationsOf(ctx context.Context, subject string, limit int) ([]Organization, error)
}

// Members is offered by the plugin that knows who belongs to an organization, for those who
// search people there. Neither method asks who may see what it returns. A membership that
// is over or has not begun counts.
type Members interface {
	// FindMembers finds people of an organization by a piece of their name or address, by
	// name, at most limit.
	FindMembers(ctx context.Context, organization, text string, limit int) ([]*ent.User, error)
	// Belongs reports whether a person has a membership.
	Belongs(ctx context.Context, organization, user string) (bool, error)
}
