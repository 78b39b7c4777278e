// Package settings holds typed options: a Go struct declares names, defaults
// and checks, and from it follow the configuration file's keys, the
// environment names, the flags, the console's fields and the documentation.
//
// A section is a struct whose values, as given to [Define], are the defaults.
// Its fields carry tags:
//
//	setting  the last part of the key; fields without it are not settings
//	help     one sentence for people
//	level    boot (read at start), console (changeable at run time) or
//	         organization (an organization may override); default boot. A
//	         struct hands its level on to its fields
//	secret   "true": has a _FILE variant and is never shown; "url": an address
//	         that is shown without user, password and query. Every field that
//	         can hold a credential must be a [Secret] (or a table with one)
//	check    rules joined by ";", see the list at [Field.Rules]
//	alias    further environment names, joined by ","
//	default  words shown in place of the default ("all plugins")
//	label    the name for people; without it one is made of the key
//	choices  names of the values of oneof, "hashed=As a hash|plain=Plain text";
//	         values without one are shown as they are
//	empty    "all": an empty list stands for all values of oneof
//	area     the page of the console that shows it, in place of the section's
//	part     title of a card of its own on that page
//	advanced "true": folded away in the console. A struct hands it on
//
// A blank field "_ struct{}" with the tags title, help, area and advanced describes the
// section. Sections without an area stand on the page of plugins.
//
// Texts are one line without control characters, also those in lists and tables; secrets
// may hold anything.
//
// Kinds: string, bool, int, int64, float64, time.Duration, []string, maps with
// string keys ("table"), slices of structs ("tables"), types with UnmarshalText
// on their pointer, and structs, which nest. Map and slice elements that are
// structs declare their keys in the same way; a method SetDefaults on their
// pointer runs before the keys are read.
//
// A struct may have a method Check() error, called when all values are in
// place; it returns [Invalid] problems, several joined with errors.Join, with
// keys relative to the struct.
//
// One rule gives the names: key mail.from, variable GATEHOUSE_MAIL_FROM, flag
// --mail.from. A value comes from the first of flag, environment, the file
// named by the _FILE variable, configuration file; being in two of them is an
// error. Those four beat the stored values of the console, which beat defaults.
package settings

// Product is the first part of every environment name.
const Product = "GATEHOUSE"

// ConfigKey is the top-level key whose value names the configuration file, if
// a group declares it. It cannot be set in that file or in the console.
const ConfigKey = "config"

// Level says when a setting may change and who may change it.
type Level string

// The levels of a setting.
const (
	Boot         Level = "boot"         // read once at start
	Console      Level = "console"      // changeable while running
	Organization Level = "organization" // as Console, and an organization may override it
)

// Known reports whether l is one of the three levels.
func (l Level) Known() bool { return l == Boot || l == Console || l == Organization }

// Group is a section of whatever type. Only this package makes groups.
type Group interface {
	// Prefix is the part before the keys of the group, "" for top-level keys.
	Prefix() string
	// Title names the group for people.
	Title() string
	// Fields describes the settings in the order of declaration, with the
	// values in force.
	Fields() []Field
	base() *section
}

// Field describes one setting with its present value. Nothing in it holds a
// secret.
type Field struct {
	Key     string   `json:"key"`
	Env     string   `json:"env"`
	FileEnv string   `json:"fileEnv,omitempty"` // the _FILE variable of a secret
	Aliases []string `json:"aliases,omitempty"`
	Flag    string   `json:"flag"`
	Kind    Kind     `json:"kind"`
	Default string   `json:"default"`
	Help    string   `json:"help"`
	Level   Level    `json:"level"`
	Secret  bool     `json:"secret"`
	// Rules are the checks in the form of the tag: required, min=N, max=N
	// (numbers, sizes, durations; characters of texts, elements of lists),
	// oneof=a|b, url, listen, networks, origins, headers, email, sender, smtp,
	// color, path.
	Rules   []string `json:"rules,omitempty"`
	Choices []string `json:"choices,omitempty"` // the words allowed, if listed
	Value   string   `json:"value"`
	Source  Source   `json:"source"`
	// Locked says that flag, environment or file hold the value, so that the
	// console cannot change it.
	Locked bool `json:"locked"`

	// How the console shows it.
	Label       string            `json:"-"` // "" for one made of the key
	Area        string            `json:"-"` // the page of the settings it stands on
	Part        string            `json:"-"` // title of the card there, if not that of the group
	Advanced    bool              `json:"-"` // folded away at first
	ChoiceNames map[string]string `json:"-"` // of the choices that have one
	EmptyIsAll  bool              `json:"-"` // an empty list stands for all choices
}

// Editable reports whether the console can change the setting now.
func (f Field) Editable() bool { return f.Level != Boot && !f.Locked }

// Source names the place a value comes from: "flag --x", "environment
// GATEHOUSE_X", "file gatehouse.toml:12", "console" or "default".
type Source string

// The sources that need no further word.
const (
	FromConsole Source = "console"
	FromDefault Source = "default"
)
