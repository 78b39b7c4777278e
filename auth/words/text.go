// Package words holds what the interface says, and in which language.
//
// A [Text] is not a string to show but what to say: an untyped constant is a key of the
// catalogue and at the same time its English words, so that a field of type Text takes
// Label: "Save" and nothing but constants by accident. What people or other servers
// wrote goes through [Raw]; words around such values through [F]; numbers of things
// through [N]. The compiler tells them apart, and finds every key.
package words

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Text is something to say. The zero value says nothing. Compare it with "" only.
type Text string

// Texts that are no plain key begin with a character that no key and no input holds.
const (
	mark      = "\x01"
	rawMark   = mark + "r"
	builtMark = mark + "b"
)

// Raw is text that is shown as it is: names, addresses, values.
func Raw(s string) Text {
	if s == "" {
		return ""
	}
	return Text(rawMark + s)
}

// key is a Text as it is stored, where a Text would write itself in English.
type key string

// built is a text with values inside.
type built struct {
	One   key   `json:"1,omitempty"` // for one thing, of N
	Other key   `json:"k"`
	Count *int  `json:"n,omitempty"`
	Args  []arg `json:"a,omitempty"`
	Date  *date `json:"d,omitempty"`
	Begin bool  `json:"b,omitempty"` // with a capital letter
	Whole bool  `json:"w,omitempty"` // and a full stop
}

// arg keeps the kind of a value, as numbers are written in the reader's way and texts
// are said in their language.
type arg struct {
	Text   *key     `json:"t,omitempty"`
	String *string  `json:"s,omitempty"`
	Int    *int64   `json:"i,omitempty"`
	Float  *float64 `json:"f,omitempty"`
}

// F is a text with values: the verbs of package fmt, %[2]s where an order must be told.
// Values are strings (shown as they are), Texts, and numbers.
func F(format Text, args ...any) Text { return build(built{Other: key(format), Args: argsOf(args)}) }

// N is a text about n things. Both forms get n as their first value, then args; one may
// leave %d out. The key of the catalogue is the form for many.
func N(n int, one, many Text, args ...any) Text {
	return build(built{One: key(one), Other: key(many), Count: &n, Args: argsOf(append([]any{n}, args...))})
}

// Number is a number alone, its thousands apart as the reader writes them.
func Number(n int) Text { return F("%d", n) }

func build(b built) Text {
	data, err := json.Marshal(b)
	if err != nil { // strings and numbers: cannot be
		return Text(b.Other)
	}
	return Text(builtMark + string(data))
}

func argsOf(values []any) []arg {
	list := make([]arg, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case Text:
			t := key(v)
			list[i].Text = &t
		case string:
			list[i].String = &v
		case int:
			n := int64(v)
			list[i].Int = &n
		case int64:
			list[i].Int = &v
		case float64:
			list[i].Float = &v
		case interface{ String() string }:
			s := v.String()
			list[i].String = &s
		default:
			s := ""
			list[i].String = &s
		}
	}
	return list
}

// In says the text in the language of the context.
func (t Text) In(ctx context.Context) string { return Of(ctx).Say(t) }

// English says the text in English: for the wire, logs and the command line.
func (t Text) English() string { return english.Say(t) }

// String is English, for logs and tests.
func (t Text) String() string { return t.English() }

// MarshalText is English: JSON and logs are for other programs.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.English()), nil }

// Render implements templ.Component.
func (t Text) Render(ctx context.Context, w io.Writer) error {
	_, err := io.WriteString(w, templ.EscapeString(t.In(ctx)))
	return err
}

// Key returns the key of the catalogue, and false for texts that have none.
func (t Text) Key() (Text, bool) {
	if t == "" || strings.HasPrefix(string(t), rawMark) {
		return "", false
	}
	if b, ok := t.built(); ok {
		return Text(b.Other), true
	}
	return t, true
}

func (t Text) built() (built, bool) {
	data, ok := strings.CutPrefix(string(t), builtMark)
	if !ok {
		return built{}, false
	}
	var b built
	return b, json.Unmarshal([]byte(data), &b) == nil
}

// Sentence says a text with a capital letter at its beginning and a full stop at its
// end, as texts of errors lack them.
func Sentence(t Text) Text {
	if t == "" {
		return ""
	}
	return build(built{Other: rawMark + "%s", Args: argsOf([]any{t}), Begin: true, Whole: true})
}

// Capital says a text with a capital letter at its beginning.
func Capital(t Text) Text {
	if t == "" {
		return ""
	}
	return build(built{Other: rawMark + "%s", Args: argsOf([]any{t}), Begin: true})
}

// Dot separates short texts of one line. It sticks to the text before it, so that no line
// begins with it.
const Dot = "\u00a0· "

// Join says texts one after the other with a separator between them; empty ones are
// left out.
func Join(separator string, list ...Text) Text {
	kept := make([]any, 0, len(list))
	for _, t := range list {
		if t != "" {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	if len(kept) == 1 {
		return kept[0].(Text)
	}
	return F(Raw(strings.Repeat("%s"+strings.ReplaceAll(separator, "%", "%%"), len(kept)-1)+"%s"), kept...)
}
