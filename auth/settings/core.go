package settings

import "time"

// Core is the product's own groups; plugins define theirs.
type Core struct {
	Top               *Section[Top]
	App               *Section[App]
	Appearance        *Section[Appearance]
	SignIn            *Section[SignIn]
	SignUp            *Section[SignUp]
	Password          *Section[Password]
	Session           *Section[Session]
	EmailVerification *Section[EmailVerification]
	User              *Section[User]
	Mail              *Section[Mail]
	Languages         *Section[Languages]
	Cookies           *Section[Cookies]
	RateLimit         *Section[RateLimit]
	Addresses         *Section[Addresses]
	Limits            *Section[Limits]
	Shutdown          *Section[Shutdown]
	Outgoing          *Section[Outgoing]
	Plugins           *Section[Plugins]
	OpenAPI           *Section[OpenAPI]
	Log               *Section[Log]
	Metrics           *Section[Metrics]
	TLS               *Section[TLS]
}

// NewCore declares the product's groups with their defaults.
func NewCore() *Core {
	return &Core{
		Top:               Define("", topDefaults()),
		App:               Define("app", App{Name: "Gatehouse"}),
		Appearance:        Define("appearance", Appearance{}),
		SignIn:            Define("sign_in", SignIn{Password: true, Remember: RememberChecked, ForgotLink: true, SignUpLink: true}),
		SignUp:            Define("sign_up", SignUp{AutoSignIn: true}),
		Password:          Define("password", passwordDefaults()),
		Session:           Define("session", sessionDefaults()),
		EmailVerification: Define("email_verification", EmailVerification{ExpiresIn: time.Hour}),
		User:              Define("user", userDefaults()),
		Mail:              Define("mail", Mail{Links: "confirm", Notices: Notices{true, true, true, true, true}, RecipientLimit: 20}),
		Languages:         Define("languages", Languages{Default: "en"}),
		Cookies:           Define("cookies", Cookies{Prefix: "better-auth", SameSite: "lax"}),
		RateLimit:         Define("rate_limit", rateLimitDefaults()),
		Addresses:         Define("addresses", Addresses{Headers: []string{"x-forwarded-for"}, IPv6Subnet: 64, Track: true}),
		Limits:            Define("limits", limitsDefaults()),
		Shutdown:          Define("shutdown", Shutdown{Delay: time.Second, Timeout: 30 * time.Second}),
		Outgoing:          Define("outgoing", Outgoing{Timeout: 10 * time.Second, MaxBody: MiB}),
		Plugins:           Define("plugins", Plugins{}),
		OpenAPI:           Define("openapi", OpenAPI{}),
		Log:               Define("log", Log{Level: "info", Format: "text"}),
		Metrics:           Define("metrics", Metrics{}),
		TLS:               Define("tls", TLS{}),
	}
}

// Groups lists the groups in the order of the documentation.
func (c *Core) Groups() []Group {
	return []Group{
		c.Top, c.App, c.Appearance, c.SignIn, c.SignUp, c.Password, c.Session, c.EmailVerification, c.User, c.Mail, c.Languages, c.Cookies,
		c.RateLimit, c.Addresses, c.Limits, c.Shutdown, c.Outgoing, c.Plugins, c.OpenAPI, c.Log, c.Metrics, c.TLS,
	}
}
