package auth

import (
	"context"
	"time"

	"gatehouse/ent"
)

// Hooks are the moments of the domain as a plugin contributes them. Each names when it
// runs and what it may do; "tx" means inside the command's transaction, so that its
// writes roll back with it.
type Hooks struct {
	// IdentityResolving: an outside identity is being matched to a user. May link,
	// create, refuse or ask. tx.
	IdentityResolving []On[*Identity]
	// UserCreating, UserCreated: tx. Creating may change the draft or refuse; created
	// may add rows.
	UserCreating []On[*UserDraft]
	UserCreated  []On[*UserChange]
	// UserUpdating may change the patch or refuse; tx. UserUpdated follows; tx.
	UserUpdating []On[*UserPatch]
	UserUpdated  []On[*UserChange]
	// UserDeleting may refuse; UserDeleted removes what no foreign key does; tx.
	UserDeleting []On[*UserChange]
	UserDeleted  []On[*UserChange]
	// PasswordChosen: a new password on any path, before it is hashed. May refuse.
	PasswordChosen []On[*NewPassword]
	// PasswordStored: tx. A person has a new password, whichever path it came by; a first
	// one that is made with the person is not told.
	PasswordStored []On[*StoredPassword]
	// AddressProved: a mail address or phone number was shown to be theirs; tx.
	AddressProved []On[*ProvedAddress]
	// FirstFactorProven: the identity is certain and there is no session row and no
	// cookie yet; every sign-in method passes here. May refuse, or interrupt with a
	// next step.
	FirstFactorProven []On[*FirstFactor]
	// SessionCreating: tx. May refuse, add fields, shorten the life, end others.
	SessionCreating []On[*SessionDraft]
	// SessionRead: a session was read and found good. May refuse it, or add members to
	// the answer of get-session.
	SessionRead []On[*Reading]
	// SessionsEnded: tx, with the reason. Ends what hangs on the sessions.
	SessionsEnded []On[*EndedSessions]
	// StepUpAsked: an action wants a recent or stronger proof. Adds the methods that
	// the person can use.
	StepUpAsked []On[*StepUpRequest]
	// MessageSending: before a channel gets a message. May change, redirect or drop it.
	MessageSending []On[*Outgoing]
	// EventRecorded: tx. In-transaction sinks; sinks after the commit are declared
	// with Sinks.
	EventRecorded []On[*Event]
	// Sinks get events after the commit, at least once, with retries.
	Sinks []Sink
}

// Moments are the collected handlers of all plugins in running order.
type Moments struct {
	IdentityResolving Moment[*Identity]
	UserCreating      Moment[*UserDraft]
	UserCreated       Moment[*UserChange]
	UserUpdating      Moment[*UserPatch]
	UserUpdated       Moment[*UserChange]
	UserDeleting      Moment[*UserChange]
	UserDeleted       Moment[*UserChange]
	PasswordChosen    Moment[*NewPassword]
	PasswordStored    Moment[*StoredPassword]
	AddressProved     Moment[*ProvedAddress]
	FirstFactorProven Moment[*FirstFactor]
	SessionCreating   Moment[*SessionDraft]
	SessionRead       Moment[*Reading]
	SessionsEnded     Moment[*EndedSessions]
	StepUpAsked       Moment[*StepUpRequest]
	MessageSending    Moment[*Outgoing]
	EventRecorded     Moment[*Event]
	Sinks             []NamedSink
}

// NamedSink is a sink with the plugin it belongs to.
type NamedSink struct {
	Plugin string
	Sink
}

