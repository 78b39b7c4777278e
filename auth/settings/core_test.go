package settings

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// loadCore loads the product's groups from flags alone.
func loadCore(args ...string) (*Core, *Set, error) {
	core := NewCore()
	set, err := Load(Sources{Args: args, File: file("")}, core.Groups()...)
	return core, set, err
}

func TestCoreDeclarations(t *testing.T) {
	core := NewCore()
	if err := Verify(core.Groups()...); err != nil {
		t.Fatal(err)
	}
	_, set, err := loadCore()
	if err != nil {
		t.Fatalf("the defaults have problems: %v", err)
	}
	for _, f := range set.Fields() {
		if strings.HasSuffix(f.Help, ".") || !regexp.MustCompile(`^[A-Z]`).MatchString(f.Help) {
			t.Errorf("%s: help %q", f.Key, f.Help)
		}
		if f.Secret && f.Level != Boot && f.Key != "smtp" { // package stored seals it; a test of the console looks
			t.Errorf("%s is a secret that could be stored in clear", f.Key)
		}
	}
	top := core.Top.Fields()
	for i, key := range []string{"url", "listen", "data", "database", "smtp"} {
		if top[i].Key != key {
			t.Errorf("key %d is %s, want %s", i, top[i].Key, key)
		}
	}
}

func TestCoreDefaults(t *testing.T) {
	_, set, err := loadCore()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"url": "http://localhost:3000", "listen": "127.0.0.1:3000", "data": "./gatehouse-data", "admin_role": "owner", "app.name": "Gatehouse",
		"sign_up.enabled": "false", "session.expires_in": "7d", "session.update_age": "1d", "session.fresh_age": "1d", "session.max_age": "30d",
		"session.cookie_cache.max_age": "5m", "password.min": "8", "password.max": "128", "password.hash.memory": "19MiB", "password.revoke_sessions_on_reset": "true",
		"email_verification.on_sign_up": "auto", "cookies.prefix": "better-auth", "cookies.secure": "auto", "rate_limit.enabled": "true", "rate_limit.window": "10s",
		"rate_limit.max": "100", "rate_limit.store": "auto", "addresses.ipv6_subnet": "64", "mail.links": "confirm", "limits.body": "1MiB", "limits.header": "64KiB",
		"outgoing.allow_private": "false", "plugins.enabled": "all", "openapi.public": "false", "trusted_proxies": "",
	} {
		if f, ok := set.Field(key); !ok || f.Default != want {
			t.Errorf("%s has the default %q, want %q", key, f.Default, want)
		}
	}
}

