package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/plugins/admin/adminapi"
)

// userCommands administer people through the service of the admin plugin, so that its
// rules hold here too: the last administrator stays.
type userCommands struct {
	List           userList           `cmd:"" help:"List people, the newest first."`
	Create         userCreate         `cmd:"" help:"Create a person. The password is read from the terminal or from standard input."`
	SetPassword    userSetPassword    `cmd:"" help:"Set a person's password and end their sessions."`
	SetRole        userSetRole        `cmd:"" help:"Give a person roles in place of those they have."`
	Ban            userBan            `cmd:"" help:"Keep a person out and end their sessions."`
	Unban          userUnban          `cmd:"" help:"Let a person in again."`
	RevokeSessions userRevokeSessions `cmd:"" help:"End the sessions of a person, or of everyone."`
}

// person is the argument that names somebody.
type person struct {
	User string `arg:"" help:"Address or id of the person."`
}

// newPassword is where a command takes a password from.
type newPassword struct {
	Generate bool `help:"Make a password and print it."`
}

type userList struct {
	list   `embed:""`
	much   `embed:""`
	Search string `arg:"" optional:"" help:"Part of a name or address."`
}

// Run lists people.
func (u *userList) Run(ctx context.Context, a *app) error {
	if err := u.check(); err != nil {
		return err
	}
	return offered(ctx, a, pluginAdmin, "", func(ctx context.Context, admin adminapi.Administration) error {
		people, err := admin.ListPeople(ctx, u.Search, u.Limit)
		if err != nil {
			return err
		}
		if u.JSON {
			return a.printJSON(shownPeople(people))
		}
		w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tEMAIL\tNAME\tROLE\tSTATE\tCREATED")
		for _, p := range shownPeople(people) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, oneLine(p.Email), oneLine(p.Name), strings.Join(p.Roles, ","), p.state(), p.CreatedAt.Format(time.DateTime))
		}
		return w.Flush()
	})
}

// shownPerson is a person as lists print them.
type shownPerson struct {
	ID            string    `json:"id"`
	Email         string    `json:"email"`
	Name          string    `json:"name"`
	Roles         []string  `json:"roles"`
	Banned        bool      `json:"banned"`
	EmailVerified bool      `json:"emailVerified"`
	CreatedAt     time.Time `json:"createdAt"`
}

func shownPeople(people []adminapi.Person) []shownPerson {
	out := make([]shownPerson, len(people))
	for i, p := range people {
		out[i] = shownPerson{p.ID, p.Email, p.Name, p.Roles, p.Banned, p.EmailVerified, p.CreatedAt}
	}
	return out
}

func (p shownPerson) state() string {
	switch {
	case p.Banned:
		return "banned"
	case !p.EmailVerified:
		return "unverified"
	}
	return "active"
}

type userCreate struct {
	Email       string   `arg:"" help:"Address of the new person."`
	Name        string   `help:"Name; the address when not given."`
	Role        []string `default:"user" help:"Roles, joined by commas."`
	Verified    bool     `negatable:"" default:"true" help:"The address counts as verified."`
	newPassword `embed:""`
}

// Run creates a person.
func (u *userCreate) Run(ctx context.Context, a *app) error {
	if u.Name == "" {
		u.Name = u.Email
	}
	password, err := u.take(a)
	if err != nil {
		return err
	}
	return offered(ctx, a, pluginAdmin, u.Email+" as "+strings.Join(u.Role, ", "), func(ctx context.Context, admin adminapi.Administration) error {
		made, err := admin.CreatePerson(ctx, u.Name, u.Email, password, u.Role, u.Verified)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.Stdout, made.ID)
		return u.tell(a, password)
	})
}

type userSetPassword struct {
	person      `embed:""`
	newPassword `embed:""`
}

// Run sets a password.
func (u *userSetPassword) Run(ctx context.Context, a *app) error {
	password, err := u.take(a)
	if err != nil {
		return err
	}
	return offered(ctx, a, pluginAdmin, u.User, func(ctx context.Context, admin adminapi.Administration) error {
		if err := admin.SetPersonPassword(ctx, u.User, password); err != nil {
			return err
		}
		return u.tell(a, password)
	})
}

