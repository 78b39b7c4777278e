package schema

import (
	"math"
	"strings"
)

const (
	maxIssues  = 32  // reported failures of one input
	maxSegment = 64  // bytes of one path segment or key that the client chose
	maxPath    = 256 // bytes of a whole path
)

// Issue is one failure: where, and why.
type Issue struct {
	Path   string // "body.idToken.token", "body" when the whole input is meant
	Reason string
}

// Issues are the failures of one input in the order of the fields, 32 at most. They are
// the message of 400 VALIDATION_ERROR (better-auth core 1.6).
type Issues struct {
	List []Issue
}

// Error returns the wire's message: "[body.a] reason; [body.b] reason".
func (i *Issues) Error() string {
	parts := make([]string, len(i.List))
	for n, issue := range i.List {
		parts[n] = "[" + issue.Path + "] " + issue.Reason
	}
	return strings.Join(parts, "; ")
}

// Report collects what a Checker finds.
type Report struct {
	run *run
}

// Add records a failure of the member at path below the value that is checked; no path
// means the value itself.
func (r Report) Add(reason string, path ...string) {
	depth := len(r.run.path)
	r.run.path = append(r.run.path, path...)
	r.run.record(reason)
	r.run.path = r.run.path[:depth]
}

// Checker is implemented by input types (on the type or its pointer) with rules that tags
// cannot say. Check runs once the value has the declared shape, after its fields.
type Checker interface {
	Check(report Report)
}

// run is the state of one Parse.
type run struct {
	path   []string
	issues []Issue
	fatal  int // failures of shape: they make a union branch not fit, and skip Checkers
}

func (r *run) push(segment string) { r.path = append(r.path, segment) }
func (r *run) pop()                { r.path = r.path[:len(r.path)-1] }

// fail records a failure of shape.
func (r *run) fail(reason string) {
	r.fatal++
	r.record(reason)
}

// record notes a failure of content: the value has the right type.
func (r *run) record(reason string) {
	if len(r.issues) < maxIssues {
		r.issues = append(r.issues, Issue{Path: joinPath(r.path), Reason: reason})
	}
}

// add takes over a failure of content from another run.
func (r *run) add(issue Issue) {
	if len(r.issues) < maxIssues {
		r.issues = append(r.issues, issue)
	}
}

// failType records a wrong type, with the declared text if there is one.
func (r *run) failType(expected string, v Value, text string) {
	if text == "" {
		text = "Invalid input: expected " + expected + ", received " + received(v)
	}
	r.fail(text)
}

func received(v Value) string {
	if n, ok := v.Number(); ok && (math.IsNaN(n) || math.IsInf(n, 0)) {
		return numberText(n)
	}
	return string(v.Kind())
}

func joinPath(path []string) string {
	short := make([]string, len(path))
	for i, segment := range path {
		short[i] = shorten(segment, maxSegment)
	}
	return shorten(strings.Join(short, "."), maxPath)
}

// shorten cuts what the client chose to at most limit bytes, at a rune's start.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
