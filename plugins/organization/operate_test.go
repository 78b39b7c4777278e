package organization_test

import (
	"errors"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/event"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/plugins/organization"
)

// TestCommandLine: what the command line does is recorded under its name, and its acts are
// no way around what their caller may do.
func TestCommandLine(t *testing.T) {
	o := openOffice(t, nil)
	ctx := auth.WithPrincipal(t.Context(), adminapi.CommandLine(o.Host.Scopes, o.Clock.Now()))
	made, err := o.s.CreateOrganization(ctx, "Branch", "", "owner@example.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(o.s.AddPerson(ctx, "branch", "member@example.test", []string{"admin"}, nil, nil),
		o.s.RemovePerson(ctx, made.ID, o.as["member"].user.ID), o.s.DeleteOrganization(ctx, "branch")); err != nil {
		t.Fatal(err)
	}
	kinds, err := o.Host.DB.Access(t.Context()).Event().Query().Where(event.OrganizationID(made.ID), event.ActorID(auth.CommandLineSubject)).
		Order(event.ByOccurredAt(), event.ByID()).Select(event.FieldKind).Strings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, kind := range kinds {
		found[kind] = true
	}
	for _, kind := range []string{"organization.created", "organization.member-added", "organization.member-removed", "organization.deleted"} {
		if !found[kind] {
			t.Errorf("%s is not recorded as the command line's: %v", kind, kinds)
		}
	}
	if _, err := o.s.DescribeOrganization(ctx, "branch", 10); !errors.Is(err, organization.ErrNotFound) {
		t.Errorf("a deleted organization: %v", err)
	}
	for _, name := range []string{"owner", "stranger"} {
		_, described := o.s.DescribeOrganization(o.as_(name), "acme", 10)
		_, listed := o.s.ListOrganizations(o.as_(name), "", 10)
		for what, err := range map[string]error{"describes": described, "lists": listed, "adds": o.s.AddPerson(o.as_(name), "acme", "chief@example.test", []string{"member"}, nil, nil),
			"deletes": o.s.DeleteOrganization(o.as_(name), "acme")} {
			if !errors.Is(err, auth.ErrForbidden) {
				t.Errorf("%s %s: %v", name, what, err)
			}
		}
	}
}