func TestCoreChecks(t *testing.T) {
	strong := "--secret=aHR0cHM6Ly9leGFtcGxlLm9yZy9hYmNkZWY3"
	for _, tt := range []struct {
		args    []string
		problem string // "" for none
	}{
		{[]string{"--session.expires_in=400d", "--session.max_age=0"}, ""},
		{[]string{"--session.expires_in=401d", "--session.max_age=0"}, "session.expires_in"},
		{[]string{"--session.max_age=401d"}, "session.max_age"},
		{[]string{"--session.max_age=6d"}, "session.max_age"},
		{[]string{"--session.update_age=8d"}, "session.update_age"},
		{[]string{"--session.update_age=0"}, ""},
		{[]string{"--session.cookie_cache.max_age=6m"}, "session.cookie_cache.max_age"},
		{[]string{"--password.min=20", "--password.max=10"}, "password.min"},
		{[]string{"--password.hash.memory=18MiB"}, "password.hash.memory"},
		{[]string{"--password.hash.iterations=1"}, "password.hash.iterations"},
		{[]string{"--password.hash.iterations=1", "--password.hash.memory=46MiB"}, ""},
		{[]string{"--password.hash.memory=512MiB"}, "password.hash.total_memory"},
		{[]string{"--url=https://auth.example.com", strong}, ""},
		{[]string{"--url=https://auth.example.com/api/auth/", strong}, ""},
		{[]string{"--url=https://auth.example.com/sub"}, "url"},
		{[]string{"--url="}, "url"},
		{[]string{"--url=https://auth.example.com", "--secret=short"}, "secret"},
		{[]string{"--url=https://auth.example.com", "--secret=" + strings.Repeat("ab", 20)}, "secret"},
		{[]string{"--url=https://auth.example.com", "--secret=better-auth-secret-12345678901234567890"}, "secret"},
		{[]string{"--url=https://auth.example.com", "--secrets=2:short,1:" + strong}, "secrets"},
		{[]string{"--url=http://localhost:3000", "--secret=short"}, ""},
		{[]string{"--secrets=2:a,2:b"}, "secrets"},
		{[]string{"--admin_password=x"}, "admin_password"},
		{[]string{"--admin_email=A <a@b.example>"}, "admin_email"},
		{[]string{"--admin_email=a@b.example", "--admin_password=x", "--admin_role=admin"}, ""},
		{[]string{"--admin_role=user"}, "admin_role"},
		{[]string{"--trusted_proxies=10.0.0.0/8,::1"}, ""},
		{[]string{"--cookies.domain=example.com"}, "cookies.domain"},
		{[]string{"--cookies.domain=.example.com", "--cookies.cross_subdomain"}, ""},
		{[]string{"--cookies.domain=a b", "--cookies.cross_subdomain"}, "cookies.domain"},
		{[]string{"--cookies.prefix=__Host-x"}, "cookies.prefix"},
		{[]string{"--cookies.prefix=a;b"}, "cookies.prefix"},
		{[]string{"--cookies.same_site=none", "--cookies.secure=false"}, "cookies.secure"},
		{[]string{"--rate_limit.rules=[{path='/sign-in/*',window=60,max=3},{path='/ok',off=true}]"}, ""},
		{[]string{"--rate_limit.rules=[{path='/x'}]"}, "rate_limit.rules.1.max"},
		{[]string{"--rate_limit.rules=[{path='/x',off=true,max=1}]"}, "rate_limit.rules.1.off"},
		{[]string{"--rate_limit.rules=[{path='x',off=true}]"}, "rate_limit.rules.1.path"},
		{[]string{"--rate_limit.account.max=101"}, "rate_limit.account.max"},
		{[]string{"--user.fields={nick={required=false},age={type='number',default=3,input=false}}"}, ""},
		{[]string{"--user.fields={nick={unique=true}}"}, "user.fields.nick.unique"},
		{[]string{"--user.fields={nick={type='text'}}"}, "user.fields.nick.type"},
		{[]string{"--user.fields={nick={type='number',default='x'}}"}, "user.fields.nick.default"},
		{[]string{"--user.fields={nick={input=false}}"}, "user.fields.nick.required"},
		{[]string{"--user.fields={email={}}"}, "user.fields.email"},
		{[]string{"--session.fields={userId={}}"}, "session.fields.userId"},
		{[]string{"--user.fields={'a-b'={}}"}, "user.fields.a-b"},
		{[]string{"--metrics.token=short"}, "metrics.token"},
		{[]string{"--metrics.token=long-enough-token", "--metrics.public"}, "metrics.public"},
		{[]string{"--tls.cert=a"}, "tls.key"},
		{[]string{"--tls.key=a"}, "tls.cert"},
		{[]string{"--mail.links=maybe"}, "mail.links"},
	} {
		_, _, err := loadCore(tt.args...)
		problems, _ := err.(Problems)
		switch {
		case tt.problem == "" && err != nil:
			t.Errorf("%q: %v", tt.args, err)
		case tt.problem != "" && (len(problems) != 1 || problems[0].Key != tt.problem):
			t.Errorf("%q: %v, want one problem of %s", tt.args, err, tt.problem)
		}
	}
}

func TestTopAddress(t *testing.T) {
	for url, want := range map[string]struct {
		development, secure bool
		origin, host        string
	}{
		"http://localhost:3000":         {true, false, "http://localhost:3000", "localhost"},
		"https://LOCALHOST":             {true, true, "https://localhost", "localhost"},
		"http://app.localhost:80/":      {true, false, "http://app.localhost", "app.localhost"},
		"http://127.9.9.9":              {true, false, "http://127.9.9.9", "127.9.9.9"},
		"http://[::1]:3000":             {true, false, "http://[::1]:3000", "::1"},
		"https://auth.example.com:443/": {false, true, "https://auth.example.com", "auth.example.com"},
		"HTTPS://Auth.Example.com:8443": {false, true, "https://auth.example.com:8443", "auth.example.com"},
		"http://localhost.example.com":  {false, false, "http://localhost.example.com", "localhost.example.com"},
		"http://notlocalhost":           {false, false, "http://notlocalhost", "notlocalhost"},
		"http://128.0.0.1":              {false, false, "http://128.0.0.1", "128.0.0.1"},
		"http://0.0.0.0":                {false, false, "http://0.0.0.0", "0.0.0.0"},
		"http://[::2]":                  {false, false, "http://[::2]", "::2"},
	} {
		top := Top{URL: url}
		if top.Development() != want.development || top.Secure() != want.secure || top.Origin() != want.origin || top.Host() != want.host {
			t.Errorf("%s: %v %v %s %s", url, top.Development(), top.Secure(), top.Origin(), top.Host())
		}
	}
	if !Loopback("[::1]") || !Loopback("localhost.") || Loopback("") || Loopback("[]") {
		t.Error("Loopback of odd hosts")
	}
}

