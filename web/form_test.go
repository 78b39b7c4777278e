package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestFillKeepsInputButNoSecrets(t *testing.T) {
	form := Form{
		Values: url.Values{"email": {"ada@"}, "password": {"hunter2-hunter2"}, "note": {""}},
		Errors: []FieldError{{"email", "Not an address."}, {"password", "Too short."}},
	}
	email := form.Fill(Field{Name: "email", Type: Email, Value: "old@example.com"})
	if email.Value != "ada@" || email.Error != "Not an address." || !email.Focus {
		t.Errorf("email: %+v", email)
	}
	password := form.Fill(Field{Name: "password", Type: Password, Focus: true})
	if password.Value != "" || password.Error == "" || password.Focus {
		t.Errorf("password: %+v", password)
	}
	if got := render(t, Request{}, Field{Name: "p", Type: Password, Value: "secret"}); strings.Contains(got, "secret") {
		t.Errorf("a password is written back: %s", got)
	}
	if note := form.Fill(Field{Name: "note", Value: "old"}); note.Value != "" {
		t.Errorf("an emptied field comes back full: %q", note.Value)
	}
	if other := form.Fill(Field{Name: "other", Value: "kept"}); other.Value != "kept" {
		t.Errorf("a field that was not sent: %q", other.Value)
	}
}

func TestFieldDescribesItself(t *testing.T) {
	got := render(t, Request{}, Field{Name: "a", Label: "A", Hint: "hint", Error: "wrong"})
	for _, want := range []string{`aria-describedby="f-a-error f-a-hint"`, `aria-invalid="true"`, `id="f-a-error"`, `id="f-a-hint"`, " required"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	locked := render(t, Request{}, Field{Name: "a", Label: "A", Locked: "Set by the file"})
	if !strings.Contains(locked, " disabled") || strings.Contains(locked, " required") || !strings.Contains(locked, "Set by the file") {
		t.Error(locked)
	}
}

func TestConfirmAsksForTheExactText(t *testing.T) {
	for _, text := range []string{"ada@example.com", "Acme (Inc.)", "a-b/c", `x"y'z`, "100% [sure]?", " spaced "} {
		confirm := Confirm{ID: "c", URL: "/delete", Expect: text, Danger: true}
		expression, err := regexp.Compile("^(?:" + strings.NewReplacer(`\-`, "-", `\/`, "/").Replace(confirm.typed(false).Pattern) + ")$")
		if err != nil {
			t.Fatal(err)
		}
		if !expression.MatchString(strings.TrimSpace(text)) || expression.MatchString(text+"x") || expression.MatchString("") {
			t.Errorf("%q is not what is asked for by %s", text, expression)
		}
	}
}

func TestConfirmWorksAsPageAndDialog(t *testing.T) {
	confirm := Confirm{ID: "c", Page: "/ask", URL: "/delete", Cancel: "/back", Title: "Delete?", Verb: "Delete", Hidden: map[string]string{"id": "7"}}
	for name, got := range map[string]string{"dialog": render(t, Request{}, confirm.Dialog()), "page": render(t, Request{}, confirm.Body())} {
		for _, want := range []string{`method="post"`, `action="/delete"`, `name="id" value="7"`, ">Delete<"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s is missing in %s", name, want, got)
			}
		}
	}
	if got := render(t, Request{}, confirm.Button("Delete…", "")); !strings.Contains(got, `href="/ask"`) || !strings.Contains(got, `data-dialog="c"`) {
		t.Error(got)
	}
}
