package web

import (
	"gatehouse/auth/words"
	"net/url"
)

// FieldError is what is wrong with one field, in words for the person.
type FieldError struct {
	Field string
	Text  words.Text
}

// Form is the state in which a form is drawn: empty, or as it came back. A
// refused form keeps what was typed, except secrets.
type Form struct {
	Values  url.Values
	Errors  []FieldError // in the order of the fields
	Message words.Text   // what is wrong with the whole, shown above the fields
}

// Value returns what a field holds, "" when nothing.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Or returns what a field holds, or the given text when the form is new.
func (f Form) Or(name, text string) string {
	if f.Values.Has(name) {
		return f.Values.Get(name)
	}
	return text
}

// Is reports whether a check box or choice holds the value.
func (f Form) Is(name, value string) bool {
	for _, held := range f.Values[name] {
		if held == value {
			return true
		}
	}
	return false
}

// Error returns all that is wrong with a field, "" when nothing.
func (f Form) Error(name string) words.Text {
	var texts []words.Text
	for _, e := range f.Errors {
		if e.Field == name {
			texts = append(texts, e.Text)
		}
	}
	return words.Join(" ", texts...)
}

// First reports whether a field is the first with an error: it takes the focus.
func (f Form) First(name string) bool { return len(f.Errors) > 0 && f.Errors[0].Field == name }

// Failed reports whether the form came back refused.
func (f Form) Failed() bool { return len(f.Errors) > 0 || f.Message != "" }

// Fill returns the field with its kept value, its error and, when it is the
// first that is wrong, the focus. A password keeps no value.
func (f Form) Fill(field Field) Field {
	if field.Type != Password {
		field.Value = f.Or(field.Name, field.Value)
	}
	field.Error = f.Error(field.Name)
	if f.Failed() {
		field.Focus = f.First(field.Name) || field.Focus && len(f.Errors) == 0
	}
	return field
}
