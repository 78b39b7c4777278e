package admin

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// bulkPath is where lists post who is meant: repeated ids, or all=on with the list's
// query in filter.
const bulkPath = usersPath + "/bulk/"

// bulkWords is what an act on many says.
type bulkWords struct {
	button, verb words.Text
	icon         web.Icon
	danger       bool
	title        func(n int) words.Text
	text         words.Text
	done         func(n int) words.Text
	task         words.Text
}

func wordsOfBulk(name string) bulkWords {
	switch name {
	case BulkRole:
		return bulkWords{button: "Change role", verb: "Change role", icon: "user-cog", text: "The roles chosen here replace those they have. The change counts at once.", task: "Change the role of many people",
			title: func(n int) words.Text {
				return words.N(n, "Change the role of one person?", "Change the role of %d people?")
			},
			done: func(n int) words.Text {
				return words.N(n, "The role of one person was changed.", "The role of %d people was changed.")
			}}
	case BulkReset:
		return bulkWords{button: "Send reset link", verb: "Send links", icon: "mail", text: "Each gets a mail with a link to a new password, which works once.", task: "Send many people a link to a new password",
			title: func(n int) words.Text {
				return words.N(n, "Send one person a link to a new password?", "Send %d people a link to a new password?")
			},
			done: func(n int) words.Text { return words.N(n, "One link was sent.", "%d links were sent.") }}
	case BulkVerify:
		return bulkWords{button: "Mark as verified", verb: "Mark as verified", icon: "badge-check", text: "Their addresses count as theirs without a mail.", task: "Mark many addresses as verified",
			title: func(n int) words.Text {
				return words.N(n, "Mark one address as verified?", "Mark %d addresses as verified?")
			},
			done: func(n int) words.Text {
				return words.N(n, "One address is verified now.", "%d addresses are verified now.")
			}}
	case BulkEnd:
		return bulkWords{button: "End sessions", verb: "End sessions", icon: "log-out", text: "They are signed out everywhere at once and can sign in again.", task: "End the sessions of many people",
			title: func(n int) words.Text {
				return words.N(n, "End all sessions of one person?", "End all sessions of %d people?")
			},
			done: func(n int) words.Text {
				return words.N(n, "The sessions of one person ended.", "The sessions of %d people ended.")
			}}
	case BulkUnban:
		return bulkWords{button: "Lift the ban", verb: "Lift the ban", icon: "user-check", text: "They can sign in again at once.", task: "Lift the ban of many people",
			title: func(n int) words.Text {
				return words.N(n, "Lift the ban of one person?", "Lift the ban of %d people?")
			},
			done: func(n int) words.Text {
				return words.N(n, "One person can sign in again.", "%d people can sign in again.")
			}}
	case BulkBan:
		return bulkWords{button: "Ban", verb: "Ban", icon: "ban", danger: true, text: "Their sessions end at once and they cannot sign in until the ban is over or lifted.", task: "Ban many people",
			title: func(n int) words.Text { return words.N(n, "Ban one person?", "Ban %d people?") },
			done:  func(n int) words.Text { return words.N(n, "One person is banned.", "%d people are banned.") }}
	}
	return bulkWords{button: "Delete", verb: "Delete", icon: "trash-2", danger: true, text: "The accounts go with their sessions and sign-in methods, for good. A ban can be lifted; this cannot be undone.", task: "Delete many people",
		title: func(n int) words.Text { return words.N(n, "Delete one person?", "Delete %d people?") },
		done:  func(n int) words.Text { return words.N(n, "One person was deleted.", "%d people were deleted.") }}
}

// bulkActs are the acts on many that a list offers.
func bulkActs() []list.Act {
	var acts []list.Act
	for _, k := range bulkKinds() {
		says := wordsOfBulk(k.name)
		acts = append(acts, list.Act{ID: k.name, Label: says.button, Icon: says.icon, Danger: says.danger,
			Hold: func(p *auth.Principal) bool { return p.Can(k.scope) && !p.Impersonated() }})
	}
	return acts
}

// bulkRoutes are one route an act, each with its scope.
func (s *Service) bulkRoutes() []plugins.Route {
	var routes []plugins.Route
	for _, k := range bulkKinds() {
		routes = append(routes, plugins.Route{Method: http.MethodPost, Path: bulkPath + k.name, Summary: wordsOfBulk(k.name).task,
			Access: plugins.Access{Who: plugins.SignedIn, Scope: k.scope, ManagesCredentials: true}, Handle: s.bulkPage(k)})
	}
	return routes
}