// Add collects the handlers of one plugin.
func (m *Moments) Add(plugin string, h Hooks) {
	m.IdentityResolving.Add(plugin, h.IdentityResolving...)
	m.UserCreating.Add(plugin, h.UserCreating...)
	m.UserCreated.Add(plugin, h.UserCreated...)
	m.UserUpdating.Add(plugin, h.UserUpdating...)
	m.UserUpdated.Add(plugin, h.UserUpdated...)
	m.UserDeleting.Add(plugin, h.UserDeleting...)
	m.UserDeleted.Add(plugin, h.UserDeleted...)
	m.PasswordChosen.Add(plugin, h.PasswordChosen...)
	m.PasswordStored.Add(plugin, h.PasswordStored...)
	m.AddressProved.Add(plugin, h.AddressProved...)
	m.FirstFactorProven.Add(plugin, h.FirstFactorProven...)
	m.SessionCreating.Add(plugin, h.SessionCreating...)
	m.SessionRead.Add(plugin, h.SessionRead...)
	m.SessionsEnded.Add(plugin, h.SessionsEnded...)
	m.StepUpAsked.Add(plugin, h.StepUpAsked...)
	m.MessageSending.Add(plugin, h.MessageSending...)
	m.EventRecorded.Add(plugin, h.EventRecorded...)
	for _, s := range h.Sinks {
		m.Sinks = append(m.Sinks, NamedSink{plugin, s})
	}
}

// Identity is an outside identity being matched to a user.
type Identity struct {
	Provider, Subject string
	Email             string
	EmailVerified     bool
	Name, Image       string
	User              *ent.User // set by whoever resolves it
}

// UserDraft is a user about to be stored.
type UserDraft struct {
	Tx            *Tx
	Name          string
	Email         string // canonical
	EmailVerified bool
	Image         *string
	// Fields are the declared additional and plugin fields, validated, by wire name.
	Fields map[string]any
	// Set lets a plugin set its own columns on the row.
	Set []func(*ent.UserCreate)
	// By says which path made the user: "sign-up", "admin", "claim", "invitation",
	// "command-line", "configuration", or a plugin's own word.
	By string
}

// UserChange is a user that was just created, updated or is being deleted.
type UserChange struct {
	Tx     *Tx
	User   *ent.User
	Before *ent.User // for updates
	By     string
	// Forced says that an administrator insists on a deletion. Hooks then refuse only what
	// would break the server itself. A refusal that insisting overcomes is at the field
	// FieldForce.
	Forced bool
}

// FieldForce is the field of a request that insists on a deletion.
const FieldForce = "force"

// UserPatch is a change about to be stored. Keys of Fields are wire names.
type UserPatch struct {
	Tx     *Tx
	User   *ent.User
	Fields map[string]any
	Set    []func(*ent.UserUpdateOne)
}

// NewPassword is a password somebody chose.
type NewPassword struct {
	Password string
	// Context words that must not make up the password: address, name.
	User *ent.User // nil at sign-up
	Path string    // "sign-up", "change", "reset", "admin", "claim", "invitation"
}

// StoredPassword is a new password that is being stored.
type StoredPassword struct {
	Tx     *Tx
	UserID string
}

// ProvedAddress is a mail address or phone number that was shown to be the user's.
type ProvedAddress struct {
	Tx      *Tx
	User    *ent.User
	Channel string // "mail", "sms"
	Address string
}

// FirstFactor is an identity that is certain, before any session exists.
type FirstFactor struct {
	User     *ent.User
	Method   string   // sign-in method id: "email", "passkey", …
	AMR      []string // RFC 8176
	Strength int      // 1 one factor, 2 two factors (passkey with user verification)
	Remember bool
	// ReturnTo is where the person wanted to go; for next steps with a page.
	ReturnTo string
	// Next is set by an interrupt.
	Next *NextStep
	// Set lets a plugin set its own columns on the session that will be made.
	Set []func(*ent.SessionCreate)
}

// Interrupted implements the stop rule of Moment.
func (f *FirstFactor) Interrupted() bool { return f.Next != nil }

// NextStep is what has to happen before a session is made.
type NextStep struct {
	// Body is the answer of JSON routes, e.g. {"twoFactorRedirect":true}.
	Body any
	// Page is the address browsers are sent to.
	Page string
	// Cookies are signed cookies to set: key, value, seconds.
	Cookies []StepCookie
}

