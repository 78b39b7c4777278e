package auth

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/mail"
	"gatehouse/auth/random"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/messagetext"
)

// places of every message.
func commonPlaces() []Place {
	return []Place{
		{"app", "The name of this server"},
		{"name", "The name of the recipient"},
		{"address", "The address that the message goes to"},
	}
}

// Known are the places that a wording of the message may have: those of every message,
// its link and code where it cannot do without them, and its own.
func (k Message) Known() []Place {
	list := commonPlaces()
	if k.Notice != "" || slices.Contains(k.Needs, mail.PlaceLink) {
		list = append(list, Place{mail.PlaceLink, "The address to open, at the end of a paragraph of its own: Open it: {{link}}"})
	}
	if slices.Contains(k.Needs, mail.PlaceCode) {
		list = append(list, Place{mail.PlaceCode, "The code to type"})
	}
	if k.Notice != "" {
		list = append(list, noticePlaces()...)
	}
	return append(list, k.Places...)
}

func (k Message) names() []string {
	var names []string
	for _, p := range k.Known() {
		names = append(names, p.Name)
	}
	return names
}

// template is the built-in wording in a language.
func (k Message) template(s *words.Speaker) mail.Template {
	list := make([]string, len(k.Body))
	for i, text := range k.Body {
		list[i] = s.Say(text)
	}
	return mail.Template{Subject: s.Say(k.Subject), Body: strings.Join(list, "\n\n")}
}

// check refuses a declaration whose own words are not in order.
func (k Message) check() error {
	if faults := k.template(words.English()).Check(k.names(), k.Needs); len(faults) > 0 {
		return fmt.Errorf("message %q: its wording has the fault %q %s", k.Kind, faults[0].Kind, faults[0].Name)
	}
	return nil
}

// Wording is what a message says in one language.
type Wording struct {
	mail.Template
	// Changed says that an administrator wrote it; else it is the built-in one.
	Changed bool
	// Version tells two states apart; empty for the built-in wording.
	Version   string
	UpdatedAt time.Time
	UpdatedBy string // id of a person
}

// Wording returns the wording in force.
func (m *Messages) Wording(ctx context.Context, kind string, s *words.Speaker) (Wording, error) {
	k, ok := m.kinds[kind]
	if !ok {
		return Wording{}, fmt.Errorf("message %q is not declared", kind)
	}
	row, err := m.db.Access(ctx).MessageText().Query().Where(messagetext.Kind(kind), messagetext.Language(s.Language())).First(ctx)
	if ent.IsNotFound(err) {
		return Wording{Template: k.template(s)}, nil
	}
	if err != nil {
		return Wording{}, fmt.Errorf("reading the wording of a message: %w", err)
	}
	w := Wording{Template: mail.Template{Subject: row.Subject, Body: row.Body}, Changed: true, Version: version(row.UpdatedAt), UpdatedAt: row.UpdatedAt}
	if row.UpdatedBy != nil {
		w.UpdatedBy = *row.UpdatedBy
	}
	return w, nil
}

// BuiltIn returns the wording that holds when nobody changed it.
func (m *Messages) BuiltIn(kind string, s *words.Speaker) mail.Template {
	return m.kinds[kind].template(s)
}

// Changed lists the languages in which an administrator changed the wording, by kind.
func (m *Messages) Changed(ctx context.Context) (map[string][]string, error) {
	rows, err := m.db.Access(ctx).MessageText().Query().Order(ent.Asc(messagetext.FieldLanguage)).Limit(maxWordings).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing wordings: %w", err)
	}
	list := map[string][]string{}
	for _, row := range rows {
		list[row.Kind] = append(list[row.Kind], row.Language)
	}
	return list, nil
}

// maxWordings bounds what is read; no server has as many kinds times languages.
const maxWordings = 10_000

// Reword changes what a message says in one language.
type Reword struct {
	Kind, Language string
	mail.Template
	// Version is that of the wording the person saw.
	Version string
}

// ErrStale refuses a change of something that somebody else changed meanwhile.
var ErrStale = E(409, "CHANGED_MEANWHILE", "Somebody else changed this meanwhile. Your text is kept below; look at theirs before you save again.")

// Reword stores a wording. What is wrong with it is ErrWording with a text for each
// field; a wording that somebody else changed since Version is ErrStale.
func (m *Messages) Reword(ctx context.Context, in Reword) error {
	in.Subject = strings.TrimSpace(in.Subject)
	in.Body = strings.TrimSpace(strings.ReplaceAll(in.Body, "\r\n", "\n"))
	if _, _, err := m.wordable(in.Kind, in.Language); err != nil {
		return err
	}
	if err := m.Judge(in.Kind, in.Template); err != nil {
		return err
	}
	return m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		if err := m.storeWording(ctx, tx, in); err != nil {
			return err
		}
		return m.events.Record(ctx, Event{Kind: EventReworded, SubjectType: "message", Subject: in.Kind, Data: map[string]any{"language": in.Language}})
	})
}

// Kinds of events of this package.
const (
	EventReworded = "message.reworded"
	EventReset    = "message.wording-reset"
)

