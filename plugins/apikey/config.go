package apikey

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"time"

	"golang.org/x/net/http/httpguts"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
)

// Config are the settings of the plugin (better-auth api-key 3).
type Config struct {
	_ struct{} `title:"API keys" help:"Keys by which programs are known: of people, of organizations and of service accounts." area:"security"`

	RemoteVerify bool                     `setting:"remote_verify" label:"Verification for services" help:"Let services whose principal holds apiKey:verify ask whether a key is good, by POST /api/auth/api-key/verify"`
	WarnBefore   time.Duration            `setting:"warn_before" label:"Warning before a key ends" help:"Mail the owner so long before a key expires; 0s sends none" level:"console" check:"min=0s;max=90d"`
	WireSessions bool                     `setting:"wire_sessions" label:"Key sessions as on the wire" help:"Let keys in session mode see sessions and accounts of their owner, and let such a session end after ten minutes, as better-auth does; meant for comparisons" advanced:"true"`
	Configs      map[string]Configuration `setting:"configurations" label:"Kinds of keys" help:"What keys are like, by the configId that clients name; the one named default is taken where they name none. Naming one replaces all that are built in" advanced:"true"`
}

// Configuration is one kind of keys.
type Configuration struct {
	References         string              `setting:"references" help:"Who owns the keys: user or organization"`
	Headers            []string            `setting:"headers" help:"Request headers that hold a key; the first that is not empty counts"`
	DefaultPrefix      string              `setting:"default_prefix" help:"Begins keys that ask for no other prefix"`
	DefaultLength      int                 `setting:"default_key_length" help:"Random characters of a key"`
	MinPrefix          int                 `setting:"minimum_prefix_length" help:"Shortest prefix that may be asked for"`
	MaxPrefix          int                 `setting:"maximum_prefix_length" help:"Longest prefix that may be asked for"`
	RequireName        bool                `setting:"require_name" help:"Keys need a name"`
	MinName            int                 `setting:"minimum_name_length" help:"Shortest name"`
	MaxName            int                 `setting:"maximum_name_length" help:"Longest name"`
	StoreStart         bool                `setting:"store_start" help:"Keep the first characters, by which people know a key again"`
	StartLength        int                 `setting:"start_length" help:"How many characters of the beginning are kept"`
	Metadata           bool                `setting:"metadata" help:"Keys may carry metadata"`
	PlainKeys          bool                `setting:"disable_key_hashing" help:"Store keys as they are; whoever reads the database then has them"`
	Expiration         Expiration          `setting:"expiration" help:"When keys end"`
	RateLimit          RateLimit           `setting:"rate_limit" help:"How often one key may be used"`
	DefaultPermissions map[string][]string `setting:"default_permissions" help:"Permissions of keys that are made without any, whatever the one who makes them may do: actions by resource"`
	Sessions           bool                `setting:"sessions" help:"A key of a person is a session of theirs, that cannot manage credentials"`
	Storage            string              `setting:"storage" help:"database or secondary-storage; the latter needs a program that offers one"`
	Fallback           bool                `setting:"fallback_to_database" help:"With secondary storage: the database is the truth and the storage a cache"`
	DeferUpdates       bool                `setting:"defer_updates" help:"Remove keys that are over in the background"`
}

// Expiration is when keys end. Spans that clients choose are bounded in days.
type Expiration struct {
	Default       time.Duration `setting:"default" help:"Life of a key for which none is chosen; 0s is for ever"`
	DisableCustom bool          `setting:"disable_custom" help:"Nobody chooses the life of a key"`
	Min           time.Duration `setting:"min" help:"Shortest life that may be chosen"`
	Max           time.Duration `setting:"max" help:"Longest life that may be chosen"`
}

// RateLimit is how often one key may be used, as new keys get it.
type RateLimit struct {
	Enabled bool          `setting:"enabled" help:"Keys are limited at all"`
	Window  time.Duration `setting:"window" help:"A pause of this length begins the count anew"`
	Max     int64         `setting:"max" help:"Uses within the window"`
}

// Words of settings.
const (
	ofUser         = "user"
	ofOrganization = "organization"

	inDatabase  = "database"
	inSecondary = "secondary-storage"
)

// SetDefaults gives what a kind of keys is like when nothing is said.
func (c *Configuration) SetDefaults() {
	*c = Configuration{References: ofUser, Headers: []string{"x-api-key"}, DefaultLength: 64, MinPrefix: 1, MaxPrefix: 32, MinName: 1, MaxName: 32,
		StoreStart: true, StartLength: 6, Storage: inDatabase,
		Expiration: Expiration{Min: 24 * time.Hour, Max: 365 * 24 * time.Hour},
		RateLimit:  RateLimit{Enabled: true, Window: 24 * time.Hour, Max: 10}}
}

func defaults() Config {
	var user, org Configuration
	user.SetDefaults()
	org.SetDefaults()
	org.References, org.DefaultPrefix = ofOrganization, "org_"
	return Config{RemoteVerify: true, WarnBefore: 7 * 24 * time.Hour, Configs: map[string]Configuration{defaultID: user, "org": org}}
}

var (
	configName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
	prefixForm = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
)

// minRandom keeps keys at 256 bits at least (SEC-139): 45 letters of 52.
const minRandom = 45

// Check refuses names that cannot be stored.
func (c *Config) Check() error {
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(c.Configs)) {
		if !configName.MatchString(id) {
			problems = append(problems, settings.Invalid("configurations."+id, "is not a valid name", "use letters, digits, -, _ and ., at most 64"))
		}
	}
	return errors.Join(problems...)
}

// Check refuses what a kind of keys cannot be.
func (c *Configuration) Check() error {
	var problems []error
	for _, rule := range []struct {
		bad  bool
		key  string
		text words.Text
	}{
		{c.References != ofUser && c.References != ofOrganization, "references", "must be user or organization"},
		{c.Storage != inDatabase && c.Storage != inSecondary, "storage", "must be database or secondary-storage"},
		{c.DefaultLength < minRandom || c.DefaultLength > 180, "default_key_length", "must be 45 to 180, so that nobody guesses a key"},
		{c.DefaultPrefix != "" && (!prefixForm.MatchString(c.DefaultPrefix) || len(c.DefaultPrefix) > maxPrefix), "default_prefix", "must be letters, digits, - and _, at most 64"},
		{c.MinPrefix < 0 || c.MaxPrefix < c.MinPrefix || c.MaxPrefix > maxPrefix, "maximum_prefix_length", "must be between minimum_prefix_length and 64"},
		{c.MinName < 0 || c.MaxName < c.MinName || c.MaxName > maxName, "maximum_name_length", "must be between minimum_name_length and 255"},
		{c.StartLength < 0 || c.StartLength > maxStart, "start_length", "must be 0 to 16, so that most of a key stays secret"},
		{c.Expiration.Min > c.Expiration.Max, "expiration.max", "must not be less than expiration.min"},
		{c.RateLimit.Max < 0, "rate_limit.max", "must not be negative"},
		{slices.ContainsFunc(slices.Collect(maps.Keys(c.DefaultPermissions)), forged), "default_permissions", "must not name the resource platform, nor one with a colon"},
		{len(c.Headers) == 0 || !slices.ContainsFunc(c.Headers, httpguts.ValidHeaderFieldName), "headers", "must name a header"},
	} {
		if rule.bad {
			problems = append(problems, settings.Invalid(rule.key, rule.text, ""))
		}
	}
	return errors.Join(problems...)
}

// Bounds of what is stored, in bytes.
const (
	maxPrefix = 64
	maxName   = 255
	maxStart  = 16
)
