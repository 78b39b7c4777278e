package mail

import (
	"regexp"
	"slices"
	"strings"
)

// Template is the wording of a message as people write it: plain text with named places
// such as {{name}}. Nothing in it is code.
//
// A body is paragraphs with blank lines between. One that begins with "# " is the
// heading, one that begins with "-- " the small print at the end, "{{code}}" alone
// stands out, and "Open it: {{link}}" is a button. A line that has a place without a value
// is left out, so that "Hello {{name}}," needs no other form for people without a name.
type Template struct{ Subject, Body string }

// Places that are drawn in their own way, wherever a message has them.
const (
	PlaceLink = "link" // address to open; at the end of a paragraph of its own
	PlaceCode = "code" // a code to type
)

// Bounds of a wording, in characters.
const (
	MaxSubject = 200
	MaxBody    = 10_000
)

// FaultKind is what is wrong with a wording.
type FaultKind string

// Kinds of faults.
const (
	FaultEmpty   FaultKind = "empty"
	FaultLong    FaultKind = "long"
	FaultLines   FaultKind = "lines"   // a subject of several lines
	FaultBraces  FaultKind = "braces"  // {{ or }} that is no place
	FaultUnknown FaultKind = "unknown" // a place that the message does not have
	FaultMissing FaultKind = "missing" // a place that the message cannot do without
	FaultSecret  FaultKind = "secret"  // link or code in a subject, which is kept readable
	FaultLink    FaultKind = "link"    // a link that is not at the end of a paragraph of its own
)

// Fault is one thing that is wrong with a wording.
type Fault struct {
	Subject bool // else in the body
	Kind    FaultKind
	Name    string // of the place, where there is one
}

var place = regexp.MustCompile(`\{\{ *([A-Za-z][A-Za-z0-9_]*) *\}\}`)

// Check says what is wrong with the wording of a message that has the places known and
// cannot do without those needed.
func (t Template) Check(known, needed []string) []Fault {
	faults := append(t.checkSubject(known), t.checkBody(known)...)
	for _, name := range needed {
		if !slices.Contains(places(t.Body), name) {
			faults = append(faults, Fault{Kind: FaultMissing, Name: name})
		}
	}
	return faults
}

func (t Template) checkSubject(known []string) []Fault {
	var faults []Fault
	subject := strings.TrimSpace(t.Subject)
	switch {
	case subject == "":
		faults = append(faults, Fault{Subject: true, Kind: FaultEmpty})
	case len([]rune(subject)) > MaxSubject:
		faults = append(faults, Fault{Subject: true, Kind: FaultLong})
	case strings.ContainsFunc(subject, isBreak):
		faults = append(faults, Fault{Subject: true, Kind: FaultLines})
	}
	for _, f := range checkPlaces(subject, known) {
		f.Subject = true
		faults = append(faults, f)
	}
	for _, name := range places(subject) {
		if name == PlaceLink || name == PlaceCode {
			faults = append(faults, Fault{Subject: true, Kind: FaultSecret, Name: name})
		}
	}
	return faults
}

func (t Template) checkBody(known []string) []Fault {
	var faults []Fault
	switch {
	case strings.TrimSpace(t.Body) == "":
		faults = append(faults, Fault{Kind: FaultEmpty})
	case len([]rune(t.Body)) > MaxBody:
		faults = append(faults, Fault{Kind: FaultLong})
	}
	faults = append(faults, checkPlaces(t.Body, known)...)
	for _, text := range paragraphs(t.Body) {
		if _, isLink := linkLabel(text); !isLink && slices.Contains(places(text), PlaceLink) {
			faults = append(faults, Fault{Kind: FaultLink, Name: PlaceLink})
		}
	}
	return faults
}

// checkPlaces finds places that nobody fills, each once, and braces that are none.
func checkPlaces(text string, known []string) []Fault {
	var faults []Fault
	for _, name := range places(text) {
		if !slices.Contains(known, name) {
			faults = append(faults, Fault{Kind: FaultUnknown, Name: name})
		}
	}
	if rest := place.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		faults = append(faults, Fault{Kind: FaultBraces})
	}
	return faults
}

// places names the places of a text, each once, in their order.
func places(text string) []string {
	var names []string
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

// paragraphs splits a body at its blank lines.
func paragraphs(body string) []string {
	var list []string
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			list, lines = append(list, strings.Join(lines, "\n")), nil
		}
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return list
}

// linkLabel reads a paragraph "Open it: {{link}}", the label may be empty.
func linkLabel(text string) (label string, ok bool) {
	at := place.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		return "", false
	}
	last := at[len(at)-1]
	if text[last[2]:last[3]] != PlaceLink || last[1] != len(text) {
		return "", false
	}
	label = strings.TrimSpace(text[:last[0]])
	if strings.Contains(label, "\n") || slices.Contains(places(label), PlaceLink) {
		return "", false
	}
	return strings.TrimSpace(strings.TrimSuffix(label, ":")), true
}

// Fill puts values into a wording. Values may come from people: each becomes one line
// that no mail program turns into a link, save those of link and code, which stay as
// they are. What has no value is left out with its line.
func (t Template) Fill(values map[string]string) (subject string, c Content) {
	safe := make(map[string]string, len(values))
	for name, value := range values {
		switch name {
		case PlaceLink, PlaceCode:
		case "name":
			safe[name] = Name(value)
		default:
			safe[name] = unlink(clip(Line(value), maxValue))
		}
	}
	subject, _ = filled(t.Subject, safe)
	subject = Line(subject)
	c.Code, c.ActionURL = Line(values[PlaceCode]), values[PlaceLink]
	for _, text := range paragraphs(t.Body) {
		c.add(text, safe)
	}
	if c.Title == "" {
		c.Title = subject
	}
	return subject, c
}

// maxValue is how many characters of a value a message shows.
const maxValue = 320

// add reads one paragraph.
func (c *Content) add(text string, values map[string]string) {
	if label, isLink := linkLabel(text); isLink {
		if label, ok := filled(label, values); ok && c.ActionURL != "" {
			c.Parts = append(c.Parts, Part{Kind: PartAction, Text: label})
		}
		return
	}
	if found := place.FindStringSubmatch(text); found != nil && found[0] == text && found[1] == PlaceCode {
		if c.Code != "" {
			c.Parts = append(c.Parts, Part{Kind: PartCode})
		}
		return
	}
	if c.Code != "" {
		values = with(values, PlaceCode, c.Code)
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line, ok := filled(line, values); ok {
			lines = append(lines, line)
		}
	}
	text = strings.Join(lines, "\n")
	switch heading, isHeading := strings.CutPrefix(text, "# "); {
	case text == "":
	case isHeading && c.Title == "":
		c.Title = Line(heading)
	case strings.HasPrefix(text, "-- ") || strings.HasPrefix(text, "--\n"):
		c.Footer = strings.TrimSpace(text[2:])
	default:
		c.Parts = append(c.Parts, Part{Text: text})
	}
}

func with(values map[string]string, name, value string) map[string]string {
	more := map[string]string{name: value}
	for n, v := range values {
		more[n] = v
	}
	return more
}

// filled puts values into a line; false when one of its places has none.
func filled(text string, values map[string]string) (string, bool) {
	whole := true
	text = place.ReplaceAllStringFunc(text, func(found string) string {
		value := values[place.FindStringSubmatch(found)[1]]
		whole = whole && value != ""
		return value
	})
	return text, whole
}
