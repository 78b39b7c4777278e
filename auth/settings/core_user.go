package settings

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"time"
)

// App is how the installation presents itself.
type App struct {
	_ struct{} `title:"Application" help:"How the installation presents itself."`

	Name string `setting:"name" help:"Name on pages, in mails and in authenticator apps" level:"console" check:"required;max=64"`
}

// SignUp governs who may make an account alone.
type SignUp struct {
	_ struct{} `title:"Sign-up" help:"Who may make an account without being invited."`

	Enabled    bool `setting:"enabled" help:"Let anyone make an account" level:"console"`
	AutoSignIn bool `setting:"auto_sign_in" help:"Open a session at sign-up" level:"console"`
}

// EmailVerification governs the proof of addresses.
type EmailVerification struct {
	_ struct{} `title:"E-mail verification" help:"When and how people prove their address."`

	Required   bool          `setting:"required" help:"Refuse sign-in by password until the address is proved" level:"console"`
	OnSignUp   Toggle        `setting:"on_sign_up" help:"Send the mail at sign-up; auto follows email_verification.required" level:"console"`
	OnSignIn   bool          `setting:"on_sign_in" help:"Send it again when an unproved address signs in" level:"console"`
	AutoSignIn bool          `setting:"auto_sign_in" help:"Open a session when the link is followed" level:"console"`
	ExpiresIn  time.Duration `setting:"expires_in" help:"How long the link works" level:"console" check:"min=1m;max=7d"`
}

// SendOnSignUp resolves the toggle.
func (e *EmailVerification) SendOnSignUp() bool { return e.OnSignUp.Or(e.Required) }

// User governs what people may do with their account.
type User struct {
	_ struct{} `title:"Users" help:"What people may do with their account, and the fields it has."`

	ChangeEmail                    bool                       `setting:"change_email" help:"Let people change their address" level:"console"`
	ChangeEmailConfirmation        bool                       `setting:"change_email_confirmation" help:"Ask at the old address, if it is proved, before the new one" level:"console"`
	UpdateEmailWithoutVerification bool                       `setting:"update_email_without_verification" help:"Change an unproved address at once" level:"console"`
	Delete                         bool                       `setting:"delete" help:"Let people delete their account" level:"console"`
	DeleteConfirmationMail         bool                       `setting:"delete_confirmation_mail" help:"Ask by mail before an account is deleted" level:"console"`
	DeleteExpiresIn                time.Duration              `setting:"delete_expires_in" help:"How long the link of that mail works" level:"console" check:"min=1m;max=7d"`
	Fields                         map[string]AdditionalField `setting:"fields" help:"Additional fields of a user, by name"`
}

func userDefaults() User {
	return User{ChangeEmail: true, ChangeEmailConfirmation: true, Delete: true, DeleteExpiresIn: day}
}

// Check refuses field names that are taken or unfit.
func (u *User) Check() error { return errors.Join(checkFieldNames(u.Fields, userColumns())...) }

// AdditionalField is a field that the operator adds to an entity.
type AdditionalField struct {
	Type     string `setting:"type" help:"string, number, boolean, date, json, string[] or number[]"`
	Required bool   `setting:"required" help:"Sign-up must give it"`
	Input    bool   `setting:"input" help:"Clients may set it"`
	Returned bool   `setting:"returned" help:"Answers show it"`
	Default  any    `setting:"default" help:"Value when none is given"`
	Unique   bool   `setting:"unique" help:"Not supported, refused at start"`
}

// SetDefaults gives what a field has when nothing is said.
func (f *AdditionalField) SetDefaults() {
	*f = AdditionalField{Type: "string", Required: true, Input: true, Returned: true}
}

// Check refuses unknown types, unfitting defaults and unique fields.
func (f *AdditionalField) Check() error {
	if f.Unique {
		return Invalid("unique", "cannot be kept: additional fields share one column, which no database can index for uniqueness", "remove it")
	}
	if f.Required && !f.Input && f.Default == nil {
		return Invalid("required", "asks for a field that input = false forbids to give", "set required = false, or a default")
	}
	if !f.knownType() {
		return Invalid("type", "must be one of string, number, boolean, date, json, string[], number[]", "")
	}
	if f.Default != nil && !f.fits() {
		return Invalid("default", "does not fit the type "+f.Type, "")
	}
	return nil
}

func (f *AdditionalField) knownType() bool {
	return slices.Contains([]string{"string", "number", "boolean", "date", "json", "string[]", "number[]"}, f.Type)
}

// fits reports whether the default can be a value of the type; lists and JSON
// take none.
func (f *AdditionalField) fits() bool {
	switch f.Default.(type) {
	case string:
		return f.Type == "string" || f.Type == "date"
	case bool:
		return f.Type == "boolean"
	case int64, float64:
		return f.Type == "number"
	}
	return false
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)

func checkFieldNames(fields map[string]AdditionalField, taken []string) []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case !fieldName.MatchString(name):
			problems = append(problems, Invalid("fields."+name, "is no name for a field", "use letters, digits and _, a letter first"))
		case slices.Contains(taken, name):
			problems = append(problems, Invalid("fields."+name, "is the name of a field that exists", "choose another"))
		}
	}
	return problems
}

func userColumns() []string {
	return []string{"id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"}
}

func sessionColumns() []string {
	return []string{"id", "expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent", "userId"}
}
