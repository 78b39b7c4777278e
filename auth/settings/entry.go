package settings

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"

	"gatehouse/auth/words"
)

// entry is a value as one source holds it.
type entry struct {
	place  Source
	value  any
	asText bool // value is a string in the text form of its kind
	err    words.Text
}

func textEntry(text string, place Source) entry {
	return entry{place: place, value: text, asText: true}
}

// storedEntry reads a stored JSON value.
func storedEntry(raw json.RawMessage, place Source) entry {
	e := entry{place: place}
	if len(raw) > maxText {
		e.err = words.F("is longer than %s", Size(maxText))
		return e
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&e.value); err != nil {
		e.err = "is not JSON"
		return e
	}
	if _, err := d.Token(); err != io.EOF {
		e.err = "is more than one JSON value"
	}
	return e
}

// read puts the entry into the field of the section's struct and applies the
// rules of the tag.
func (l *leaf) read(section reflect.Value, e entry) Problems {
	if e.err != "" {
		return Problems{{Key: l.key, Place: string(e.place), Text: e.err}}
	}
	d := decoder{quote: !l.secret}
	fresh := reflect.New(l.typ).Elem()
	if e.asText {
		d.text(fresh, e.value.(string))
	} else {
		d.tree(fresh, e.value, "", 0)
	}
	if len(d.problems) == 0 {
		d.problems = l.brokenRules(fresh)
	}
	for i := range d.problems {
		d.problems[i].Key = join(l.key, d.problems[i].Key)
		d.problems[i].Place = string(e.place)
	}
	if len(d.problems) == 0 {
		section.FieldByIndex(l.index).Set(fresh)
	}
	return d.problems
}

// brokenRules reports the first rule the value breaks.
func (l *leaf) brokenRules(v reflect.Value) Problems {
	for _, r := range l.rules {
		if say := r.broken(v, l.kind); say != "" {
			return Problems{{Text: say}}
		}
	}
	return nil
}
