package settings

import (
	"strings"
	"testing"
)

func TestVerifyRefusesClashes(t *testing.T) {
	type a struct {
		X string `setting:"x" help:"X"`
	}
	type key struct {
		Key     Secret `setting:"key" help:"K" secret:"true"`
		KeyFile string `setting:"key_file" help:"F"`
	}
	type alias struct {
		X string `setting:"x" help:"X" alias:"GATEHOUSE_Y"`
		Y string `setting:"y" help:"Y"`
	}
	type cookie struct {
		Cache string `setting:"cookie_cache" help:"C"`
	}
	type port struct {
		Port string `setting:"port" help:"P"`
	}
	type host struct {
		Host string `setting:"service_host" help:"P"`
	}
	for part, groups := range map[string][]Group{
		"is declared twice": {Define("p", a{}), Define("p", a{})},
		"has the environment name GATEHOUSE_S_KEY_FILE of s.key": {Define("s", key{})},
		"has the environment name GATEHOUSE_Y of x":              {Define("", alias{})},
		"has the environment name GATEHOUSE_S_COOKIE_CACHE": {Define("s", cookie{}), Define("s.cookie", struct {
			C string `setting:"cache" help:"C"`
		}{})},
		"continues the key of the setting p.x":                    {Define("p", a{}), Define("p.x", a{})},
		"GATEHOUSE_PORT, which container links use":               {Define("", port{})},
		"GATEHOUSE_REDIS_SERVICE_HOST, which container links use": {Define("redis", host{})},
	} {
		err := Verify(groups...)
		if err == nil {
			t.Errorf("%q was not found", part)
			continue
		}
		mustContain(t, err.Error(), part)
		if _, loadErr := Load(Sources{}, groups...); loadErr == nil || loadErr.Error() != err.Error() {
			t.Errorf("Load says %v", loadErr)
		}
	}
}

func TestVerifyRefusesFaultyDeclarations(t *testing.T) {
	for part, group := range map[string]Group{
		"a section is a struct": Define("x", 5),
		"a prefix is lower-case": Define("X-y", struct {
			A string `setting:"a" help:"A"`
		}{}),
		"a name is lower-case": Define("x", struct {
			A string `setting:"Aa" help:"A"`
		}{}),
		"has no help": Define("x", struct {
			A string `setting:"a"`
		}{}),
		`the level "late"`: Define("x", struct {
			A string `setting:"a" help:"A" level:"late"`
		}{}),
		"the tag secret is true or url": Define("x", struct {
			A Secret `setting:"a" help:"A" secret:"yes"`
		}{}),
		"needs the type settings.Secret": Define("x", struct {
			A string `setting:"a" help:"A" secret:"true"`
		}{}),
		"the type *string cannot be a setting": Define("x", struct {
			A *string `setting:"a" help:"A"`
		}{}),
		"the type map[int]string cannot be a setting": Define("x", struct {
			A map[int]string `setting:"a" help:"A"`
		}{}),
		"the type []map[string]string cannot": Define("x", struct {
			A []map[string]string `setting:"a" help:"A"`
		}{}),
		`the rule "often" is unknown`: Define("x", struct {
			A string `setting:"a" help:"A" check:"often"`
		}{}),
		"the rule min=x does not fit": Define("x", struct {
			A int `setting:"a" help:"A" check:"min=x"`
		}{}),
		"has no order": Define("x", struct {
			A bool `setting:"a" help:"A" check:"min=1"`
		}{}),
		"the rule url does not fit the kind integer": Define("x", struct {
			A int `setting:"a" help:"A" check:"url"`
		}{}),
		"the rule oneof does not fit": Define("x", struct {
			A string `setting:"a" help:"A" check:"oneof="`
		}{}),
	} {
		err := Verify(group)
		if err == nil {
			t.Errorf("%q was not found", part)
			continue
		}
		mustContain(t, err.Error(), part)
	}
}

func TestFieldsDescribeSettings(t *testing.T) {
	s := newShop()
	fields := map[string]Field{}
	for _, f := range s.Fields() {
		fields[f.Key] = f
	}
	if s.Title() != "Shop" || s.Prefix() != "shop" || s.Help() == "" || len(fields) != 17 {
		t.Errorf("%q %q %q %d", s.Title(), s.Prefix(), s.Help(), len(fields))
	}
	f := fields["shop.nested.low"]
	if f.Env != "GATEHOUSE_SHOP_NESTED_LOW" || f.Flag != "--shop.nested.low" || f.Level != Organization || f.Kind != Integer || f.Default != "1" || f.Source != FromDefault || !f.Editable() {
		t.Errorf("%+v", f)
	}
	if f := fields["shop.nested.high"]; f.Level != Console {
		t.Errorf("the level is not handed on: %q", f.Level)
	}
	if f := fields["shop.key"]; !f.Secret || f.FileEnv != "GATEHOUSE_SHOP_KEY_FILE" {
		t.Errorf("%+v", f)
	}
	if f := fields["shop.boot_port"]; f.Editable() || f.Level != Boot {
		t.Errorf("%+v", f)
	}
	if f := fields["shop.name"]; strings.Join(f.Rules, ";") != "required;max=10" {
		t.Errorf("%+v", f)
	}
	if f := fields["shop.mode"]; strings.Join(f.Choices, ",") != "auto,true,false" {
		t.Errorf("%+v", f)
	}
	if f := fields["shop.goods"]; f.Kind != Table || !f.Secret {
		t.Errorf("%+v", f)
	}
}

