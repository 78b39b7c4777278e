package organizationapi

import (
	"context"
	"time"
)

// Administration are the acts of the command line, found with plugins.Offer. org is the
// short name or id of an organization, user the address or id of a person. The acts judge
// the principal of the context, as everywhere.
type Administration interface {
	// ListOrganizations returns up to limit, the newest first; with search, those it finds.
	ListOrganizations(ctx context.Context, search string, limit int) ([]Overview, error)
	// DescribeOrganization returns an organization with up to limit members, by name.
	DescribeOrganization(ctx context.Context, org string, limit int) (Described, error)
	// CreateOrganization makes one for somebody; an empty slug is made of the name.
	CreateOrganization(ctx context.Context, name, slug, owner string) (Overview, error)
	DeleteOrganization(ctx context.Context, org string) error
	// AddPerson makes somebody a member from start until end; nil is open.
	AddPerson(ctx context.Context, org, user string, roles []string, start, end *time.Time) error
	RemovePerson(ctx context.Context, org, user string) error
}

// Overview is an organization in lists of the command line.
type Overview struct {
	ID, Slug, Name string
	Members        int // but those whose time is over
	CreatedAt      time.Time
}

// Described is an organization with its people.
type Described struct {
	Overview
	People []Belonging
}

// Belonging is a membership with its person.
type Belonging struct {
	MemberID, UserID, Name, Email string
	Roles                         []string // those without an end of their own
	Standing                      string   // "active", "coming" or "over"
	CreatedAt                     time.Time
	StartsAt, EndsAt              *time.Time
}