// chosen is who an act on many is about.
type chosen struct {
	IDs    []string
	All    bool   // everybody the filter matches
	Filter string // query of the list, without "?"
	Count  int
	More   bool // Count is where counting stopped
}

// readChosen reads the form of a list, or of the page that asks.
func (s *Service) readChosen(c *plugins.Call) (chosen, error) {
	ch := chosen{Filter: strings.TrimPrefix(c.Form("filter"), "?"), All: c.Form("all") == "on"}
	if len(ch.Filter) > 4096 {
		return ch, auth.ErrValidation
	}
	if !ch.All {
		ids, err := collect(Those(c.Request.PostForm["id"]))
		ch.IDs, ch.Count = ids, len(ids)
		return ch, err
	}
	q, err := url.ParseQuery(ch.Filter)
	if err != nil {
		return ch, auth.ErrValidation
	}
	query := usersQuery(s.lists.users.Read(c.Context(), q))
	query.Cursor, query.Limit = "", 1
	page, err := s.List(c.Context(), query)
	ch.Count, ch.More = page.Total, page.More
	if err == nil && page.Total == 0 {
		err = ErrNobodyChosen
	}
	return ch, err
}

// people yields who is meant.
func (s *Service) people(ctx context.Context, ch chosen) iter.Seq2[string, error] {
	if !ch.All {
		return Those(ch.IDs)
	}
	return s.matching(ctx, ch.Filter)
}