type userSetRole struct {
	person `embed:""`
	Role   []string `arg:"" help:"Roles the person has from now on."`
}

// Run replaces the roles of a person.
func (u *userSetRole) Run(ctx context.Context, a *app) error {
	return offered(ctx, a, pluginAdmin, u.User+" as "+strings.Join(u.Role, ", "), func(ctx context.Context, admin adminapi.Administration) error {
		return admin.SetPersonRoles(ctx, u.User, u.Role)
	})
}

type userBan struct {
	person `embed:""`
	Reason string `help:"Reason, shown in the console."`
	For    string `help:"How long, such as 7d; for ever when not given."`
}

// Run bans a person.
func (u *userBan) Run(ctx context.Context, a *app) error {
	life, err := lifetime("--for", u.For)
	if err != nil {
		return err
	}
	return offered(ctx, a, pluginAdmin, u.User, func(ctx context.Context, admin adminapi.Administration) error {
		return admin.BanPerson(ctx, u.User, u.Reason, life)
	})
}

type userUnban struct {
	person `embed:""`
}

// Run lifts a ban.
func (u *userUnban) Run(ctx context.Context, a *app) error {
	return offered(ctx, a, pluginAdmin, u.User, func(ctx context.Context, admin adminapi.Administration) error {
		return admin.UnbanPerson(ctx, u.User)
	})
}

type userRevokeSessions struct {
	User string `arg:"" optional:"" help:"Address or id of the person."`
	All  bool   `help:"End the sessions of everyone."`
}

// Run ends sessions.
func (u *userRevokeSessions) Run(ctx context.Context, a *app) error {
	switch {
	case u.All == (u.User != ""):
		return wrongUse("name a person, or give --all")
	case u.All:
		return a.withServer(ctx, func(ctx context.Context, b *built) error {
			n, err := b.host().Sessions.End(ctx, auth.EndedRevoked)
			return a.ended(n, err)
		})
	}
	return offered(ctx, a, pluginAdmin, u.User, func(ctx context.Context, admin adminapi.Administration) error {
		n, err := admin.EndPersonSessions(ctx, u.User)
		return a.ended(n, err)
	})
}

func (a *app) ended(n int, err error) error {
	if err == nil {
		fmt.Fprintf(a.Stdout, "%d sessions ended\n", n)
	}
	return err
}

// Plugins whose services commands use.
const (
	pluginAdmin        = "admin"
	pluginOrganization = "organization"
	pluginKeys         = "api-key"
)

// offered runs a command with the service of a plugin. Where that refuses, the error says
// about whom or what.
func offered[T any](ctx context.Context, a *app, plugin, about string, command func(context.Context, T) error) error {
	return a.withServer(ctx, func(ctx context.Context, b *built) error {
		service, err := serviceOf[T](b, plugin)
		if err != nil {
			return err
		}
		return refused(about, command(ctx, service))
	})
}

func serviceOf[T any](b *built, plugin string) (T, error) {
	service, ok := plugins.Offer[T](b.host())
	if !ok {
		return service, fmt.Errorf("this needs the plugin %s, which is not enabled", plugin)
	}
	return service, nil
}

// take makes a password, or reads one: without echo from a terminal, else one line.
func (n newPassword) take(a *app) (string, error) {
	if n.Generate {
		return rand.Text(), nil
	}
	if file, ok := a.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(a.Stderr, "Password: ")
		line, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(a.Stderr)
		return string(line), err
	}
	line, err := bufio.NewReader(io.LimitReader(a.Stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", wrongUse("give the password as a line on standard input, or --generate")
	}
	return password, nil
}

// tell prints a password that was made here.
func (n newPassword) tell(a *app, password string) error {
	if n.Generate {
		fmt.Fprintln(a.Stdout, password)
	}
	return nil
}
