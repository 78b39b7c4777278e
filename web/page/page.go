// Package page holds the pages of the server itself: the sign-in area, the
// account area and the base of the console. Each is a struct that is a
// [templ.Component]; its fields say in which state it is drawn.
//
// The pages post to the addresses below, with the field names their forms say,
// and keep what was typed through [web.Form].
package page

// Addresses of the pages, which are also where their forms post to.
const (
	SignInPath         = "/sign-in"
	SignUpPath         = "/sign-up"
	VerifyEmailPath    = "/verify-email"
	ForgotPasswordPath = "/forgot-password"
	ResetPasswordPath  = "/reset-password"
	InvitationPath     = "/accept-invitation/" // followed by the id
	ClaimPath          = "/claim/"             // followed by the token

	AccountPath = "/account"
	// OrganizationsPath is where people see the organizations they belong to.
	OrganizationsPath = "/account/organizations"
	StepUpPath        = "/step-up"
	EmailPath         = "/account/email"
	PasswordPath      = "/account/password"
	SessionsPath      = "/account/sessions"
	LinkedPath        = "/account/linked"
	DeleteAccountPath = "/account/delete"
	ProfilePath       = "/account/profile"
	PicturePath       = "/account/profile/picture"
	PreferencesPath   = "/account/preferences"
	ActivityPath      = "/account/activity"
	DataPath          = "/account/data"

	ConsolePath  = "/admin"
	PluginsPath  = "/admin/plugins"
	SettingsPath = "/admin/settings"
	OutboxPath   = "/admin/outbox"
	MessagesPath = "/admin/messages"
	GalleryPath  = "/admin/gallery"
)
