package secret

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const (
	vectorSecret = "0123456789abcdef0123456789abcdef"
	pluginSecret = "better-auth-test-vector-secret-0123456789"
	deltaSecret  = "delta-vector-secret-0123456789abcdef"
)

func single(t testing.TB, value string) *Ring {
	t.Helper()
	r, err := NewRing(nil, value)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ring(t testing.TB, legacy string, versions ...Version) *Ring {
	t.Helper()
	r, err := NewRing(versions, legacy)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSignVectors(t *testing.T) {
	for _, c := range []struct{ secret, value, want string }{
		{vectorSecret, "abcdefghijklmnopqrstuvwxyzABCDEF", "M2ywRDp5rcBzPkujXjncHeiPyZUNaplgYBDEjlr95jQ="},
		{vectorSecret, "true", "LrxJKa3x2eCRjNwwnr9kuw9J8F5SAHRXP10QjfJxfd0="},
		{pluginSecret, "abcdefghijklmnopqrstuvwxyz012345", "bRZw1VZ6HGD+yzsmYDVwKW+YNy1E1R1RMlS3adJ311I="},
		{pluginSecret, "2fa-ABCDEFGHIJKLMNOPQRST", "Jn5Rz8ck3Dld2HF4BtsLVQ7Ej+wIoTD9vZj3IcTfry0="},
		{pluginSecret, "true", "O0pbkUd/HZxiOfCyjgNRPWP04ZkSSp8t8Q45lqB2JMQ="},
	} {
		r := single(t, c.secret)
		if got := r.Sign(c.value); got != c.value+"."+c.want {
			t.Errorf("Sign(%q) = %q", c.value, got)
		}
		if got, ok := r.Verify(c.value + "." + c.want); !ok || got != c.value {
			t.Errorf("Verify(%q) = %q, %v", c.value, got, ok)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	r := single(t, vectorSecret)
	good := r.Sign("token")
	for name, s := range map[string]string{
		"empty": "", "unsigned": "token", "no value": good[5:], "truncated": good[:len(good)-1], "extended": good + "=",
		"changed value": "T" + good[1:], "changed signature": flip(good), "encoded": strings.ReplaceAll(good, "=", "%3D"),
		"url alphabet": strings.NewReplacer("+", "-", "/", "_").Replace(r.Sign("tok/en?")) + "x", "other secret": single(t, pluginSecret).Sign("token"),
		"padding bits": good[:len(good)-2] + next(good[len(good)-2]) + "=", "space": good + " ", "second dot": "a." + good,
	} {
		if v, ok := r.Verify(s); ok || v != "" {
			t.Errorf("%s: %q accepted as %q", name, s, v)
		}
	}
	if v, ok := r.Verify(r.Sign("a.b.c")); !ok || v != "a.b.c" {
		t.Errorf("the last dot divides: %q, %v", v, ok)
	}
}

// next is a base64 letter that decodes to the same bytes but for unused bits.
func next(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(alphabet[strings.IndexByte(alphabet, c)^1])
}

func flip(signed string) string {
	i := len(signed) - 20
	c := byte('A')
	if signed[i] == c {
		c = 'B'
	}
	return signed[:i] + string(c) + signed[i+1:]
}

func TestRotation(t *testing.T) {
	old := ring(t, "", Version{1, vectorSecret})
	both := ring(t, "", Version{2, pluginSecret}, Version{1, vectorSecret})
	retired := ring(t, "", Version{2, pluginSecret})
	asLegacy := ring(t, vectorSecret, Version{2, pluginSecret})

	signed, sealed, mac := old.Sign("v"), old.Seal("p", "v"), old.MAC("p", []byte("v"))
	jwt, _ := old.SignJWT([]byte(`{}`))
	jwe, _ := old.SealJWE(SessionSalt, []byte(`{}`))
	for name, r := range map[string]*Ring{"both": both, "legacy": asLegacy, "retired": retired} {
		want := name != "retired"
		_, verified := r.Verify(signed)
		_, errSealed := r.Open("p", sealed)
		_, errJWT := r.OpenJWT(jwt)
		_, errJWE := r.OpenJWE(SessionSalt, jwe)
		got := []bool{verified, errSealed == nil, errJWT == nil, errJWE == nil, r.CheckMAC("p", []byte("v"), mac)}
		for i, ok := range got {
			if ok != want {
				t.Errorf("%s: check %d gave %v", name, i, ok)
			}
		}
	}
	if both.Sign("v") != retired.Sign("v") || both.Key("p") != retired.Key("p") || both.Keys("p")[1] != old.Key("p") {
		t.Error("the newest secret must make new output")
	}
}

func TestPurposesAreSeparate(t *testing.T) {
	r := single(t, vectorSecret)
	if r.Key("a") == r.Key("b") || r.Key("a") == single(t, pluginSecret).Key("a") {
		t.Error("keys coincide")
	}
	if _, err := r.Open("b", r.Seal("a", "x")); !errors.Is(err, ErrOpen) {
		t.Error("ciphertext of one purpose opened in another")
	}
	if r.CheckMAC("b", []byte("x"), r.MAC("a", []byte("x"))) || r.CheckMAC("a", []byte("x"), nil) {
		t.Error("MAC of one purpose accepted in another")
	}
	jwe, _ := r.SealJWE(SessionSalt, []byte(`{}`))
	if _, err := r.OpenJWE(AccountSalt, jwe); !errors.Is(err, ErrToken) {
		t.Error("session JWE opened as account")
	}
}

func TestSeal(t *testing.T) {
	r := single(t, vectorSecret)
	a, b := r.Seal("p", "plain"), r.Seal("p", "plain")
	if a == b {
		t.Error("nonce repeats")
	}
	if !IsSealed(a) || IsLegacy(a) {
		t.Errorf("form of %q", a)
	}
	for _, plain := range []string{"", "x", strings.Repeat("é", 5000)} {
		if got, err := r.Open("p", r.Seal("p", plain)); err != nil || got != plain {
			t.Errorf("round trip of %d bytes: %v", len(plain), err)
		}
	}
	for _, bad := range []string{"", "x", "$gh$", "$gh$x", "$gh$x$", "$gh$x$AAAA", a[:len(a)-1], a + "A", flip(a), strings.Replace(a, "$gh$", "$ba$", 1)} {
		if _, err := r.Open("p", bad); !errors.Is(err, ErrOpen) {
			t.Errorf("Open(%q): %v", bad, err)
		}
	}
}

func TestOpenLegacyVectors(t *testing.T) {
	const nonce = "000102030405060708090a0b0c0d0e0f1011121314151617"
	for _, c := range []struct{ secret, plain, body string }{
		{vectorSecret, "gho_token", "bb636a858bb787737c2e79c86f8572313d5aa642b1bf6e1df0"},
		{pluginSecret, "hello world", "a26717687548dc067fbe7ea48b9a790cdcedfb2e7ad16dcd5232f6"},
		{pluginSecret, "123456", "fb3048302f5ecaabe574c6d3d91693214ab37772cb88"},
		{pluginSecret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "8b4038405f2eec214498514b745354d6c9a1a1eb6204233d8c8f691d35b70cae56b47ab32434f6e4c717864d3bc64fd1"},
		{pluginSecret, `["abcde-12345","fghij-67890"]`, "91201a66790cce443ce029330c3f37a4fe949ad65d7f4252edec690e5a90e3fe749a2fbe136f7e75b05b3180f6"},
	} {
		bare, two := nonce+c.body, "$ba$2$"+nonce+c.body
		alone, numbered := single(t, c.secret), ring(t, "", Version{3, "x"}, Version{2, c.secret})
		for _, ok := range []struct {
			r    *Ring
			text string
		}{{alone, bare}, {numbered, two}, {ring(t, c.secret, Version{2, "x"}), bare}} {
			if got, err := ok.r.OpenLegacy(ok.text); err != nil || got != c.plain || !IsLegacy(ok.text) {
				t.Errorf("%q: got %q, %v", ok.text, got, err)
			}
		}
		for _, bad := range []struct {
			r    *Ring
			text string
		}{
			{alone, two}, {numbered, bare}, {numbered, "$ba$3$" + bare}, {numbered, "$ba$02$" + bare}, {alone, flip(bare)},
			{alone, bare[:46]}, {alone, bare[1:]}, {alone, ""}, {numbered, "$ba$2"}, {single(t, deltaSecret), bare},
		} {
			if got, err := bad.r.OpenLegacy(bad.text); !errors.Is(err, ErrOpen) {
				t.Errorf("%q opened as %q", bad.text, got)
			}
		}
	}
	if IsLegacy("gho_token") || IsLegacy("abc") || IsLegacy("") {
		t.Error("plain text taken as ciphertext")
	}
}

func TestOAuthVectors(t *testing.T) {
	for purpose, want := range map[OAuthPurpose][2]string{
		OAuthStateCookie:  {"bf44e8316bc7629cf04709317f70b8578cb22b15283445ad6302e8f50ac6050d", "98a6298ff664db59bdd980cc902852d08ce88156a52ccc9d47f8aa8a47366773"},
		OAuthLinkSession:  {"97a92ff740745f67850555ad9f9d7e2d4193dad9dae7aa0c7625e3966c126390", "72cc3c4077d6daf0628991931cb20bc3b813d5fbcbc064f967f4684cf8988b95"},
		OAuthProxyProfile: {"2bb0dbaa42b2ed06d3518d88486f17b3dbd2a989e4267a1b307876ea5a83d8a7", "2edce3975da21f7e615ed636ebc0aa88316feb3dbd52d800b54a7a335c279ddd"},
		OAuthProxyPackage: {"b53b71967f285563714894d2afd431d5829087699c1362acb5f65b84ce952536", "467cfc1abcde7cda454edf1053005224bfa66444f404fd92ced0d3fad4056a7e"},
		OAuthProxyState:   {"3bb1a1df65326fd07282925375e205af6a2bc4eb577009488c177e29e2077834", "b8fe95c2e57dc1bdd22e75cbac99afd9b74ac06f97ac39337a6d776d252728ab"},
	} {
		if got := single(t, vectorSecret).OAuth(purpose).current(); got != want[0] {
			t.Errorf("%s: %s", purpose, got)
		}
		r := ring(t, vectorSecret, Version{4, deltaSecret}).OAuth(purpose)
		if r.versions[0] != (Version{4, want[1]}) || r.legacy != want[0] {
			t.Errorf("%s: versioned ring %v", purpose, r.versions[0].Value)
		}
	}
}

func TestHashVectors(t *testing.T) {
	for in, want := range map[string]string{
		"123456":                                  "jZae727K08KaOmKSgOaGzww_XVqGr_PKEgIMkjrcbJI",
		"WyUDcwdYdOfHTtePwmEAipplGpVTOrYM":        "X7GjRCMKRPCGjsQYWTXsP7gpjyEcrdXXw3xWCW7BjhI",
		"reset-password:AbCdEfGhIjKlMnOpQrStUvWx": "ZfpZ6xUdvdGUUmg4QeLo_aC_F8AkC4m3Foo7Sw9GAWg",
		"reserve:abc":                             "yT1-trRxou_awQ4KmMJhl9gO9x2RuTwqu-V-xfHGg0g",
		strings.Repeat("A", 128):                  "tqw8wQOGMxx2XwTwQcFH0PJ48q7Y6qAh4tAFf8b2_54",
	} {
		if got := HashToken(in); got != want {
			t.Errorf("HashToken(%q) = %q", in, got)
		}
	}
	h := HashSession("abc")
	if h != "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" || !IsSessionHash(h) || IsSessionHash("abc") {
		t.Errorf("HashSession: %q", h)
	}
}

func TestJWTVector(t *testing.T) {
	const claims = `{"email":"ann@example.com","userId":"u1","iat":1893456000,"exp":1893459600}`
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFubkBleGFtcGxlLmNvbSIsInVzZXJJZCI6InUxIiwiaWF0IjoxODkzNDU2MDAwLCJleHAiOjE4OTM0NTk2MDB9.3mzYp3Kt0WqlRze5g-Yr3HiXgD0lTAdCFD0m5JREKPQ"
	r := single(t, vectorSecret)
	if got, err := r.SignJWT([]byte(claims)); err != nil || got != token {
		t.Errorf("SignJWT = %q, %v", got, err)
	}
	if got, err := r.OpenJWT(token); err != nil || string(got) != claims {
		t.Errorf("OpenJWT = %q, %v", got, err)
	}
	for _, bad := range []string{"", "a.b.c", token + "A", flip(token), "eyJhbGciOiJub25lIn0.e30.", token[:strings.LastIndex(token, ".")+1]} {
		if _, err := r.OpenJWT(bad); !errors.Is(err, ErrToken) {
			t.Errorf("OpenJWT(%q): %v", bad, err)
		}
	}
}

func TestJWEVectors(t *testing.T) {
	for salt, want := range map[Salt][2]string{
		SessionSalt: {"19b3d82cf97a9e0fa45a2d1160ae469d0a1a56e895166a826e978942ab1e9cbe6a7f0ddbcaba818572b78576e685e9572d3d3d0acb925279682acf20694129c7", "42HBlsUuXM5gM9y6ey-lXZH8sMFG35cW8yXVkaluiG8"},
		AccountSalt: {"cbc58259a430a52731145e6092162c4072522c2131f06e0a3cd5c8fd12b19534123c0f79217d6aaf33ad26daa36e0d20ddcc26669121395925f64d3c60a395d3", "ks4OMNeGm-QOb6qBblKCuT-hsja38OXcbqLM_CnRzB0"},
	} {
		k := jweKey(vectorSecret, salt)
		if hex.EncodeToString(k) != want[0] || thumbprint(k) != want[1] {
			t.Errorf("%s: key %x, kid %s", salt, k, thumbprint(k))
		}
	}
	const token = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiNDJIQmxzVXVYTTVnTTl5NmV5LWxYWkg4c01GRzM1Y1c4eVhWa2FsdWlHOCJ9..AAECAwQFBgcICQoLDA0ODw.wh0mDA66S2pfJpMeKxpgiYyVpPGvpm1Y9VrCtZYpbcPnDbXujWVvzvPEkqCWghKs6tpmf06GRCjZB_Vdy_EjqY4tlHimsQcuDHncVTIm0-dHs05ZfHQbn7Xnvsw2DJ0Atl4UgptRLJvfyrpBDrLPJlww9VDVf8q4IJiejuy9UHTa0j0tPIrFR6DOyNe-JXimc9u2XOByZEWbEi2rZW_3CI_kSQpxgZ2s1r7ye5TFH8k.g2FTcJwLk3qydT0Zw-PzlzvMdcsZ47DC79JPLNTIUn8"
	const claims = `{"session":{"id":"s1"},"user":{"id":"u1"},"updatedAt":1893456000000,"version":"1","iat":1893456000,"exp":4102444800,"jti":"11111111-1111-4111-8111-111111111111"}`
	r := single(t, vectorSecret)
	if got, err := r.OpenJWE(SessionSalt, token); err != nil || string(got) != claims {
		t.Errorf("OpenJWE = %q, %v", got, err)
	}
	mine, err := r.SealJWE(SessionSalt, []byte(claims))
	if err != nil || mine[:strings.IndexByte(mine, '.')] != token[:strings.IndexByte(token, '.')] {
		t.Errorf("header of %q, %v", mine, err)
	}
	if got, err := r.OpenJWE(SessionSalt, mine); err != nil || string(got) != claims {
		t.Errorf("round trip: %q, %v", got, err)
	}
	for _, bad := range []string{"", "a.b.c.d.e", flip(token), token + "AA"} {
		if _, err := r.OpenJWE(SessionSalt, bad); !errors.Is(err, ErrToken) {
			t.Errorf("OpenJWE(%q): %v", bad, err)
		}
	}
}

func TestNewRingRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		versions []Version
		legacy   string
	}{
		"nothing":  {},
		"negative": {[]Version{{-1, "hidden"}}, ""},
		"empty":    {[]Version{{1, ""}}, "x"},
		"repeated": {[]Version{{1, "hidden"}, {1, "hidden2"}}, ""},
	} {
		if r, err := NewRing(c.versions, c.legacy); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

func TestParseVersions(t *testing.T) {
	got, err := ParseVersions(" 2:a:b , 1:c")
	if err != nil || len(got) != 2 || got[0] != (Version{2, "a:b"}) || got[1] != (Version{1, "c"}) {
		t.Errorf("got %#v, %v", got, err)
	}
	for _, bad := range []string{"", "hidden", "x:hidden", "-1:hidden", "1:", "1:a,hidden", "1:a,", "99999999999:hidden", "1.5:hidden"} {
		if _, err := ParseVersions(bad); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for value, weak := range map[string]bool{
		vectorSecret: false, pluginSecret: false, "f3b1c9a07d5e2846f3b1c9a07d5e2846": false,
		"tiny!": true, strings.Repeat("a", 64): true, strings.Repeat("ab", 16): true,
		"better-auth-secret-12345678901234567890": true, "please-CHANGE-ME-0123456789-abcdefghij": true,
		vectorSecret[:31]: true,
	} {
		err := single(t, value).Check()
		if errors.Is(err, ErrWeak) != weak {
			t.Errorf("%q: %v", value, err)
		}
		if err != nil && strings.Contains(err.Error(), value) {
			t.Errorf("the finding shows the secret: %v", err)
		}
	}
	if err := ring(t, "short", Version{2, vectorSecret}, Version{1, "tiny"}).Check(); err == nil || strings.Count(err.Error(), "shorter") != 2 {
		t.Errorf("want both findings, got %v", err)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	r := ring(t, "hidden-legacy", Version{1, "hidden-one"})
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "ring", r, "version", r.versions[0])
	text, _ := json.Marshal(r)
	for _, s := range []string{fmt.Sprint(r), fmt.Sprintf("%v %+v %#v %s", r, r, r, r), fmt.Sprintf("%v %#v", r.versions, r.versions), log.String(), string(text)} {
		if strings.Contains(s, "hidden") {
			t.Errorf("printed: %s", s)
		}
	}
}

func FuzzVerify(f *testing.F) {
	r, _ := NewRing(nil, vectorSecret)
	f.Add(r.Sign("token"))
	f.Add("a.b")
	f.Add(".")
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := r.Verify(s); ok && r.Sign(v) != s {
			t.Errorf("%q accepted as %q", s, v)
		}
	})
}

func FuzzOpen(f *testing.F) {
	r, _ := NewRing([]Version{{2, pluginSecret}}, vectorSecret)
	f.Add(r.Seal("p", "x"))
	f.Add("$ba$2$00")
	f.Add("00")
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		r.Open("p", s)
		r.OpenLegacy(s)
		r.OpenJWT(s)
		r.OpenJWE(SessionSalt, s)
		if vs, err := ParseVersions(s); err == nil {
			for _, v := range vs {
				if v.N < 0 || v.Value == "" {
					t.Errorf("%q gave %d", s, v.N)
				}
			}
		}
	})
}