func TestSecretMayBeGeneratedWithSQLiteOnly(t *testing.T) {
	for address, want := range map[string]bool{"": true, "sqlite:./x.db": true, "file:x": true, "postgres://h/d": false, "mysql://h/d": false} {
		top := Top{Database: NewSecret(address)}
		if top.SQLite() != want || (top.NeedsSecret() == nil) != want {
			t.Errorf("%q: %v, %v", address, top.SQLite(), top.NeedsSecret())
		}
		top.Secrets = Secrets{{1, NewSecret("x")}}
		if err := top.NeedsSecret(); err != nil {
			t.Errorf("%q with secrets: %v", address, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	var s Secrets
	if err := s.UnmarshalText([]byte("2:a:b, 1:c")); err != nil || len(s) != 2 || s[0].Version != 2 || s[0].Value.Reveal() != "a:b" || s[1].Value.Reveal() != "c" {
		t.Errorf("%v, %d entries", err, len(s))
	}
	if err := s.UnmarshalText(nil); err != nil || s != nil {
		t.Errorf("%v, %d entries", err, len(s))
	}
	for text, position := range map[string]string{hush: "entry 1", "1:a," + hush: "entry 2", "-1:" + hush: "entry 1", "1:" + hush + ",1:x": "entry 2", "1:": "entry 1", "1:a,": "entry 2"} {
		err := s.UnmarshalText([]byte(text))
		if err == nil || !strings.Contains(err.Error(), position) || strings.Contains(err.Error(), hush) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSessionLife(t *testing.T) {
	s := sessionDefaults()
	for age, want := range map[time.Duration]time.Duration{0: 7 * day, 23 * day: 7 * day, 25 * day: 5 * day, 30 * day: 0, 40 * day: 0} {
		if got := s.Life(age); got != want {
			t.Errorf("Life(%v) = %v, want %v", age, got, want)
		}
	}
	if s.MaxAge = 0; s.Life(1000*day) != 7*day {
		t.Error("without a maximum the life ends")
	}
}

func TestSmallAnswers(t *testing.T) {
	all, none, some := Plugins{}, Plugins{Enabled: []string{}}, Plugins{Enabled: []string{"admin"}}
	if !all.Runs("x") || none.Runs("x") || some.Runs("x") || !some.Runs("admin") {
		t.Error("Runs")
	}
	follows, off := EmailVerification{Required: true}, EmailVerification{Required: true, OnSignUp: Off}
	if !follows.SendOnSignUp() || off.SendOnSignUp() {
		t.Error("SendOnSignUp")
	}
}

func TestMarkdownListsEverything(t *testing.T) {
	_, set, err := loadCore("--app.name=Elsewhere", "--secret="+hush)
	if err != nil {
		t.Fatal(err)
	}
	text := set.Markdown()
	for _, f := range set.Fields() {
		mustContain(t, text, "| `"+f.Key+"` | `"+f.Env+"`")
		for _, name := range append(slices.Clone(f.Aliases), f.FileEnv) {
			mustContain(t, text, name)
		}
	}
	if strings.Contains(text, "Elsewhere") {
		t.Error("the reference depends on the values in force")
	}
	pipe := regexp.MustCompile(`(^|[^\\])\|`)
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "| `") && len(pipe.FindAllString(line, -1)) != 7 && len(pipe.FindAllString(line, -1)) != 3 {
			t.Errorf("a broken row: %s", line)
		}
	}
	usage := Usage(NewCore().Groups()...)
	mustContain(t, usage, "--session.cookie_cache.max_age=DURATION", "--url=TEXT")
}

// Every commented line of the sample is valid and gives the default.
func TestSampleIsTheDefaults(t *testing.T) {
	sample := Sample(NewCore().Groups()...)
	uncommented := regexp.MustCompile(`(?m)^# ([a-z0-9_.]+ = )`).ReplaceAllString(sample, "$1")
	for _, text := range []string{sample, uncommented} {
		core := NewCore()
		set, err := Load(Sources{File: file(text)}, core.Groups()...)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range set.Fields() {
			if f.Value != f.Default && f.Key != "plugins.enabled" {
				t.Errorf("%s is %q, the default %q", f.Key, f.Value, f.Default)
			}
			if text == uncommented && f.Key != ConfigKey && f.Source == FromDefault {
				t.Errorf("%s is not in the sample", f.Key)
			}
		}
	}
}

func TestFieldsAsJSON(t *testing.T) {
	_, set, err := loadCore("--secret=" + hush)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var fields []Field
	if err := json.Unmarshal(raw, &fields); err != nil || len(fields) != len(set.Fields()) {
		t.Errorf("%v, %d fields", err, len(fields))
	}
	mustContain(t, string(raw), `"value":"(hidden)","source":"flag --secret","locked":true`)
}
