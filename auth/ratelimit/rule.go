// Package ratelimit decides how many requests a path takes from one client,
// and counts them.
package ratelimit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth/text/glob"
)

// Rule allows Max requests; the count starts anew once Window has passed
// since the last accepted one. Off lifts the limit.
type Rule struct {
	Window time.Duration
	Max    int
	Off    bool
}

// PathRule binds a rule to paths relative to the base path: one exact path, a
// glob (see package glob), or with Prefix all that begin with it.
type PathRule struct {
	Path   string
	Prefix bool
	Rule   Rule
}

// DefaultRule is 100 requests in 10 seconds (better-auth core 8.7).
func DefaultRule() Rule { return Rule{Window: 10 * time.Second, Max: 100} }

// CoreRules are the wire's stricter limits on sign-in and mail (better-auth
// core 8.7).
func CoreRules() []PathRule {
	var out []PathRule
	for _, p := range []string{"/sign-in", "/sign-up", "/change-password", "/change-email"} {
		out = append(out, PathRule{p, true, Rule{Window: 10 * time.Second, Max: 3}})
	}
	mail := Rule{Window: time.Minute, Max: 3}
	for _, p := range []string{"/request-password-reset", "/send-verification-email", "/email-otp/send-verification-otp", "/email-otp/request-password-reset"} {
		out = append(out, PathRule{p, false, mail})
	}
	return append(out, PathRule{"/forget-password", true, mail})
}

// Config lists the rules by rising precedence. Zero fields of Default take
// DefaultRule's.
type Config struct {
	Default Rule
	Core    []PathRule   // nil takes CoreRules
	Plugins [][]PathRule // one list a plugin, in the plugins' order
	Custom  []PathRule
}

// Policy finds the rule of a path. It is immutable.
type Policy struct {
	otherwise Rule
	core      []matcher
	plugins   [][]matcher
	custom    []matcher
}

// New refuses rules without a path, with a bad pattern, or with a window or
// maximum that is not positive while not Off.
func New(c Config) (*Policy, error) {
	p := &Policy{otherwise: withDefaults(c.Default)}
	if err := check(p.otherwise); err != nil {
		return nil, fmt.Errorf("default rate limit: %w", err)
	}
	if c.Core == nil {
		c.Core = CoreRules()
	}
	var err error
	if p.core, err = compile(c.Core); err != nil {
		return nil, err
	}
	for _, rules := range c.Plugins {
		list, err := compile(rules)
		if err != nil {
			return nil, err
		}
		p.plugins = append(p.plugins, list)
	}
	p.custom, err = compile(c.Custom)
	return p, err
}

func withDefaults(r Rule) Rule {
	d := DefaultRule()
	if r.Window == 0 {
		r.Window = d.Window
	}
	if r.Max == 0 {
		r.Max = d.Max
	}
	return r
}

func check(r Rule) error {
	if !r.Off && (r.Window <= 0 || r.Max <= 0) {
		return fmt.Errorf("window %v and maximum %d must be positive", r.Window, r.Max)
	}
	return nil
}

// Rule is that of a canonical path relative to the base path: the default,
// over it the first core rule that fits, over that the first fitting rule of
// the first plugin that has one, over all the first fitting custom rule.
func (p *Policy) Rule(path string) Rule {
	rule := p.otherwise
	if r, ok := first(p.core, path); ok {
		rule = r
	}
	for _, list := range p.plugins {
		if r, ok := first(list, path); ok {
			rule = r
			break
		}
	}
	if r, ok := first(p.custom, path); ok {
		rule = r
	}
	return rule
}

// Bounds are the least maximum and the longest window of all rules that limit: nothing
// with fewer requests, or a longer time ago, is over its limit.
func (p *Policy) Bounds() (least int, longest time.Duration) {
	least, longest = p.otherwise.Max, p.otherwise.Window
	for _, list := range slices.Concat([][]matcher{p.core, p.custom}, p.plugins) {
		for _, m := range list {
			if r := m.PathRule.Rule; !r.Off {
				least, longest = min(least, r.Max), max(longest, r.Window)
			}
		}
	}
	return least, longest
}

type matcher struct {
	PathRule
	glob *glob.Glob // nil for exact paths and prefixes
}

func compile(rules []PathRule) ([]matcher, error) {
	var out []matcher
	for _, r := range rules {
		m := matcher{PathRule: r}
		err := check(r.Rule)
		if r.Path == "" {
			err = fmt.Errorf("no path")
		}
		if err == nil && !r.Prefix && glob.Has(r.Path) {
			m.glob, err = glob.Compile(r.Path)
		}
		if err != nil {
			return nil, fmt.Errorf("rate limit of %q: %w", r.Path, err)
		}
		out = append(out, m)
	}
	return out, nil
}

func first(rules []matcher, path string) (Rule, bool) {
	for _, m := range rules {
		if m.match(path) {
			return m.PathRule.Rule, true
		}
	}
	return Rule{}, false
}

func (m matcher) match(path string) bool {
	switch {
	case m.glob != nil:
		return m.glob.Match(path)
	case m.Prefix:
		return strings.HasPrefix(path, m.Path)
	}
	return path == m.Path
}
