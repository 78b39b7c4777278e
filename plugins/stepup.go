package plugins

import (
	"net/url"
	"strconv"

	"gatehouse/web"
)

// Prover asks a person on a page to show again who they are. The server's own pages offer
// it. The page lists the methods with the purpose ForStepUp that the moment StepUpAsked
// names.
//
// A method joins by the contract alone. Its form posts to a route of its own (signed in,
// ManagesCredentials) and takes along the fields of Waiting. When the proof is good, the
// route calls Sessions.Prove and then Call.Resume; else AskAgain draws the page once more.
// Wrong proofs count with Attempts, as wrong passwords do (SEC-069).
type Prover interface {
	// AskAgain draws the page with a status and what was wrong; the zero form at first.
	AskAgain(c *Call, status int, form web.Form) error
}

// Waiting is what goes on when the proof is given.
type Waiting struct {
	// ReturnTo is the page to go to, a path of this server.
	ReturnTo string
	// Form is the form that was sent, sealed by the server; empty when a page waits.
	Form string
	// Strength that the proof must have; 0 takes any.
	Strength int
}

// Fields are the hidden fields of every form of a step-up.
func (w Waiting) Fields() map[string]string {
	fields := map[string]string{"returnTo": w.ReturnTo}
	if w.Form != "" {
		fields["waiting"] = w.Form
	}
	if w.Strength > 0 {
		fields["strength"] = strconv.Itoa(w.Strength)
	}
	return fields
}

// Address is the page that asks, for a page that waits.
func (w Waiting) Address(path string) string {
	values := url.Values{}
	for name, value := range w.Fields() {
		values.Set(name, value)
	}
	return path + "?" + values.Encode()
}

// Waiting is what the step-up of this request stands in front of: what the engine found,
// or what the form took along.
func (c *Call) Waiting() Waiting {
	if c.waiting != nil {
		return *c.waiting
	}
	strength, _ := strconv.Atoi(c.Form("strength"))
	return Waiting{ReturnTo: c.Form("returnTo"), Form: c.Form("waiting"), Strength: strength}
}

// Await is for the engine: it says what waits.
func (c *Call) Await(w Waiting) { c.waiting = &w }

// Resume goes on with what the step-up stood in front of: it carries out the form that was
// sent, as if it had just come, or leads to the page that was asked for.
func (c *Call) Resume() error { return c.View.Resume(c) }