// matching yields the ids of everybody whom a query of the list finds, page by page.
func (s *Service) matching(ctx context.Context, filter string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		values, err := url.ParseQuery(filter)
		if err != nil {
			yield("", auth.ErrValidation)
			return
		}
		q := usersQuery(s.lists.users.Read(ctx, values))
		q.Cursor, q.Limit = "", maxPage
		for {
			page, err := s.List(ctx, q)
			if err != nil {
				yield("", err)
				return
			}
			for _, u := range page.Rows {
				if !yield(u.ID, nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}

// back is the list that the act was asked for on.
func (ch chosen) back() string {
	if ch.Filter == "" {
		return usersPath
	}
	return usersPath + "?" + ch.Filter
}

// bulkPage asks first, with what the act needs to know; confirmed, it acts. Without
// anybody chosen it goes back to the list.
func (s *Service) bulkPage(k bulkKind) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		ch, err := s.readChosen(c)
		if auth.AsError(err).Code == ErrNobodyChosen.Code && err != nil {
			c.Flash("warn", ErrNobodyChosen.Message)
			return c.SeeOther(ch.back())
		}
		if err != nil {
			return err
		}
		if c.Form("confirmed") != "on" {
			return s.askFirst(c, k, ch)
		}
		if err := s.proofFor(c, k.name == BulkRole || k.name == BulkDelete); err != nil {
			return err
		}
		act, err := readAct(c, k, ch, s)
		var done BulkResult
		if err == nil {
			done, err = s.Bulk(c.Context(), act, s.people(c.Context(), ch))
		}
		if err != nil {
			form, status, ok := refusedForm(c, err)
			if !ok {
				return err
			}
			return c.Page(status, s.askBulk(c, k, ch, form))
		}
		return s.bulkDone(c, k, ch, done)
	}
}

// askFirst asks about those who are there, and says how many are not.
func (s *Service) askFirst(c *plugins.Call, k bulkKind, ch chosen) error {
	gone := 0
	if !ch.All {
		there, err := s.there(c.Context(), ch.IDs)
		if err != nil {
			return err
		}
		gone = len(ch.IDs) - len(there)
		ch.IDs, ch.Count = there, len(there)
	}
	if ch.Count == 0 {
		c.Flash("warn", list.Gone(gone))
		return c.SeeOther(ch.back())
	}
	v := s.askBulk(c, k, ch, web.Form{Values: url.Values{}})
	if gone > 0 {
		v.Confirm.Text = words.Join(" ", v.Confirm.Text, list.Gone(gone))
	}
	return c.Page(http.StatusOK, v)
}

// there are those of the ids that are of people.
func (s *Service) there(ctx context.Context, ids []string) (found []string, err error) {
	for part := range slices.Chunk(ids, maxPage) {
		people, err := s.host.Users.ByIDs(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, id := range part {
			if people[id] != nil {
				found = append(found, id)
			}
		}
	}
	return found, nil
}

// readAct reads what the act needs to know.
func readAct(c *plugins.Call, k bulkKind, ch chosen, s *Service) (BulkAct, error) {
	act := BulkAct{Name: k.name}
	switch k.name {
	case BulkRole:
		act.Roles = c.Request.PostForm["roles"]
		if len(act.Roles) == 0 {
			return act, ErrNoSuchRole.Saying("Choose at least one role.")
		}
	case BulkBan:
		return act, readBan(c, s, &act.Ban)
	case BulkDelete:
		if c.Form("confirm") != ch.expect() {
			return act, auth.ErrValidation.Saying("Type %s to confirm.", ch.expect()).At("confirm")
		}
	}
	return act, nil
}

// expect is what has to be typed before many are deleted: how many they are.
func (ch chosen) expect() string { return strconv.Itoa(ch.Count) }

// readBan reads reason and length of a ban from a form.
func readBan(c *plugins.Call, s *Service, b *Ban) error {
	b.Reason = c.Form("reason")
	if len(b.Reason) > maxReason {
		return auth.ErrValidation.Saying("Use at most 1,000 characters.").At("reason")
	}
	life := c.Form("life")
	if b.Forever = life == banForever; b.Forever || life == "" {
		return nil
	}
	length, err := settings.ParseDuration(life)
	if err != nil {
		return auth.ErrValidation.Saying("This is not a length of time.").At("life")
	}
	b.Until = s.banEnd(length)
	return nil
}

// bulkAskView is the page that asks.
type bulkAskView struct {
	Confirm web.Confirm
	Chosen  chosen
}

func (s *Service) askBulk(c *plugins.Call, k bulkKind, ch chosen, form web.Form) bulkAskView {
	says := wordsOfBulk(k.name)
	q := web.Confirm{ID: "ask-" + k.name, URL: bulkPath + k.name, Cancel: ch.back(), Title: says.title(ch.Count), Text: says.text, Verb: says.verb, Danger: says.danger,
		Hidden: map[string]string{"confirmed": "on", "filter": ch.Filter}, Form: form, Fields: []templ.Component{hiddenIDs(ch.IDs)}}
	if ch.All {
		q.Hidden["all"] = "on"
	}
	if ch.More {
		q.Title = words.F("%s: more than %d people", says.button, ch.Count)
	}
	q.Fields = append(q.Fields, s.bulkFields(c, k, form)...)
	if k.name == BulkDelete {
		q.Expect = ch.expect()
	}
	return bulkAskView{q, ch}
}

func (s *Service) bulkFields(c *plugins.Call, k bulkKind, form web.Form) []templ.Component {
	switch k.name {
	case BulkBan:
		return s.banFields(form)
	case BulkRole:
		return []templ.Component{s.roleBoxes(s.GivableRoles(c.Context()), form.Values["roles"])}
	}
	return nil
}

// nobodyChanged is what came of an act that left everybody out.
const nobodyChanged words.Text = "Nobody was changed."

// bulkDoneView says what came of an act that left somebody out.
type bulkDoneView struct {
	Title   words.Text
	Skipped []skippedRow
	Back    string
}

func (s *Service) bulkDone(c *plugins.Call, k bulkKind, ch chosen, done BulkResult) error {
	says := wordsOfBulk(k.name)
	came := says.done(done.Done)
	if done.Done == 0 {
		came = nobodyChanged
	}
	switch {
	case done.Task != nil:
		return c.SeeOther(taskURL(done.Task.ID, ""))
	case len(done.Skipped) == 0:
		if k.name == BulkBan && len(ch.IDs) > 0 {
			c.FlashUndo(came, plugins.Undo{Path: bulkPath + BulkUnban, Fields: url.Values{"id": ch.IDs, "confirmed": {"on"}, "filter": {ch.Filter}}})
		} else {
			c.Flash("good", came)
		}
		return c.SeeOther(ch.back())
	}
	rows, err := s.skippedRows(c, auth.TaskKind{Names: s.namesOf}, done.Skipped)
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, bulkDoneView{came, rows, ch.back()})
}

// namesOf are the names of people by id, for lists of who was left out.
func (s *Service) namesOf(ctx context.Context, ids []string) (map[string]auth.TaskItem, error) {
	people, err := s.host.Users.ByIDs(ctx, ids)
	names := map[string]auth.TaskItem{}
	for _, u := range people {
		names[u.ID] = auth.TaskItem{Name: shownName(u), URL: userURL(u.ID, "")}
	}
	return names, err
}
