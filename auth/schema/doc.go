// Package schema turns one Go struct into an endpoint's input: decoding, validation
// with the wire's wording, and the OpenAPI description all follow from its fields.
//
// A schema is compiled once, at start, by Of. A request is read in two steps, so that
// before hooks see and may change the unvalidated body (better-auth core 1.2):
//
//	body, err := schema.Decode(raw)        // ErrInvalidJSON, ErrTooComplex
//	input, err := signUp.Parse("body", body) // *Issues
//	in := schema.As[SignUp](input)
//
// # Fields
//
// The json tag names a field; every exported field needs one ("-" leaves it out).
// Fields are checked in the order they are declared. A field may be left out when it is
// a pointer, a Maybe, has the option optional or default, or is a coerced boolean.
// JSON null is refused unless the field is a Maybe or has the option nullable; a field of
// type any, json.RawMessage or Value takes every value, null included.
//
//	string, bool, float64, int…   the scalar of that name; integers must be whole and safe
//	struct                        nested object; embedded structs share their fields
//	[]T, map[string]T             array, record
//	StringOrList                  a string or an array of strings
//	any, json.RawMessage, Value   any value
//	time.Time                     ISO 8601 text with a date, a time and a zone
//	*T, Maybe[T]                  optional T; Maybe tells absent from null
//
// # Tag options
//
// The tag schema:"…" holds options separated by commas; a value with a comma in it is
// put in single quotes. On arrays and records the options enum, literal, email, pattern
// and coerce speak of the elements, min and max of the length.
//
//	email         better-auth core 1.6 grammar
//	min=N, max=N  characters (UTF-16 code units), items, or the number itself
//	enum=a|b      one of these texts
//	literal=x     exactly this text, number or boolean
//	pattern=re    Go regular expression
//	coerce        convert as JavaScript does: String(), Number(), Boolean()
//	optional, nullable, default=x
//	message=text  replaces the reason of min, max, email and pattern
//	error=text    replaces the reason of a wrong type
//	union=a|b     on a Value: string, number, boolean, null, strings, numbers
//	rest          on a map or *Object: keeps the keys that no field names; the struct
//	              becomes "object and record", as sign-up is. rest=loose gives the object
//	              alone, which differs in what a body that is no object is told
//
// A blank field `_ struct{}` with schema:"strict" refuses unknown keys; with schema:"record"
// a body that is no object is told that a record was expected, as update-user does.
// A struct that embeds Union is a choice between its other fields, all pointers.
//
// # Rules for hostile input
//
// Of a key given twice the last value counts, at the place of the first; "__proto__" is a
// key like any other. Text must be UTF-8 without U+0000. Depth, lengths and the number of
// values are bounded (Limits), so are the number of reported failures and their texts.
package schema
