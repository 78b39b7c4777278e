package admin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/list"
)

// mailed are settings with a mail transport.
var mailed = map[string]string{"smtp": "smtp://127.0.0.1:9", "mail.from": "house@example.test"}

func (h *house) tokenOf(link string) string {
	h.t.Helper()
	token, ok := strings.CutPrefix(link, h.Origin+"/accept-invitation/")
	if !ok || len(token) < 32 {
		h.t.Fatalf("link %q", link)
	}
	return token
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return auth.AsError(err).Code
}

func TestInviteByLink(t *testing.T) {
	h := open(t, nil, nil)
	ctx := h.as(h.User(rootEmail))
	i, err := h.s.Invite(ctx, admin.Invite{Email: "Kim@Example.test", Name: "Kim", Role: "support"})
	if err != nil {
		t.Fatal(err)
	}
	token := h.tokenOf(i.Link)
	if strings.Contains(i.Invitation.TokenHash, token) {
		t.Error("the token is stored")
	}
	seen, err := h.s.Invitation(t.Context(), token)
	if err != nil || seen == nil || seen.Email != "kim@example.test" || seen.Role.English() != "Support" || seen.Inviter != "Administrator" || seen.Known {
		t.Fatalf("seen %+v, %v", seen, err)
	}
	for password, want := range map[string]string{"short": "PASSWORD_TOO_SHORT", "password1234": "PASSWORD_COMPROMISED", "": "UNAUTHORIZED"} {
		if _, err := h.s.Accept(t.Context(), token, "Kim", password); code(err) != want {
			t.Errorf("%q: %v, want %s", password, err, want)
		}
	}
	id, err := h.s.Accept(t.Context(), token, "", servertest.Password)
	if err != nil {
		t.Fatal(err)
	}
	if u := h.reload(id); *u.Role != "support" || u.EmailVerified || u.Name != "Kim" {
		t.Errorf("made %v", u)
	}
	if _, err := h.s.Accept(t.Context(), token, "Kim", servertest.Password); code(err) != "INVITATION_NOT_VALID" {
		t.Errorf("second use: %v", err)
	}
	if seen, err := h.s.Invitation(t.Context(), token); seen != nil || err != nil {
		t.Errorf("seen after use: %v %v", seen, err)
	}
	if h.count("platform-invitation.accepted", i.Invitation.ID) != 1 {
		t.Error("no event")
	}
}

func TestInviteByMailProvesTheAddress(t *testing.T) {
	h := open(t, nil, mailed)
	ctx := h.as(h.User(rootEmail))
	i, err := h.s.Invite(ctx, admin.Invite{Email: "kim@example.test", Mail: true})
	if err != nil || i.Link != "" {
		t.Fatalf("link %q, %v", i.Link, err)
	}
	first := h.tokenOf(h.Link("kim@example.test", "platform-invitation"))
	again, err := h.s.Resend(ctx, i.Invitation.ID, true)
	if err != nil || again.Link != "" {
		t.Fatal(again, err)
	}
	second := h.tokenOf(h.Link("kim@example.test", "platform-invitation"))
	if seen, _ := h.s.Invitation(t.Context(), first); seen != nil {
		t.Error("the former link is alive")
	}
	id, err := h.s.Accept(t.Context(), second, "Kim", servertest.Password)
	if err != nil {
		t.Fatal(err)
	}
	if u := h.reload(id); *u.Role != "user" || !u.EmailVerified {
		t.Errorf("made %v", u)
	}
	if _, err := h.s.Resend(ctx, i.Invitation.ID, true); code(err) != "INVITATION_NOT_VALID" {
		t.Errorf("sent again after use: %v", err)
	}
	if err := h.s.Cancel(ctx, i.Invitation.ID); code(err) != "INVITATION_NOT_VALID" {
		t.Errorf("cancelled after use: %v", err)
	}
}

