package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	texts "gatehouse/auth/words"
	"gatehouse/plugins/organization/organizationapi"
)

// organizationCommands administer organizations through the service of their plugin, so
// that its rules hold here too: the last owner stays.
type organizationCommands struct {
	List         organizationList         `cmd:"" help:"List organizations, the newest first."`
	Show         organizationShow         `cmd:"" help:"Show an organization and its members."`
	Create       organizationCreate       `cmd:"" help:"Make an organization for a person, who becomes its owner."`
	Delete       organizationDelete       `cmd:"" help:"Delete an organization with everything that is its own."`
	AddMember    organizationAddMember    `cmd:"" help:"Make a person a member, without being asked."`
	RemoveMember organizationRemoveMember `cmd:"" help:"End a person's membership."`
}

// named is the argument that names an organization.
type named struct {
	Organization string `arg:"" help:"Short name or id of the organization."`
}

// much bounds what commands list.
type much struct {
	Limit int `default:"100" help:"Most entries to list."`
}

func (m much) check() error {
	if m.Limit < 1 || m.Limit > 10_000 {
		return wrongUse("--limit must be between 1 and 10000")
	}
	return nil
}

// consent is what commands ask for that cannot be undone.
type consent struct {
	Yes bool `short:"y" help:"Do not ask."`
}

// given asks at a terminal whether something shall be done; elsewhere it must have been said.
func (s consent) given(a *app, question string) error {
	if s.Yes {
		return nil
	}
	file, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return wrongUse("this cannot be undone: give --yes to do it")
	}
	fmt.Fprintf(a.Stderr, "%s This cannot be undone. [y/N] ", oneLine(question))
	line, err := bufio.NewReader(io.LimitReader(a.Stdin, 64)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

// shownOrganization is an organization as lists print them.
type shownOrganization struct {
	ID        string    `json:"id"`
	Slug      string    `json:"slug"`
	Name      string    `json:"name"`
	Members   int       `json:"members"`
	CreatedAt time.Time `json:"createdAt"`
}

func shownOrganizationOf(o organizationapi.Overview) shownOrganization {
	return shownOrganization{o.ID, o.Slug, o.Name, o.Members, o.CreatedAt}
}

type organizationList struct {
	list   `embed:""`
	much   `embed:""`
	Search string `arg:"" optional:"" help:"Part of a name or short name."`
}

// Run lists organizations.
func (o *organizationList) Run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	return offered(ctx, a, pluginOrganization, "", func(ctx context.Context, s organizationapi.Administration) error {
		found, err := s.ListOrganizations(ctx, o.Search, o.Limit)
		if err != nil {
			return err
		}
		shown := make([]shownOrganization, len(found))
		for i, one := range found {
			shown[i] = shownOrganizationOf(one)
		}
		if o.JSON {
			return a.printJSON(shown)
		}
		w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tSHORT NAME\tNAME\tMEMBERS\tCREATED")
		for _, one := range shown {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", one.ID, oneLine(one.Slug), oneLine(one.Name), one.Members, one.CreatedAt.Format(time.DateTime))
		}
		return w.Flush()
	})
}

// shownMember is a member as commands print them.
type shownMember struct {
	ID        string     `json:"id"`
	UserID    string     `json:"userId"`
	Email     string     `json:"email"`
	Name      string     `json:"name"`
	Roles     []string   `json:"roles"`
	State     string     `json:"state"`
	CreatedAt time.Time  `json:"createdAt"`
	StartsAt  *time.Time `json:"startsAt"`
	EndsAt    *time.Time `json:"endsAt"`
}

type organizationShow struct {
	list  `embed:""`
	much  `embed:""`
	named `embed:""`
}