func (m *Messages) storeWording(ctx context.Context, tx *Tx, in Reword) error {
	by, now := "", m.clock()
	if p := PrincipalOf(ctx); p != nil {
		by = p.Subject
	}
	if in.Version == "" {
		err := tx.MessageText().Create().SetID(random.ID()).SetKind(in.Kind).SetLanguage(in.Language).
			SetSubject(in.Subject).SetBody(in.Body).SetUpdatedAt(now).SetUpdatedBy(by).Exec(ctx)
		if ent.IsConstraintError(err) {
			return ErrStale.Because(err)
		}
		return err
	}
	seen, err := parseVersion(in.Version)
	if err != nil {
		return ErrStale.Because(err)
	}
	if !now.After(seen) { // versions of two changes differ even within a millisecond
		now = seen.Add(time.Millisecond)
	}
	n, err := tx.MessageText().Update().Where(messagetext.Kind(in.Kind), messagetext.Language(in.Language), messagetext.UpdatedAt(seen)).
		SetSubject(in.Subject).SetBody(in.Body).SetUpdatedAt(now).SetUpdatedBy(by).Save(ctx)
	if err == nil && n == 0 {
		return ErrStale
	}
	return err
}

// version and parseVersion write times in milliseconds, as every database keeps them.
func version(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

func parseVersion(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(n).UTC(), err
}

// ResetWording makes the built-in wording hold again. Nothing happens where it does.
func (m *Messages) ResetWording(ctx context.Context, kind, language string) error {
	if _, _, err := m.wordable(kind, language); err != nil {
		return err
	}
	return m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := tx.MessageText().Delete().Where(messagetext.Kind(kind), messagetext.Language(language)).Exec(ctx)
		if err != nil || n == 0 {
			return err
		}
		return m.events.Record(ctx, Event{Kind: EventReset, SubjectType: "message", Subject: kind, Data: map[string]any{"language": language}})
	})
}

// errNoMessage is for kinds and languages that do not exist.
var errNoMessage = E(404, "NOT_FOUND", "This message does not exist.")

func (m *Messages) wordable(kind, language string) (Message, *words.Speaker, error) {
	k, ok := m.kinds[kind]
	s, spoken := m.languages.Speaker(language)
	if !ok || !spoken || !slices.Contains(m.languages.Known(), s.Language()) {
		return k, nil, errNoMessage
	}
	return k, s, nil
}

// Message returns the declaration of a kind and a language's speaker; the error is a 404
// for those that do not exist.
func (m *Messages) Message(kind, language string) (Message, *words.Speaker, error) {
	return m.wordable(kind, language)
}

// ErrWording refuses a wording; its fields are "subject" and "body".
var ErrWording = E(422, "INVALID_WORDING", "The wording is not in order.")

// Judge says what is wrong with a wording; nil when it may be stored.
func (m *Messages) Judge(kind string, t mail.Template) error {
	k := m.kinds[kind]
	faults := t.Check(k.names(), k.Needs)
	if len(faults) == 0 {
		return nil
	}
	e := *ErrWording
	e.Fields = map[string]words.Text{}
	for _, f := range faults {
		field := "body"
		if f.Subject {
			field = "subject"
		}
		e.Fields[field] = words.Join(" ", e.Fields[field], k.fault(f))
	}
	return &e
}

// fault says a fault in words.
func (k Message) fault(f mail.Fault) words.Text {
	named := "{{" + f.Name + "}}"
	switch f.Kind {
	case mail.FaultEmpty:
		return "This must not be empty."
	case mail.FaultLong:
		if f.Subject {
			return words.F("At most %d characters.", mail.MaxSubject)
		}
		return words.F("At most %d characters.", mail.MaxBody)
	case mail.FaultLines:
		return "A subject is one line."
	case mail.FaultBraces:
		return "Double braces stand for places only, such as {{name}}."
	case mail.FaultUnknown:
		var known []string
		for _, name := range k.names() {
			if !f.Subject || name != mail.PlaceLink && name != mail.PlaceCode {
				known = append(known, "{{"+name+"}}")
			}
		}
		return words.F("There is no %s. This message has %s.", named, strings.Join(known, ", "))
	case mail.FaultMissing:
		return words.F("This message makes no sense without %s.", named)
	case mail.FaultSecret:
		return words.F("%s does not belong in a subject: subjects are kept readable, links and codes are not.", named)
	}
	return "The link stands at the end of a paragraph of its own, such as: Open it: {{link}}"
}

// Draft fills a wording with the sample data of its kind, for a preview.
func (m *Messages) Draft(kind string, s *words.Speaker, t mail.Template) (subject string, c mail.Content) {
	k := m.kinds[kind]
	d := k.Sample
	if k.Notice != "" {
		d = withSampleNotice(d, m.clock())
	}
	d.AppName = m.cfg.App.Get().Name
	return fill(t, s, d)
}

// fill makes subject and content of a wording.
func fill(t mail.Template, s *words.Speaker, d MessageData) (string, mail.Content) {
	values := map[string]string{"app": d.AppName, "name": d.Name, "address": d.Address, mail.PlaceLink: d.URL, mail.PlaceCode: d.Code}
	for name, value := range d.Values {
		values[name] = value
	}
	for name, text := range d.Texts {
		values[name] = s.Say(text)
	}
	subject, c := t.Fill(values)
	c.Product, c.Lang, c.Dir = mail.Name(d.AppName), s.Language(), s.Direction()
	return subject, c
}
