package settings

import (
	"errors"
	"time"
)

// Mail is what goes into mails; the server that sends them is Top.SMTP.
type Mail struct {
	_ struct{} `title:"Mail" help:"What mails look like and what their links do." area:"mail"`

	From           string  `setting:"from" label:"Sender" help:"An address such as Gatehouse <no-reply@example.com>; empty for no-reply at the host of the public address" level:"console" check:"sender"`
	Links          string  `setting:"links" label:"Links that sign in, change an address or delete" help:"Programs that check mails open links too; a page with a button keeps them from acting" level:"console" check:"oneof=confirm|direct" choices:"confirm=Lead to a page with a button|direct=Act at once"`
	Notices        Notices `setting:"notices" level:"console"`
	RecipientLimit int     `setting:"recipient_limit" label:"Mails per address and hour" help:"Most mails to one address, notices not counted; 0 for no limit" level:"console" check:"min=0;max=10000"`
}

// Notices are what people are told of by mail.
type Notices struct {
	Device   bool `setting:"device" label:"Notice of a new device" help:"Tell people of a sign-in from a browser that was not seen before"`
	Password bool `setting:"password" label:"Notice of a new password" help:"Tell people that their password was changed"`
	Address  bool `setting:"address" label:"Notice of a new address" help:"Tell people that their address was changed, at the old one too"`
	Factors  bool `setting:"factors" label:"Notice of sign-in methods" help:"Tell people of ways to sign in, second factors and keys that were added or removed"`
	SignUp   bool `setting:"sign_up" label:"Notice of a second sign-up" help:"Tell the owner of an address that somebody tried to sign up with it"`
}

// Languages are those the server speaks.
type Languages struct {
	_ struct{} `title:"Languages" help:"What pages and mails are written in. People may choose among those that are offered." area:"languages"`

	Default string   `setting:"default" label:"Default language" help:"For people whose browser asks for none that is offered" level:"console" check:"required;oneof=en|de"`
	Offered []string `setting:"offered" label:"Offered languages" help:"Languages of pages and mails that people may choose" level:"console" check:"oneof=en|de" empty:"all"`
}

// Outgoing bounds requests that the server makes itself.
type Outgoing struct {
	_ struct{} `title:"Outgoing requests" help:"Requests of the server to addresses that people entered." area:"security" advanced:"true"`

	AllowPrivate bool          `setting:"allow_private" label:"Private addresses" help:"Allow requests to private and loopback addresses and over plain http"`
	Timeout      time.Duration `setting:"timeout" label:"Time limit of an outgoing request" help:"Longest time until the answer is there" check:"min=1s;max=1m"`
	MaxBody      Size          `setting:"max_body" label:"Largest answer" help:"Most bytes of an answer that are read" check:"min=1KiB;max=64MiB"`
}

// Plugins says which plugins run.
type Plugins struct {
	_ struct{} `title:"Plugins" help:"Which features run." area:"plugins"`

	// Enabled is nil for all plugins; a list that is empty but not nil is none.
	Enabled []string `setting:"enabled" label:"Enabled plugins" help:"Ids of the plugins that run; an empty list is none" default:"all"`
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
	_ struct{} `title:"OpenAPI" help:"The page that describes the endpoints." area:"general"`

	Public bool `setting:"public" label:"Open to everyone" help:"Show it without a permission; in development mode it always is" level:"console"`
}

// Log says what is logged and how.
type Log struct {
	_ struct{} `title:"Log" help:"What is written to standard error." area:"general"`

	Level  string `setting:"level" label:"Log level" help:"Least important entries that are written" level:"console" check:"oneof=debug|info|warn|error" choices:"debug=Debug|info=Information|warn=Warnings|error=Errors"`
	Format string `setting:"format" label:"Log format" help:"How entries are written" check:"oneof=text|json" choices:"text=Text, for people|json=JSON, for programs"`
}

// Metrics is the Prometheus endpoint. Without listener, token and public it is
// behind a scope.
type Metrics struct {
	_ struct{} `title:"Metrics" help:"The endpoint /metrics for Prometheus." area:"general" advanced:"true"`

	Listen string `setting:"listen" label:"Address of the metrics" help:"Address and port of their own, without access check; empty for the main ones" check:"listen"`
	Token  Secret `setting:"token" label:"Token of the metrics" help:"Bearer token that opens them at the main address" secret:"true"`
	Public bool   `setting:"public" label:"Metrics for everyone" help:"Show them without a token at the main address"`
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
	_ struct{} `title:"TLS" help:"The certificate, if no proxy does https. Changed files are read again." area:"general" advanced:"true"`

	Cert string `setting:"cert" label:"Certificate file" help:"File with the certificate chain in PEM"`
	Key  string `setting:"key" label:"Key file" help:"File with the private key in PEM"`
}

// Check refuses half a pair.
func (t *TLS) Check() error {
	var problems []error
	if t.Cert != "" && t.Key == "" {
		problems = append(problems, Invalid("key", "is missing, but tls.cert is set", ""))
	}
	if t.Cert == "" && t.Key != "" {
		problems = append(problems, Invalid("cert", "is missing, but tls.key is set", ""))
	}
	return errors.Join(problems...)
}