// Run shows an organization.
func (o *organizationShow) Run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	return offered(ctx, a, pluginOrganization, o.Organization, func(ctx context.Context, s organizationapi.Administration) error {
		found, err := s.DescribeOrganization(ctx, o.Organization, o.Limit)
		if err != nil {
			return err
		}
		members := make([]shownMember, len(found.People))
		for i, p := range found.People {
			members[i] = shownMember{p.MemberID, p.UserID, p.Email, p.Name, p.Roles, p.Standing, p.CreatedAt, p.StartsAt, p.EndsAt}
		}
		if o.JSON {
			return a.printJSON(struct {
				shownOrganization
				People []shownMember `json:"people"`
			}{shownOrganizationOf(found.Overview), members})
		}
		w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintf(w, "id:\t%s\nshort name:\t%s\nname:\t%s\ncreated:\t%s\nmembers:\t%d\n", found.ID, oneLine(found.Slug), oneLine(found.Name), found.CreatedAt.Format(time.DateTime), found.Members)
		if err := w.Flush(); err != nil || len(members) == 0 {
			return err
		}
		fmt.Fprintln(a.Stdout)
		fmt.Fprintln(w, "USER ID\tEMAIL\tNAME\tROLE\tSTATE\tENDS")
		for _, m := range members {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.UserID, oneLine(m.Email), oneLine(m.Name), strings.Join(m.Roles, ","), m.State, moment(m.EndsAt, "never"))
		}
		return w.Flush()
	})
}

// moment prints a time that may be none.
func moment(at *time.Time, none string) string {
	if at == nil {
		return none
	}
	return at.UTC().Format(time.DateTime)
}

type organizationCreate struct {
	Name  string `arg:"" help:"Name of the organization."`
	Owner string `required:"" help:"Address or id of the person who becomes its owner."`
	Slug  string `help:"Short name for addresses; made of the name when not given."`
}

// Run makes an organization and prints its id.
func (o *organizationCreate) Run(ctx context.Context, a *app) error {
	return offered(ctx, a, pluginOrganization, o.Name, func(ctx context.Context, s organizationapi.Administration) error {
		made, err := s.CreateOrganization(ctx, o.Name, o.Slug, o.Owner)
		if err == nil {
			fmt.Fprintln(a.Stdout, made.ID)
		}
		if e := auth.AsError(err); err != nil && o.Slug == "" && e.Fields["slug"] != "" {
			refused := *e.Saying(texts.Raw(e.Message.English() + " Choose one with --slug."))
			refused.Fields = nil // said already
			return &refused
		}
		return err
	})
}

type organizationDelete struct {
	consent `embed:""`
	named   `embed:""`
}

// Run deletes an organization.
func (o *organizationDelete) Run(ctx context.Context, a *app) error {
	if err := o.given(a, fmt.Sprintf("Delete the organization %s with its members, teams, keys and everything else?", o.Organization)); err != nil {
		return err
	}
	return offered(ctx, a, pluginOrganization, o.Organization, func(ctx context.Context, s organizationapi.Administration) error {
		return s.DeleteOrganization(ctx, o.Organization)
	})
}

type organizationAddMember struct {
	named  `embed:""`
	person `embed:""`
	Role   []string `default:"member" help:"Roles, joined by commas."`
	For    string   `help:"How long, such as 7d; for ever when not given."`
}

// Run adds a member.
func (o *organizationAddMember) Run(ctx context.Context, a *app) error {
	life, err := lifetime("--for", o.For)
	if err != nil {
		return err
	}
	return offered(ctx, a, pluginOrganization, o.User+" as "+strings.Join(o.Role, ", ")+" in "+o.Organization, func(ctx context.Context, s organizationapi.Administration) error {
		var end *time.Time
		if life > 0 {
			at := time.Now().Add(life)
			end = &at
		}
		return s.AddPerson(ctx, o.Organization, o.User, o.Role, nil, end)
	})
}

// lifetime reads the time that a flag gives; nought when it is not given.
func lifetime(flag, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	life, err := settings.ParseDuration(text)
	if err != nil || life <= 0 {
		return 0, wrongUse("%s must be a time such as 12h or 7d", flag)
	}
	return life, nil
}

type organizationRemoveMember struct {
	named  `embed:""`
	person `embed:""`
}

// Run ends a membership.
func (o *organizationRemoveMember) Run(ctx context.Context, a *app) error {
	return offered(ctx, a, pluginOrganization, o.User+" in "+o.Organization, func(ctx context.Context, s organizationapi.Administration) error {
		return s.RemovePerson(ctx, o.Organization, o.User)
	})
}