// StepCookie is a signed cookie of a next step.
type StepCookie struct {
	Key, Value string
	MaxAge     int
}

// SessionDraft is a session about to be stored.
type SessionDraft struct {
	Tx        *Tx
	User      *ent.User
	ExpiresAt time.Time
	Remember  bool
	AMR       []string
	Fields    map[string]any
	Set       []func(*ent.SessionCreate)
}

// Reading is a session that was read.
type Reading struct {
	Current *Current
	// Extra members of the answer of get-session.
	Extra map[string]any
}

// EndReason is why sessions ended.
type EndReason string

// Reasons sessions end.
const (
	EndedSignOut  EndReason = "sign-out"
	EndedRevoked  EndReason = "revoked"
	EndedPassword EndReason = "password-changed"
	EndedBan      EndReason = "banned"
	EndedDeleted  EndReason = "user-deleted"
	EndedExpired  EndReason = "expired"
	EndedReplaced EndReason = "replaced"
	EndedRestore  EndReason = "restored-backup"
)

// EndedSessions are sessions that end in this transaction.
type EndedSessions struct {
	Tx       *Tx
	UserID   string
	Sessions []*ent.Session
	All      bool // every session of the user
	Reason   EndReason
}

// StepUpRequest collects how a person can prove again that it is them: ids of sign-in
// methods whose purposes name the step-up. A method that nobody adds is not offered.
type StepUpRequest struct {
	User    *ent.User
	Methods []string
}

// GrantSource gives grants to principals: a pure function of subject, realm, session
// facts and time, never of the request, with its inverses.
type GrantSource struct {
	// Grants returns what the source gives, the role names it stands for and claims.
	// A Deny stops the principal from being built.
	Grants func(context.Context, Facts) (Given, error)
	// Deny, when set, says whether a person has no principal at all, before anything is
	// computed: it needs no more than the row. Principals.Denied asks it alone.
	Deny func(Facts) *Error
	// Holders lists the subjects that hold a scope in the realm of a query at its time, in
	// an order of the source's own, and says whether there are more behind them.
	Holders func(context.Context, HolderQuery) (holders []Holder, more bool, err error)
	// CountHolders counts those subjects, up to the limit of the query.
	CountHolders func(context.Context, HolderQuery) (int, error)
	// Givers lists what gives a scope in exactly this realm to those who get it.
	Givers func(ctx context.Context, r Realm, scope string) ([]Giver, error)
}

// Facts are what a grant source may depend on.
type Facts struct {
	Subject string
	User    *ent.User     // the person; nil for a subject that is none
	Session *SessionFacts // nil when asked about a person, not about a session
	Row     *ent.Session
	// Realm, when it is an organization, asks for what the subject holds there alone; else
	// a source gives what it gives on the platform and in the organization that is active
	// in the session.
	Realm Realm
	At    time.Time
	// Whole asks for grants that are over or have not begun as well: explanations tell of
	// them. They give nothing.
	Whole bool
}

// Given is the answer of a grant source.
type Given struct {
	Grants []Grant
	// Roles are those the grants stand for; of an organization "organization:<role>".
	Roles  []string
	Claims map[string]any
	// ImpersonatedBy is set by the plugin that opens sessions on behalf of others.
	ImpersonatedBy string
	// ReadOnly and APIWrites bound what a session opened on behalf of others may change;
	// see SessionFacts.
	ReadOnly, APIWrites bool
	Deny                *Error
}

// DataLife is a plugin's part in the export, erasure, restoring and search of one
// subject's data, for what its entities' annotations cannot say.
type DataLife struct {
	Entity string
	Export func(ctx context.Context, tx *Tx, user string) (any, error)
	Erase  func(ctx context.Context, tx *Tx, user string) error
}
