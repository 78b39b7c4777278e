package settings

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// checker is what a struct of settings may implement.
type checker interface{ Check() error }

// newValue makes a settable copy of a struct.
func newValue(from reflect.Value) reflect.Value {
	v := reflect.New(from.Type()).Elem()
	v.Set(from)
	return v
}

// check runs the Check methods of the struct and of the structs in it, and
// names the place of each value they complain about.
func (s *section) check(value reflect.Value, sources map[string]Source) Problems {
	problems := checkValue(value, s.prefix, 0)
	for i, p := range problems {
		if source := sourceOf(p.Key, sources); p.Place == "" && source != "" {
			problems[i].Place = string(source)
		}
	}
	return problems
}

// sourceOf finds the source of a key or of the table it lies in.
func sourceOf(key string, sources map[string]Source) Source {
	for i := len(key); i > 0; i-- {
		if i == len(key) || key[i] == '.' {
			if source := sources[key[:i]]; source != "" {
				return source
			}
		}
	}
	return ""
}

func checkValue(v reflect.Value, path string, depth int) Problems {
	if depth > maxDepth {
		return nil
	}
	problems := ownCheck(v, path)
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range settingFields(v.Type()) {
			problems = append(problems, checkValue(v.FieldByIndex(f.Index), join(path, f.Tag.Get("setting")), depth+1)...)
		}
	case reflect.Map:
		for _, key := range sortedKeys(v) {
			element := newValue(v.MapIndex(key))
			problems = append(problems, checkValue(element, join(path, key.String()), depth+1)...)
		}
	case reflect.Slice:
		problems = append(problems, checkSlice(v, path, depth)...)
	}
	return problems
}

func ownCheck(v reflect.Value, path string) Problems {
	if !v.CanAddr() || !v.Addr().CanInterface() {
		return nil
	}
	if c, ok := v.Addr().Interface().(checker); ok {
		return problemsOf(c.Check(), path)
	}
	return nil
}

func checkSlice(v reflect.Value, path string, depth int) Problems {
	var problems Problems
	for i := range v.Len() {
		problems = append(problems, checkValue(v.Index(i), join(path, strconv.Itoa(i+1)), depth+1)...)
	}
	return problems
}

func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
