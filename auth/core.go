package auth

import (
	"fmt"
	"log/slog"

	"gatehouse/auth/password"
	"gatehouse/auth/picture"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/database"
)

// Core is the domain of one server, wired. The fields are services that may be used
// from any goroutine once the server is built.
type Core struct {
	DB            *DB
	Clock         Clock
	Settings      *settings.Core
	Keys          *secret.Ring
	Scopes        *Catalogue
	Fields        *Fields
	Moments       *Moments
	Events        *Events
	Verifications *Verifications
	Sessions      *Sessions
	Users         *Users
	Passwords     *Passwords
	Attempts      *Attempts
	SignIns       *SignIns
	Principals    *Principals
	Languages     *Languages
	Messages      *Messages
	Preferences   *Preferences
	Tasks         *Tasks
	Notices       *Notices
	Devices       *Devices
	Pictures      *Pictures
	Lives         *Lives
	// On reports whether a plugin is enabled, for the wire's objects.
	On func(plugin string) bool
}

// CoreConfig is what a core is made of.
type CoreConfig struct {
	Store    *database.DB
	Settings *settings.Core
	Keys     *secret.Ring
	Clock    Clock // nil: the machine's
	Log      *slog.Logger
	On       func(plugin string) bool
}

// NewCore wires the domain. It starts nothing and reads nothing.
func NewCore(c CoreConfig) (*Core, error) {
	if c.Clock == nil {
		c.Clock = SystemClock
	}
	hash := c.Settings.Password.Get().Hash
	hasher, err := password.New(password.Config{MemoryKiB: uint32(hash.Memory / settings.KiB), Iterations: uint32(hash.Iterations),
		Parallelism: uint8(hash.Parallelism), Limit: int64(hash.TotalMemory), Wait: hash.MaxWait, Legacy: hash.Legacy})
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	blocklist, err := password.LoadBlocklist()
	if err != nil {
		return nil, fmt.Errorf("password blocklist: %w", err)
	}
	core := &Core{DB: NewDB(c.Store), Clock: c.Clock, Settings: c.Settings, Keys: c.Keys, On: c.On,
		Scopes: NewCatalogue(), Fields: &Fields{}, Moments: &Moments{}}
	core.wire(c, hasher, blocklist)
	return core, nil
}

func (k *Core) wire(c CoreConfig, hasher *password.Hasher, blocklist *password.Blocklist) {
	k.Events = &Events{db: k.DB, clock: k.Clock, moments: k.Moments, kinds: map[string]EventKind{}, owner: map[string]string{}, said: map[string]words.Text{}}
	k.Preferences = &Preferences{db: k.DB}
	k.Verifications = &Verifications{db: k.DB, clock: k.Clock}
	k.Sessions = &Sessions{db: k.DB, clock: k.Clock, cfg: k.Settings, moments: k.Moments, fields: k.Fields, events: k.Events}
	k.Lives = &Lives{db: k.DB, clock: k.Clock, cfg: k.Settings, events: k.Events, on: c.On}
	k.Users = &Users{db: k.DB, clock: k.Clock, moments: k.Moments, fields: k.Fields, events: k.Events, sessions: k.Sessions, values: k.Verifications, lives: k.Lives}
	k.Passwords = &Passwords{hasher: hasher, blocklist: blocklist, cfg: k.Settings, moments: k.Moments, users: k.Users}
	k.Attempts = &Attempts{db: k.DB, clock: k.Clock, keys: k.Keys, cfg: k.Settings, events: k.Events}
	k.SignIns = &SignIns{db: k.DB, cfg: k.Settings, moments: k.Moments, sessions: k.Sessions, events: k.Events}
	k.Pictures = &Pictures{db: k.DB, clock: k.Clock, cfg: k.Settings, maker: picture.NewMaker()}
	k.Principals = &Principals{clock: k.Clock, scopes: k.Scopes, fields: k.Fields}
	k.Tasks = &Tasks{db: k.DB, clock: k.Clock, log: c.Log, users: k.Users, principals: k.Principals, events: k.Events,
		kinds: map[string]TaskKind{}, owner: map[string]string{}, wake: make(chan struct{}, 1)}
	k.Languages = &Languages{db: k.DB, cfg: k.Settings}
	k.Messages = &Messages{db: k.DB, clock: k.Clock, keys: k.Keys, cfg: k.Settings, moments: k.Moments, events: k.Events, languages: k.Languages, log: c.Log,
		kinds: map[string]Message{}, owner: map[string]string{}, channels: map[string]Channel{}, wake: make(chan struct{}, 1)}
	k.Notices = &Notices{clock: k.Clock, cfg: k.Settings, messages: k.Messages, languages: k.Languages}
	k.Devices = &Devices{db: k.DB, clock: k.Clock, notices: k.Notices, events: k.Events}
}

// WireUser is a user as the wire shows it.
func (k *Core) WireUser(u *ent.User) ent.WireObject {
	return k.Fields.Wire("user", u.Wire(k.On), u.AdditionalFields)
}

// WireSession is a session as the wire shows it, with the text that stands for its
// token: the real one for its owner's current session, else a revocation handle
// (decisions 7).
func (k *Core) WireSession(s *ent.Session, token string) ent.WireObject {
	o := k.Fields.Wire("session", s.Wire(k.On), s.AdditionalFields)
	for i := range o {
		if o[i].Key == "token" {
			o[i].Value = token
		}
	}
	return o
}