func TestRules(t *testing.T) {
	type section struct {
		URL    string   `setting:"url" help:"h" check:"url"`
		Listen string   `setting:"listen" help:"h" check:"listen"`
		Nets   []string `setting:"nets" help:"h" check:"networks"`
		Email  string   `setting:"email" help:"h" check:"email"`
		Sender string   `setting:"sender" help:"h" check:"sender"`
		SMTP   Secret   `setting:"smtp" help:"h" check:"smtp" secret:"url"`
		Origin []string `setting:"origins" help:"h" check:"origins"`
		Header []string `setting:"headers" help:"h" check:"headers"`
		Paths  []string `setting:"paths" help:"h" check:"path"`
		Words  []string `setting:"words" help:"h" check:"oneof=a|b;required"`
		Secret Secret   `setting:"secret" help:"h" check:"min=4"`
	}
	for arg, ok := range map[string]bool{
		"--x.url=https://a.example": true, "--x.url=HTTP://localhost:3000/": true, "--x.url=": true, "--x.url=ftp://a": false, "--x.url=a.example": false,
		"--x.url=https://u:p@a": false, "--x.url=https://a/?q=1": false, "--x.url=https://a#f": false, "--x.url=https://": false, "--x.url=http://[::1]:3": true,
		"--x.listen=:3000": true, "--x.listen=[::1]:0": true, "--x.listen=127.0.0.1:3000": true, "--x.listen=3000": false, "--x.listen=a:http": false, "--x.listen=a:70000": false,
		"--x.nets=10.0.0.0/8,::1": true, "--x.nets=10.0.0.0/33": false, "--x.nets=fe80::1%eth0": false, "--x.nets=proxy": false,
		"--x.url=http://a:99999": false, "--x.url=http://a b": false,
		"--x.email=a@b.example": true, "--x.email=": true, "--x.email=A <a@b.example>": false, "--x.email=a": false, "--x.email=a@b": false,
		"--x.sender=A <a@b.example>": true, "--x.sender=a@b.example": true, "--x.sender=a": false, "--x.sender=a@b, c@d": false, "--x.sender=ö@b.example": false,
		"--x.smtp=smtp://u:p@h:25?tls=none": true, "--x.smtp=smtps://h": true, "--x.smtp=": true, "--x.smtp=http://u:private@h": false, "--x.smtp=h:25": false, "--x.smtp=smtp://u:private@h?tsl=none": false,
		"--x.origins=https://a.example,*.b.example,myapp://": true, "--x.origins=javascript:x": false, "--x.origins=nonsense": false,
		"--x.headers=x-forwarded-for,CF-Connecting-IP": true, "--x.headers=x y": false, "--x.headers=x:": false,
		"--x.paths=/a,/b": true, "--x.paths=/a,b": false,
		"--x.words=a,b": true, "--x.words=a,c": false, "--x.words=": false,
		"--x.secret=long enough": true, "--x.secret=abc": false,
	} {
		_, err := Load(Sources{Args: []string{arg}}, Define("x", section{Words: []string{"a"}}))
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "private") {
			t.Errorf("%s: %v", arg, err)
		}
	}
}

// TestFieldsSayHowTheyAreShown: tags of a setting win over those of its section, and a
// struct hands on what it has.
func TestFieldsSayHowTheyAreShown(t *testing.T) {
	type inner struct {
		Deep string `setting:"deep" help:"h"`
	}
	type section struct {
		_ struct{} `title:"Shown" area:"here"`

		Mode  string   `setting:"mode" label:"Mode" help:"h" check:"oneof=a|b" choices:"a=First"`
		Away  string   `setting:"away" help:"h" area:"there" part:"Apart"`
		Inner inner    `setting:"inner" advanced:"true"`
		List  []string `setting:"list" help:"h" check:"oneof=a|b" empty:"all"`
	}
	group := Define("x", section{Mode: "a"})
	if err := Verify(group); err != nil {
		t.Fatal(err)
	}
	f := group.Fields()
	if f[0].Label != "Mode" || f[0].Area != "here" || f[0].ChoiceNames["a"] != "First" || f[0].ChoiceNames["b"] != "" || f[0].Advanced || f[0].EmptyIsAll {
		t.Errorf("%+v", f[0])
	}
	if f[1].Area != "there" || f[1].Part != "Apart" || f[1].Label != "" {
		t.Errorf("%+v", f[1])
	}
	if f[2].Key != "x.inner.deep" || !f[2].Advanced || f[2].Area != "here" || !f[3].EmptyIsAll || f[3].Advanced {
		t.Errorf("%+v %+v", f[2], f[3])
	}
	err := Verify(Define("x", struct {
		A string `setting:"a" help:"A" check:"oneof=a|b" choices:"c=No choice"`
	}{}))
	if err == nil || !strings.Contains(err.Error(), `names "c", which is no choice`) {
		t.Errorf("%v", err)
	}
}
