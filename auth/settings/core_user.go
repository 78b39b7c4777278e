package settings

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"time"

	"gatehouse/auth/words"
)

// App is how the installation presents itself.
type App struct {
	_ struct{} `title:"Application" help:"How the installation presents itself." area:"appearance"`

	Name string `setting:"name" label:"Name of the installation" help:"Shown on pages, in mails and in authenticator apps" level:"console" check:"required;max=64"`
}

// SignIn governs how people get in, and what the page for it offers. What other methods
// need, their plugins declare in the same area.
type SignIn struct {
	_ struct{} `title:"Sign-in methods" help:"How people sign in, and what the sign-in page offers." area:"sign-in"`

	Password   bool   `setting:"password" label:"Email and password" help:"Let people sign in and sign up with their address and a password" level:"console"`
	Remember   string `setting:"remember" label:"Keep people signed in" help:"The check box for it; without it a session ends with the browser, at the latest after a day" level:"console" check:"oneof=checked|unchecked|never" choices:"checked=Offered, checked at first|unchecked=Offered, not checked at first|never=Never"`
	ForgotLink bool   `setting:"forgot_link" label:"Link for forgotten passwords" help:"Shown on the sign-in page where mail can be sent" level:"console"`
	SignUpLink bool   `setting:"sign_up_link" label:"Link to sign up" help:"Shown on the sign-in page where sign-up is open" level:"console"`
}

// Values of SignIn.Remember.
const (
	RememberChecked   = "checked"
	RememberUnchecked = "unchecked"
	RememberNever     = "never"
)

// SignUp governs who may make an account alone.
type SignUp struct {
	_ struct{} `title:"Sign-up" help:"Who may create an account without an invitation." area:"sign-up"`

	Enabled    bool `setting:"enabled" label:"Open sign-up" help:"Let anyone create an account" level:"console"`
	AutoSignIn bool `setting:"auto_sign_in" label:"Sign in at once" help:"Open a session as soon as the account is created" level:"console"`
}

// EmailVerification governs the proof of addresses.
type EmailVerification struct {
	_ struct{} `title:"E-mail verification" help:"When and how people verify their address." area:"sign-up"`

	Required   bool          `setting:"required" label:"Verification required" help:"Refuse sign-in with a password until the address is verified" level:"console"`
	OnSignUp   Toggle        `setting:"on_sign_up" label:"Mail at sign-up" help:"Send the link when an account is created; auto follows email_verification.required" level:"console" choices:"auto=If verification is required|true=Always|false=Never"`
	OnSignIn   bool          `setting:"on_sign_in" label:"Mail at sign-in" help:"Send the link again when somebody signs in with an unverified address" level:"console"`
	AutoSignIn bool          `setting:"auto_sign_in" label:"Sign in by the link" help:"Open a session when the link is opened" level:"console"`
	ExpiresIn  time.Duration `setting:"expires_in" label:"Verification link is valid for" help:"How long the link in the mail works" level:"console" check:"min=1m;max=7d"`
}

// SendOnSignUp resolves the toggle.
func (e *EmailVerification) SendOnSignUp() bool { return e.OnSignUp.Or(e.Required) }

// User governs what people may do with their account.
type User struct {
	_ struct{} `title:"Accounts" help:"What people may do with their account, and which fields it has." area:"people"`

	ChangeEmail                    bool                       `setting:"change_email" label:"Change of address" help:"Let people change their e-mail address" level:"console"`
	ChangeEmailConfirmation        bool                       `setting:"change_email_confirmation" label:"Confirmation at the old address" help:"Ask at the old address first, if it is verified" level:"console"`
	UpdateEmailWithoutVerification bool                       `setting:"update_email_without_verification" label:"Unverified addresses change at once" help:"Change an address that was never verified without a link to confirm it" advanced:"true" level:"console"`
	Delete                         bool                       `setting:"delete" label:"Deletion by the person" help:"Let people delete their account" level:"console"`
	DeleteConfirmationMail         bool                       `setting:"delete_confirmation_mail" label:"Confirmation of a deletion" help:"Ask by mail before an account is deleted" level:"console"`
	DeleteExpiresIn                time.Duration              `setting:"delete_expires_in" label:"Deletion link is valid for" help:"How long the link in that mail works" level:"console" check:"min=1m;max=7d"`
	Fields                         map[string]AdditionalField `setting:"fields" label:"Additional fields of accounts" help:"Fields besides the built-in ones, by name" advanced:"true"`
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
		return Invalid("unique", "cannot be guaranteed: additional fields share one column, which no database can index for uniqueness", "remove it")
	}
	if f.Required && !f.Input && f.Default == nil {
		return Invalid("required", "requires a value that input = false does not let clients give", "set required = false, or a default")
	}
	if !f.knownType() {
		return Invalid("type", "must be one of string, number, boolean, date, json, string[], number[]", "")
	}
	if f.Default != nil && !f.fits() {
		return Invalid("default", words.F("does not fit the type %s", f.Type), "")
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
			problems = append(problems, Invalid("fields."+name, "is not a valid name for a field", "use letters, digits and _, a letter first"))
		case slices.Contains(taken, name):
			problems = append(problems, Invalid("fields."+name, "is the name of an existing field", "choose another"))
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
