package settings

import (
	"errors"
	"time"
)

// Mail is what goes into mails; the server that sends them is Top.SMTP.
type Mail struct {
	_ struct{} `title:"Mail" help:"What mails look like and what their links do. The server is the key smtp."`

	From           string  `setting:"from" help:"Sender, such as Gatehouse <no-reply@example.com>; empty for no-reply at the host of url" level:"console" check:"sender"`
	Links          string  `setting:"links" help:"Links that sign in, change an address or delete lead to a page with a button (confirm) or act at once (direct)" level:"console" check:"oneof=confirm|direct"`
	Notices        Notices `setting:"notices" level:"console"`
	RecipientLimit int     `setting:"recipient_limit" help:"Most mails to one address in an hour, notices left aside; 0 for no limit" level:"console" check:"min=0;max=10000"`
}

// Notices are what people are told of by mail.
type Notices struct {
	Device   bool `setting:"device" help:"Tell people of a sign-in from a browser that was not seen before"`
	Password bool `setting:"password" help:"Tell people of a new password"`
	Address  bool `setting:"address" help:"Tell people of a new address, at the old one too"`
	Factors  bool `setting:"factors" help:"Tell people of ways to sign in, second factors and keys that were added or removed"`
	SignUp   bool `setting:"sign_up" help:"Tell the owner of an address that somebody tried to sign up with it"`
}

// Languages are those the server speaks.
type Languages struct {
	_ struct{} `title:"Languages" help:"What pages and mails are written in. People may choose among those that are offered."`

	Default string   `setting:"default" help:"Language for those who asked for none that is offered" level:"console" check:"required;oneof=en|de"`
	Offered []string `setting:"offered" help:"Languages that people may choose; empty for all" level:"console" check:"oneof=en|de"`
}

// Outgoing bounds requests that the server makes itself.
type Outgoing struct {
	_ struct{} `title:"Outgoing requests" help:"Requests of the server to addresses that people entered."`

	AllowPrivate bool          `setting:"allow_private" help:"Let them reach private and loopback addresses and plain http"`
	Timeout      time.Duration `setting:"timeout" help:"Time for one request" check:"min=1s;max=1m"`
	MaxBody      Size          `setting:"max_body" help:"Longest answer read" check:"min=1KiB;max=64MiB"`
}

// Plugins says which plugins run.
type Plugins struct {
	_ struct{} `title:"Plugins" help:"Which features run."`

	// Enabled is nil for all plugins; a list that is empty but not nil is none.
	Enabled []string `setting:"enabled" help:"Plugins that run; an empty list is none" default:"all"`
}

// Runs reports whether the plugin is to run.
func (p *Plugins) Runs(id string) bool {
	if p.Enabled == nil {
		return true
	}
	for _, enabled := range p.Enabled {
		if enabled == id {
			return true
		}
	}
	return false
}

// OpenAPI is the page that describes the endpoints.
type OpenAPI struct {
	_ struct{} `title:"OpenAPI" help:"The page that describes the endpoints."`

	Public bool `setting:"public" help:"Show it without a scope; development mode always does" level:"console"`
}

// Log says what is logged and how.
type Log struct {
	_ struct{} `title:"Log" help:"What is written to standard error."`

	Level  string `setting:"level" help:"Least important level written" level:"console" check:"oneof=debug|info|warn|error"`
	Format string `setting:"format" help:"Lines for people or for programs" check:"oneof=text|json"`
}

// Metrics is the Prometheus endpoint. Without listener, token and public it is
// behind a scope.
type Metrics struct {
	_ struct{} `title:"Metrics" help:"The endpoint /metrics for Prometheus."`

	Listen string `setting:"listen" help:"Own address and port, without access check; empty for the main one" check:"listen"`
	Token  Secret `setting:"token" help:"Bearer token that opens it on the main listener" secret:"true"`
	Public bool   `setting:"public" help:"Show it to everyone on the main listener"`
}

// Check refuses a token together with open access.
func (m *Metrics) Check() error {
	if m.Public && !m.Token.Empty() {
		return Invalid("public", "makes metrics.token pointless", "keep one")
	}
	if m.Token.Empty() {
		return nil
	}
	if len(m.Token.Reveal()) < 16 {
		return Invalid("token", "must be at least 16 bytes", "")
	}
	return nil
}

// TLS makes the server speak https itself.
type TLS struct {
	_ struct{} `title:"TLS" help:"Certificate, if no proxy does https. Changed files are read again."`

	Cert string `setting:"cert" help:"File with the certificate chain in PEM"`
	Key  string `setting:"key" help:"File with the private key in PEM"`
}

// Check refuses half a pair.
func (t *TLS) Check() error {
	var problems []error
	if t.Cert != "" && t.Key == "" {
		problems = append(problems, Invalid("key", "is missing beside tls.cert", ""))
	}
	if t.Cert == "" && t.Key != "" {
		problems = append(problems, Invalid("cert", "is missing beside tls.key", ""))
	}
	return errors.Join(problems...)
}
