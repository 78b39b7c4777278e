package routes

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/account"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/outboxmessage"
	"gatehouse/handlers/builtin"
	"gatehouse/handlers/core"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
	"gatehouse/plugins/organization"
)

const sessionCookie = "__Secure-better-auth.session_token"

// house is the whole product in production, with one owner who is left alone, so that
// nobody else is the last.
type house struct {
	*servertest.Rig
	t     *testing.T
	admin *admin.Service
	hash  string // of servertest.Password
	asset string // path of a static file
	n     int    // people so far
}

// open builds a house on SQLite.
func open(t *testing.T) *house {
	t.Helper()
	return openOn(t, dbtest.SQLite(t))
}

// trustedApp is the origin of an app that the house trusts.
const trustedApp = "https://app.example.test"

// openOn builds a house on an empty database.
func openOn(t *testing.T, db *database.DB) *house {
	t.Helper()
	return openWith(t, db, nil)
}

// build makes the server of a house. The list of plugins is that of the program.
func build(t *testing.T, db *database.DB, more map[string]string) *servertest.Rig {
	t.Helper()
	return buildLogging(t, db, more, nil)
}

// buildLogging is build with another log than the test's.
func buildLogging(t *testing.T, db *database.DB, more map[string]string, log *slog.Logger) *servertest.Rig {
	t.Helper()
	list := []plugins.Plugin{admin.New(admin.Options{}), organization.New(organization.Options{Resolver: noRecords{}}), apikey.New(apikey.Options{}), bearer.New(), openapi.New()}
	set := map[string]string{
		"url": "https://id.example.test", "smtp": "smtps://127.0.0.1:465", "user.delete": "true", "user.change_email": "true",
		"password.hash.memory": "19MiB", "password.hash.iterations": "2", "rate_limit.account.enabled": "false",
		"mail.recipient_limit": "0", "trusted_origins": trustedApp,
		"user.fields": `{ score = { type = "number", required = false }, born = { type = "date", required = false } }`,
	}
	maps.Copy(set, more)
	return servertest.New(t, servertest.Options{BuiltIn: builtin.Parts(list...), Plugins: list, Database: db, Settings: set, Log: log})
}

// noRecords is a DNS that knows nothing.
type noRecords struct{}