func TestInvitationsEnd(t *testing.T) {
	h := open(t, nil, nil)
	ctx := h.as(h.User(rootEmail))
	i, err := h.s.Invite(ctx, admin.Invite{Email: "kim@example.test"})
	if err != nil {
		t.Fatal(err)
	}
	newer, err := h.s.Invite(ctx, admin.Invite{Email: "kim@example.test"})
	if err != nil {
		t.Fatal(err)
	}
	dead := func(link string) {
		t.Helper()
		if _, err := h.s.Accept(t.Context(), h.tokenOf(link), "K", servertest.Password); code(err) != "INVITATION_NOT_VALID" {
			t.Errorf("accepted: %v", err)
		}
	}
	dead(i.Link)
	h.Clock.Advance(7*24*time.Hour + time.Minute)
	dead(newer.Link)
	ctx = h.as(h.User(rootEmail))
	if newer, err = h.s.Resend(ctx, newer.Invitation.ID, false); err != nil || newer.Link == "" {
		t.Fatal(newer, err)
	}
	if err := h.s.Cancel(ctx, newer.Invitation.ID); err != nil {
		t.Fatal(err)
	}
	dead(newer.Link)
	for state, want := range map[admin.State]int{"": 2, admin.StateCancelled: 2, admin.StatePending: 0, admin.StateExpired: 0, admin.StateAccepted: 0} {
		q := list.Query{}
		if state != "" {
			q.Filters = map[string][]string{"state": {string(state)}}
		}
		if page, err := h.s.Invitations(ctx, q); err != nil || len(page.Rows) != want || page.Total != want {
			t.Errorf("%q: %d, %v", state, len(page.Rows), err)
		}
	}
	first, err := h.s.Invitations(ctx, list.Query{Limit: 1})
	if err != nil || first.Next == "" {
		t.Fatal(first, err)
	}
	second, err := h.s.Invitations(ctx, list.Query{Limit: 1, Cursor: first.Next})
	if err != nil || len(second.Rows) != 1 || second.Next != "" || second.Rows[0].ID == first.Rows[0].ID {
		t.Errorf("second page %v, %v", second, err)
	}
}

