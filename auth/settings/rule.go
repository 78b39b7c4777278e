package settings

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"

	"gatehouse/auth/color"
	"gatehouse/auth/email"
	"gatehouse/auth/mail"
	"gatehouse/auth/origin"
	"gatehouse/auth/text/weburl"
	"gatehouse/auth/words"
)

// rule is one part of a check tag.
type rule struct {
	name, arg string
	bound     float64 // of min and max, in the unit of the kind
}

func (r rule) String() string {
	if r.arg == "" {
		return r.name
	}
	return r.name + "=" + r.arg
}

func ruleTexts(rules []rule) []string {
	texts := make([]string, len(rules))
	for i, r := range rules {
		texts[i] = r.String()
	}
	return texts
}

// parseRules reads a check tag for the kind of the leaf.
func parseRules(tag string, l *leaf) ([]rule, error) {
	if tag == "" {
		return nil, nil
	}
	var rules []rule
	for part := range strings.SplitSeq(tag, ";") {
		r := rule{}
		r.name, r.arg, _ = strings.Cut(strings.TrimSpace(part), "=")
		if err := r.prepare(l.kind); err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func (r *rule) prepare(kind Kind) error {
	fits := true
	switch r.name {
	case "required":
	case "min", "max":
		bound, err := boundOf(r.arg, kind)
		if err != nil {
			return fmt.Errorf("the rule %s does not fit: %w", r, err)
		}
		r.bound = bound
	case "oneof":
		fits = r.arg != "" && (kind == Text || kind == List)
	case "url", "listen", "email", "sender", "smtp", "color":
		fits = kind == Text
	case "networks", "path", "origins", "headers":
		fits = kind == Text || kind == List
	default:
		return fmt.Errorf("the rule %q is unknown", r.name)
	}
	if !fits {
		return fmt.Errorf("the rule %s does not fit the kind %s", r, kind)
	}
	return nil
}

func boundOf(arg string, kind Kind) (float64, error) {
	switch kind {
	case Duration:
		d, err := ParseDuration(arg)
		return float64(d), err
	case Bytes:
		var s Size
		err := s.UnmarshalText([]byte(arg))
		return float64(s), err
	case Bool, Choice:
		return 0, fmt.Errorf("the kind %s has no order", kind)
	}
	return strconv.ParseFloat(arg, 64)
}

// broken says what is wrong with the value in words, or "".
func (r rule) broken(v reflect.Value, kind Kind) words.Text {
	switch r.name {
	case "required":
		if v.IsZero() || kind == List && v.Len() == 0 {
			return "must not be empty"
		}
		return ""
	case "min":
		if n := measure(v); n < r.bound {
			return r.least(v)
		}
		return ""
	case "max":
		if n := measure(v); n > r.bound {
			return r.most(v)
		}
		return ""
	}
	if r.name == "origins" { // all that are wrong, not the first
		return withReason("must be origins, such as https://app.example.com, https://*.example.com or myapp://", trusted(textsOf(v)))
	}
	for _, text := range textsOf(v) {
		if wrong := r.brokenText(text); text != "" && wrong != "" {
			return wrong
		}
	}
	return ""
}

func (r rule) brokenText(text string) words.Text {
	ok, say := true, words.Text("")
	switch r.name {
	case "oneof":
		allowed := strings.Split(r.arg, "|")
		ok, say = slices.Contains(allowed, text), words.F("must be one of %s", strings.Join(allowed, ", "))
	case "url":
		ok, say = webAddress(text), "must be an http or https address, such as https://auth.example.com"
	case "listen":
		ok, say = listenAddress(text), "must be address:port, such as 127.0.0.1:3000 or :3000"
	case "networks":
		ok, say = network(text), "must be addresses or networks, such as 10.0.0.0/8"
	case "email":
		_, err := email.Parse(text)
		ok, say = err == nil, "must be an e-mail address without a name, such as name@example.com"
	case "sender":
		ok, say = mail.CheckSender(text) == nil, "must be name@example.com or Name <name@example.com>, with ASCII characters only in the address"
	case "color":
		_, err := color.Parse(text)
		ok, say = err == nil, "must be a colour, such as #2563eb"
	case "smtp":
		return withReason("must be smtp://user:password@host:port or smtps://…", mail.CheckServer(text))
	case "headers":
		ok, say = httpguts.ValidHeaderFieldName(text), "must be names of headers, such as x-forwarded-for"
	case "path":
		ok, say = strings.HasPrefix(text, "/"), "must begin with /"
	}
	if ok {
		return ""
	}
	return say
}

func trusted(patterns []string) error {
	_, err := origin.New("http://localhost", patterns)
	return err
}

// withReason ends what a value must be with what it is not, for forms that have many
// parts. The error must not hold a secret.
func withReason(say words.Text, err error) words.Text {
	if err == nil {
		return ""
	}
	return words.F("%s (%s)", say, words.OfError(err))
}

// measure is what min and max compare.
func measure(v reflect.Value) float64 {
	if s, ok := v.Interface().(Secret); ok {
		return float64(utf8.RuneCountInString(s.Reveal()))
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return float64(v.Int())
	case reflect.Float64:
		return v.Float()
	case reflect.String:
		return float64(utf8.RuneCountInString(v.String()))
	case reflect.Slice, reflect.Map:
		return float64(v.Len())
	}
	return 0
}

// least and most say a bound in the unit of the value.
func (r rule) least(v reflect.Value) words.Text {
	switch n := int(r.bound); {
	case v.CanInt(), v.CanFloat():
		return words.F("must be at least %s", r.arg)
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Map:
		return words.N(n, "must have at least one entry", "must have at least %d entries")
	default:
		return words.N(n, "must have at least one character", "must have at least %d characters")
	}
}

func (r rule) most(v reflect.Value) words.Text {
	switch n := int(r.bound); {
	case v.CanInt(), v.CanFloat():
		return words.F("must be at most %s", r.arg)
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Map:
		return words.N(n, "must have at most one entry", "must have at most %d entries")
	default:
		return atMostCharacters(n)
	}
}

func atMostCharacters(n int) words.Text {
	return words.N(n, "must have at most one character", "must have at most %d characters")
}

// textsOf are the texts that rules on texts look at.
func textsOf(v reflect.Value) []string {
	if v.Kind() == reflect.Slice {
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = plainText(v.Index(i))
		}
		return texts
	}
	return []string{plainText(v)}
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return false
	}
	_, err = weburl.Parse(text) // knows what a browser takes for host and port
	return err == nil
}

func listenAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func network(text string) bool {
	if _, err := netip.ParsePrefix(text); err == nil {
		return true
	}
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Zone() == ""
}