func (noRecords) LookupTXT(context.Context, string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

// openWith builds a house on a database with other settings than usual. A second one on
// the same database is another server of the cluster.
func openWith(t *testing.T, db *database.DB, more map[string]string) *house {
	t.Helper()
	return furnish(t, build(t, db, more))
}

// furnish makes a house of a server.
func furnish(t *testing.T, rig *servertest.Rig) *house {
	t.Helper()
	h := &house{Rig: rig, t: t, admin: plugins.MustOffer[*admin.Service](rig.Host)}
	if err := h.admin.EnsureAdministrator(t.Context(), "root@example.test", servertest.Password, "owner"); err != nil {
		t.Fatal(err)
	}
	root := rig.User("root@example.test")
	credential, err := rig.Host.Users.Credential(t.Context(), root.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.hash = *credential.Password
	h.asset = regexp.MustCompile(`/static/[^"' ]+`).FindString(string(rig.Browser().Get("/sign-in").Body))
	if h.asset == "" {
		t.Fatal("the sign-in page names no static file")
	}
	return h
}

// scene is what one request finds: a caller, a plain person, and on demand other things.
type scene struct {
	*house
	browser *servertest.Browser
	caller  *ent.User
	person  *ent.User
	words   map[string]string
	founded int // number in the short name of the last organization
}

// scene prepares a caller with two sessions and a person with one. "nobody" is a plain
// caller whose browser knows no session.
func (h *house) scene(role string) *scene {
	h.t.Helper()
	s := &scene{house: h, words: map[string]string{}}
	held := role
	if role == "nobody" {
		held = "user"
	}
	s.caller, s.person = h.someone(held), h.someone("user")
	s.browser = h.browser(role, h.session(s.caller).Token)
	s.words["$other"] = h.Host.Sessions.Handle(h.session(s.caller).Session)
	return s
}

// browser is signed in with a session, unless it is nobody's.
func (h *house) browser(role, token string) *servertest.Browser {
	b := h.Browser()
	if role == "nobody" {
		return b
	}
	at, err := url.Parse(h.Origin)
	if err != nil {
		h.t.Fatal(err)
	}
	b.Jar.SetCookies(at, []*http.Cookie{{Name: sessionCookie, Value: url.QueryEscape(h.Host.Keys.Sign(token)), Path: "/", Secure: true}})
	return b
}

func (h *house) session(u *ent.User) *auth.Issued {
	h.t.Helper()
	issued, err := h.Host.Sessions.Create(h.t.Context(), auth.NewSession{User: u, Remember: true, AMR: []string{"pwd"}})
	if err != nil {
		h.t.Fatal(err)
	}
	return issued
}

// someone makes a person who can sign in, without hashing a password again.
func (h *house) someone(role string) *ent.User {
	h.t.Helper()
	h.n++
	var u *ent.User
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) (err error) {
		u, err = tx.User().Create().SetName(fmt.Sprintf("Person %d", h.n)).SetEmail(fmt.Sprintf("person-%d@example.test", h.n)).
			SetEmailVerified(true).SetRole(role).Save(ctx)
		if err != nil {
			return err
		}
		return tx.Account().Create().SetUserID(u.ID).SetProviderID(auth.ProviderCredential).SetAccountID(u.ID).SetPassword(h.hash).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// commandLine is a context that may do everything.
func (h *house) commandLine() context.Context {
	return auth.WithPrincipal(h.t.Context(), adminapi.CommandLine(h.Host.Scopes, h.Host.Clock()))
}

// seated is a context whose principal acts in a session, as managing credentials needs.
func seated(ctx context.Context) context.Context {
	p := *auth.PrincipalOf(ctx)
	p.Session = &auth.SessionFacts{ID: "s", UserID: p.Subject}
	return auth.WithPrincipal(ctx, &p)
}

// word is what a word with $ stands for; the thing is made when it is first asked for.
func (s *scene) word(name string) string {
	if v, made := s.words[name]; made {
		return v
	}
	v, err := s.make(name)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	s.words[name] = v
	return v
}

func (s *scene) make(name string) (string, error) {
	ctx := s.t.Context()
	switch name {
	case "$password":
		return servertest.Password, nil
	case "$user":
		return s.person.ID, nil
	case "$viewer":
		return s.someone("viewer").ID, nil
	case "$email":
		return s.person.Email, nil
	case "$handle":
		return s.Host.Sessions.Handle(s.session(s.person).Session), nil
	case "$own":
		return s.caller.Email, nil
	case "$account":
		row, err := s.Host.DB.Access(ctx).Account().Query().Where(account.UserID(s.caller.ID)).Only(ctx)
		if err != nil {
			return "", err
		}
		return row.ID, nil
	case "$new":
		s.n++
		return fmt.Sprintf("new-%d@example.test", s.n), nil
	case "$stranger":
		return s.someone("user").Email, nil
	case "$slug", "$org", "$member", "$colleague", "$seated", "$team", "$orginvite", "$orgrole", "$domain", "$request", "$joined", "$mine", "$spare", "$minerole", "$slugfree", "$invited":
		return s.organizationWords(name)
	case "$banned":
		_, err := s.admin.Ban(s.commandLine(), s.person.ID, admin.Ban{Reason: "noise"})
		return s.person.ID, err
	case "$unverified":
		return s.person.ID, s.Host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
			return tx.User().UpdateOneID(s.person.ID).SetEmailVerified(false).Exec(ctx)
		})
	case "$task":
		p, err := s.Host.Principals.OfUser(ctx, s.caller)
		if err != nil {
			return "", err
		}
		row, err := s.Host.Tasks.Start(auth.WithPrincipal(ctx, p), auth.NewTask{Kind: "admin/ban", Items: []string{s.person.ID}})
		if err != nil {
			return "", err
		}
		return row.ID, nil
	case "$signin":
		r, err := s.admin.SignInLink(s.commandLine(), s.someone("user").ID)
		return path.Base(r.Link), err
	case "$reset":
		link, _, err := plugins.MustOffer[*core.Service](s.Host).ResetLink(s.commandLine(), s.person, "/reset-password")
		if err != nil {
			return "", err
		}
		return path.Base(strings.Split(link, "?")[0]), nil
	case "$claim":
		link, err := s.admin.NewClaimLink(s.commandLine(), true)
		return path.Base(link), err
	case "$invitation", "$invite":
		return s.invite(name)
	case "$message":
		return s.message(ctx)
	case "$picture":
		made, err := s.Host.Pictures.Make(ctx, auth.PictureLogo, dot(s.t))
		if err != nil {
			return "", err
		}
		at, err := s.Host.Pictures.Put(ctx, "", auth.PictureLogo, made)
		return path.Base(at), err
	case "$key":
		made, err := plugins.MustOffer[*apikey.Service](s.Host).Create(ctx, apikey.NewKey{UserID: s.caller.ID})
		if err != nil {
			return "", err
		}
		return made.Row.ID, nil
	case "$orgkey":
		made, err := plugins.MustOffer[*apikey.Service](s.Host).Create(ctx, apikey.NewKey{ConfigID: "org", OrganizationID: s.word("$org")})
		if err != nil {
			return "", err
		}
		return made.Row.ID, nil
	case "$robot", "$bot": // a service account of the organization, and of the platform
		in := ""
		if name == "$robot" {
			in = s.word("$org")
		}
		a, err := plugins.MustOffer[*apikey.Service](s.Host).CreateAccount(s.commandLine(), in, apikey.Account{Name: "Robot"})
		if err != nil {
			return "", err
		}
		return a.ID, nil
	case "$asset":
		return strings.TrimPrefix(s.asset, "/static/"), nil
	}
	return "", fmt.Errorf("nobody knows how to make it")
}

// invite makes a pending invitation: its id, and the token of its link.
func (s *scene) invite(name string) (string, error) {
	made, err := s.admin.Invite(s.commandLine(), admin.Invite{Email: s.word("$new"), Name: "Invited", Role: "user"})
	if err != nil {
		return "", err
	}
	s.words["$invitation"], s.words["$invite"] = made.Invitation.ID, path.Base(made.Link)
	return s.words[name], nil
}

// message leaves one in the outbox that could not be delivered.
func (s *scene) message(ctx context.Context) (string, error) {
	to := s.word("$new")
	if err := s.Host.Messages.Send(ctx, "test-message", "mail", to, s.Host.Clock().Add(time.Hour), auth.MessageData{Name: "New"}); err != nil {
		return "", err
	}
	rows := s.Host.DB.Access(ctx).OutboxMessage()
	id, err := rows.Query().Where(outboxmessage.Recipient(to)).OnlyID(ctx)
	if err != nil {
		return "", err
	}
	return id, rows.UpdateOneID(id).SetState(outboxmessage.StateFailed).Exec(ctx)
}