func TestInvitationRank(t *testing.T) {
	h := empty(t, nil, nil)
	h.somebody("standing", "owner")
	for ai, actor := range grades {
		ctx := h.as(h.somebody(actor, actor))
		for ri, role := range grades {
			_, err := h.s.Invite(ctx, admin.Invite{Email: actor + role + "@example.test", Role: role})
			if allowed := ai <= 1 && ri >= ai; allowed != (err == nil) {
				t.Errorf("%s invites %s: %v", actor, role, err)
			}
		}
	}
	owner, err := h.s.Invite(h.commandLine(), admin.Invite{Email: "o@example.test", Role: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := h.as(h.User("admin@example.test"))
	if _, err := h.s.Resend(ctx, owner.Invitation.ID, false); code(err) != "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE" {
		t.Errorf("an admin takes an owner's invitation: %v", err)
	}
	if err := h.s.Cancel(ctx, owner.Invitation.ID); code(err) != "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE" {
		t.Errorf("an admin cancels an owner's invitation: %v", err)
	}
	if _, err := h.s.Invite(ctx, admin.Invite{Email: "x@example.test", Role: "emperor"}); code(err) != "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE" {
		t.Errorf("an unknown role: %v", err)
	}
	if _, err := h.s.Invite(ctx, admin.Invite{Email: "nonsense"}); code(err) != "INVALID_EMAIL" {
		t.Errorf("a bad address: %v", err)
	}
}

func TestInvitationsOfThoseWhoLostTheirRank(t *testing.T) {
	for name, c := range map[string]struct {
		role   string
		change func(h *house, id string) error
		good   bool
	}{
		"demoted": {"support", func(h *house, id string) error {
			_, err := h.s.SetRole(h.commandLine(), id, []string{"user"})
			return err
		}, false},
		"banned":          {"support", func(h *house, id string) error { _, err := h.s.Ban(h.commandLine(), id, admin.Ban{}); return err }, false},
		"left":            {"support", func(h *house, id string) error { return h.s.Remove(h.commandLine(), id) }, true},
		"left an owner's": {"owner", func(h *house, id string) error { return h.s.Remove(h.commandLine(), id) }, false},
		"plain, demoted": {"user", func(h *house, id string) error {
			_, err := h.s.SetRole(h.commandLine(), id, []string{"user"})
			return err
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := empty(t, nil, nil)
			h.somebody("standing", "owner")
			inviter := h.somebody("inviter", "owner")
			i, err := h.s.Invite(h.as(inviter), admin.Invite{Email: "kim@example.test", Role: c.role})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.change(h, inviter.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := h.s.Accept(t.Context(), h.tokenOf(i.Link), "Kim", servertest.Password); (err == nil) != c.good {
				t.Errorf("accepted: %v", err)
			}
		})
	}
}

func TestKnownPeopleAcceptSignedIn(t *testing.T) {
	h := open(t, nil, nil)
	kim, other := h.somebody("kim", "user"), h.somebody("other", "user")
	i, err := h.s.Invite(h.as(h.User(rootEmail)), admin.Invite{Email: kim.Email, Role: "support"})
	if err != nil {
		t.Fatal(err)
	}
	token := h.tokenOf(i.Link)
	if seen, _ := h.s.Invitation(t.Context(), token); seen == nil || !seen.Known {
		t.Errorf("seen %v", seen)
	}
	if _, err := h.s.Accept(t.Context(), token, "Kim", servertest.Password); code(err) != "SIGN_IN_TO_ACCEPT" {
		t.Errorf("as a new person: %v", err)
	}
	if _, err := h.s.Accept(h.as(other), token, "", ""); code(err) != "NOT_THE_INVITED_PERSON" {
		t.Errorf("as another person: %v", err)
	}
	key := auth.NewPrincipal(auth.Principal{Subject: kim.ID, Scheme: auth.SchemeAPIKey}, nil, h.Clock.Now())
	if _, err := h.s.Accept(auth.WithPrincipal(t.Context(), key), token, "", ""); code(err) != auth.ErrCredentialScheme.Code {
		t.Errorf("with a key: %v", err)
	}
	if id, err := h.s.Accept(h.as(kim), token, "", ""); err != nil || id != kim.ID {
		t.Errorf("accepted by %q: %v", id, err)
	}
	if got := h.s.RolesOf(h.reload(kim.ID)); !slices.Equal(got, []string{"support"}) {
		t.Errorf("roles %v", got)
	}
}

func TestParallelAcceptsMakeOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := empty(t, db, nil)
		kim := h.somebody("kim", "user")
		i, err := h.s.Invite(h.commandLine(), admin.Invite{Email: kim.Email, Role: "support"})
		if err != nil {
			t.Fatal(err)
		}
		ctx := h.as(kim)
		ok, refused := h.race(16, func(int) error {
			_, err := h.s.Accept(ctx, h.tokenOf(i.Link), "", "")
			return err
		}, admin.ErrInvitationOver)
		if ok != 1 || refused != 15 {
			t.Errorf("%d accepted, %d refused", ok, refused)
		}
	})
}

func TestOldInvitationsAreSwept(t *testing.T) {
	h := open(t, nil, nil)
	if _, err := h.s.Invite(h.as(h.User(rootEmail)), admin.Invite{Email: "kim@example.test"}); err != nil {
		t.Fatal(err)
	}
	part, _ := h.Host.Registry.Part("admin")
	sweep := func() int {
		t.Helper()
		if err := part.Jobs[0].Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		n, err := h.Host.DB.Access(t.Context()).PlatformInvitation().Query().Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := sweep(); n != 1 {
		t.Errorf("%d are left at once", n)
	}
	h.Clock.Advance(98 * 24 * time.Hour)
	if n := sweep(); n != 0 {
		t.Errorf("%d are left in the end", n)
	}
}
