package cookie

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/auth/secret"
)

// Vectors of better-auth core 5.4 and 7.3.
const (
	sessionJSON = `{"expiresAt":"2030-01-08T00:00:00.000Z","token":"abcdefghijklmnopqrstuvwxyzABCDEF","createdAt":"2030-01-01T00:00:00.000Z","updatedAt":"2030-01-01T00:00:00.000Z","ipAddress":"127.0.0.1","userAgent":"","userId":"u1","id":"s1"}`
	userJSON    = `{"name":"Ann","email":"ann@example.com","emailVerified":false,"image":null,"createdAt":"2030-01-01T00:00:00.000Z","updatedAt":"2030-01-01T00:00:00.000Z","id":"u1"}`
	compactText = "eyJzZXNzaW9uIjp7InNlc3Npb24iOnsiZXhwaXJlc0F0IjoiMjAzMC0wMS0wOFQwMDowMDowMC4wMDBaIiwidG9rZW4iOiJhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ekFCQ0RFRiIsImNyZWF0ZWRBdCI6IjIwMzAtMDEtMDFUMDA6MDA6MDAuMDAwWiIsInVwZGF0ZWRBdCI6IjIwMzAtMDEtMDFUMDA6MDA6MDAuMDAwWiIsImlwQWRkcmVzcyI6IjEyNy4wLjAuMSIsInVzZXJBZ2VudCI6IiIsInVzZXJJZCI6InUxIiwiaWQiOiJzMSJ9LCJ1c2VyIjp7Im5hbWUiOiJBbm4iLCJlbWFpbCI6ImFubkBleGFtcGxlLmNvbSIsImVtYWlsVmVyaWZpZWQiOmZhbHNlLCJpbWFnZSI6bnVsbCwiY3JlYXRlZEF0IjoiMjAzMC0wMS0wMVQwMDowMDowMC4wMDBaIiwidXBkYXRlZEF0IjoiMjAzMC0wMS0wMVQwMDowMDowMC4wMDBaIiwiaWQiOiJ1MSJ9LCJ1cGRhdGVkQXQiOjE4OTM0NTYwMDAwMDAsInZlcnNpb24iOiIxIn0sImV4cGlyZXNBdCI6MTg5MzQ1NjMwMDAwMCwic2lnbmF0dXJlIjoiQ21IVWVHcGVKaURvb1hucF8tbTFSTGF4Q25pNVl6U3R6NlZtS0tXYXpOZyJ9"
	jwtText     = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uIjp7ImV4cGlyZXNBdCI6IjIwMzAtMDEtMDhUMDA6MDA6MDAuMDAwWiIsInRva2VuIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUYiLCJjcmVhdGVkQXQiOiIyMDMwLTAxLTAxVDAwOjAwOjAwLjAwMFoiLCJ1cGRhdGVkQXQiOiIyMDMwLTAxLTAxVDAwOjAwOjAwLjAwMFoiLCJpcEFkZHJlc3MiOiIxMjcuMC4wLjEiLCJ1c2VyQWdlbnQiOiIiLCJ1c2VySWQiOiJ1MSIsImlkIjoiczEifSwidXNlciI6eyJuYW1lIjoiQW5uIiwiZW1haWwiOiJhbm5AZXhhbXBsZS5jb20iLCJlbWFpbFZlcmlmaWVkIjpmYWxzZSwiaW1hZ2UiOm51bGwsImNyZWF0ZWRBdCI6IjIwMzAtMDEtMDFUMDA6MDA6MDAuMDAwWiIsInVwZGF0ZWRBdCI6IjIwMzAtMDEtMDFUMDA6MDA6MDAuMDAwWiIsImlkIjoidTEifSwidXBkYXRlZEF0IjoxODkzNDU2MDAwMDAwLCJ2ZXJzaW9uIjoiMSIsImlhdCI6MTg5MzQ1NjAwMCwiZXhwIjoxODkzNDU2MzAwfQ.HTqgQf64cg8ESwp0WvchrKf50r9cDWYq0hfQDsRzA80"
	jweText     = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiNDJIQmxzVXVYTTVnTTl5NmV5LWxYWkg4c01GRzM1Y1c4eVhWa2FsdWlHOCJ9..AAECAwQFBgcICQoLDA0ODw.wh0mDA66S2pfJpMeKxpgiYyVpPGvpm1Y9VrCtZYpbcPnDbXujWVvzvPEkqCWghKs6tpmf06GRCjZB_Vdy_EjqY4tlHimsQcuDHncVTIm0-dHs05ZfHQbn7Xnvsw2DJ0Atl4UgptRLJvfyrpBDrLPJlww9VDVf8q4IJiejuy9UHTa0j0tPIrFR6DOyNe-JXimc9u2XOByZEWbEi2rZW_3CI_kSQpxgZ2s1r7ye5TFH8k.g2FTcJwLk3qydT0Zw-PzlzvMdcsZ47DC79JPLNTIUn8"
	vectorToken = "abcdefghijklmnopqrstuvwxyzABCDEF"
)

var (
	vectorNow     = time.UnixMilli(1893456000000).UTC()
	vectorPayload = Payload{json.RawMessage(sessionJSON), json.RawMessage(userJSON), vectorNow, "1"}
)

func TestCacheVectors(t *testing.T) {
	for strategy, want := range map[Strategy]string{"": compactText, Compact: compactText, JWT: jwtText} {
		c := Cache{Ring: ring(t, vectorSecret), Strategy: strategy}
		if got, err := c.Encode(vectorPayload, vectorNow, 5*time.Minute); err != nil || got != want {
			t.Errorf("%s: %s, %v", strategy, got, err)
		}
		checkVector(t, c, want)
	}
	c := Cache{Ring: ring(t, vectorSecret), Strategy: JWE}
	mine, err := c.Encode(vectorPayload, vectorNow, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	checkVector(t, c, mine)
	// The vector is authentic, but its payload is no whole session.
	if raw, err := c.open(jweText, vectorNow); err != nil || !strings.HasPrefix(string(raw), `{"session":{"id":"s1"}`) {
		t.Errorf("JWE vector: %s, %v", raw, err)
	}
	if _, err := c.Decode(jweText, vectorToken, vectorNow); !errors.Is(err, ErrCache) {
		t.Errorf("incomplete session: %v", err)
	}
}

func checkVector(t *testing.T, c Cache, text string) {
	t.Helper()
	p, err := c.Decode(text, vectorToken, vectorNow)
	if err != nil || string(p.Session) != sessionJSON || string(p.User) != userJSON || !p.UpdatedAt.Equal(vectorNow) || p.Version != "1" {
		t.Errorf("%s: %+v, %v", c.Strategy, p, err)
	}
}

var strategies = []Strategy{Compact, JWT, JWE}

func encode(t testing.TB, c Cache, p Payload, now time.Time) string {
	t.Helper()
	text, err := c.Encode(p, now, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCacheRefuses(t *testing.T) {
	for _, strategy := range strategies {
		c := Cache{Ring: ring(t, vectorSecret), Strategy: strategy}
		text := encode(t, c, vectorPayload, vectorNow)
		other := Cache{Ring: ring(t, vectorSecret), Strategy: strategy, Version: "2"}
		foreign := Cache{Ring: ring(t, "another secret of thirty-two bytes"), Strategy: strategy}
		for name, a := range map[string]struct {
			c     Cache
			text  string
			token string
			now   time.Time
		}{
			"empty":        {c, "", vectorToken, vectorNow},
			"junk":         {c, "junk", vectorToken, vectorNow},
			"truncated":    {c, text[:len(text)-4], vectorToken, vectorNow},
			"extended":     {c, text + "AAAA", vectorToken, vectorNow},
			"changed":      {c, flip(text), vectorToken, vectorNow},
			"other token":  {c, text, strings.ToUpper(vectorToken), vectorNow},
			"no token":     {c, text, "", vectorNow},
			"window over":  {c, text, vectorToken, vectorNow.Add(5*time.Minute + jweTolerance)},
			"version":      {other, text, vectorToken, vectorNow},
			"other secret": {foreign, text, vectorToken, vectorNow},
			"oversized":    {c, strings.Repeat("A", maxCache+1), vectorToken, vectorNow},
		} {
			if p, err := a.c.Decode(a.text, a.token, a.now); !errors.Is(err, ErrCache) || p.Session != nil {
				t.Errorf("%s, %s: %v", strategy, name, err)
			}
		}
		for _, s := range strategies {
			if s != strategy {
				if _, err := (Cache{Ring: c.Ring, Strategy: s}).Decode(text, vectorToken, vectorNow); !errors.Is(err, ErrCache) {
					t.Errorf("%s read as %s", strategy, s)
				}
			}
		}
	}
}

func flip(s string) string {
	i := len(s) / 2
	c := byte('A')
	if s[i] == c {
		c = 'Q'
	}
	return s[:i] + string(c) + s[i+1:]
}

func TestCacheWindow(t *testing.T) {
	for strategy, tolerance := range map[Strategy]time.Duration{Compact: 0, JWT: 0, JWE: jweTolerance} {
		c := Cache{Ring: ring(t, vectorSecret), Strategy: strategy}
		text := encode(t, c, vectorPayload, vectorNow)
		end := vectorNow.Add(5*time.Minute + tolerance)
		if _, err := c.Decode(text, vectorToken, end.Add(-time.Second)); err != nil {
			t.Errorf("%s: refused before its end", strategy)
		}
		if _, err := c.Decode(text, vectorToken, end); err == nil {
			t.Errorf("%s: accepted at its end", strategy)
		}
	}
}

func TestCacheShape(t *testing.T) {
	good := vectorPayload
	for name, change := range map[string]func(*Payload){
		"session over":  func(p *Payload) { p.Session = replace(p.Session, "2030-01-08", "2030-01-01") },
		"no session id": func(p *Payload) { p.Session = replace(p.Session, `"id":"s1"`, `"id":1`) },
		"no user of it": func(p *Payload) { p.Session = replace(p.Session, `"userId":"u1",`, ``) },
		"no date": func(p *Payload) {
			p.Session = replace(p.Session, `"createdAt":"2030-01-01T00:00:00.000Z"`, `"createdAt":"x"`)
		},
		"null date": func(p *Payload) {
			p.Session = replace(p.Session, `"updatedAt":"2030-01-01T00:00:00.000Z"`, `"updatedAt":null`)
		},
		"null token":       func(p *Payload) { p.Session = replace(p.Session, `"token":"`+vectorToken+`"`, `"token":null`) },
		"user id":          func(p *Payload) { p.User = replace(p.User, `"id":"u1"`, `"id":null`) },
		"user mail":        func(p *Payload) { p.User = replace(p.User, `"email"`, `"mail"`) },
		"user name number": func(p *Payload) { p.User = replace(p.User, `"name":"Ann"`, `"name":7`) },
	} {
		p := good
		change(&p)
		if string(p.Session) == sessionJSON && string(p.User) == userJSON {
			t.Fatalf("%s changes nothing", name)
		}
		c := Cache{Ring: ring(t, vectorSecret)}
		if _, err := c.Decode(encode(t, c, p, vectorNow), vectorToken, vectorNow); !errors.Is(err, ErrCache) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Cache{Ring: ring(t, vectorSecret)}).Encode(Payload{Session: json.RawMessage("[]"), User: good.User}, vectorNow, 0); err == nil {
		t.Error("a session that is no object was encoded")
	}
}

func replace(raw json.RawMessage, from, to string) json.RawMessage {
	return json.RawMessage(strings.Replace(string(raw), from, to, 1))
}

// A payload without version counts as "1", and what follows it is kept.
func TestCacheWithoutVersion(t *testing.T) {
	c := Cache{Ring: ring(t, vectorSecret)}
	raw := []byte(`{"session":` + sessionJSON + `,"user":` + userJSON + `,"updatedAt":1893456000000,"extra":1}`)
	if p, err := c.Decode(c.encodeCompact(raw, vectorNow.UnixMilli()+1), vectorToken, vectorNow); err != nil || p.Version != "1" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{`{}`, `{"session":` + sessionJSON + `,"user":` + userJSON + `}`, `{"session":` + sessionJSON + `,"user":` + userJSON + `,"updatedAt":"x"}`,
		`{"session":` + sessionJSON + `,"user":` + userJSON + `,"updatedAt":1e300}`, `{"session":` + sessionJSON + `,"user":` + userJSON + `,"updatedAt":1,"version":2}`} {
		if _, err := c.Decode(c.encodeCompact([]byte(bad), vectorNow.UnixMilli()+1), vectorToken, vectorNow); !errors.Is(err, ErrCache) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestCacheRotation(t *testing.T) {
	both, err := secret.NewRing([]secret.Version{{N: 1, Value: "another secret of thirty-two bytes"}}, vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	for _, strategy := range strategies {
		text := encode(t, Cache{Ring: ring(t, vectorSecret), Strategy: strategy}, vectorPayload, vectorNow)
		if _, err := (Cache{Ring: both, Strategy: strategy}).Decode(text, vectorToken, vectorNow); err != nil {
			t.Errorf("%s: %v", strategy, err)
		}
	}
}

func TestAccount(t *testing.T) {
	r := ring(t, vectorSecret)
	text, err := SealAccount(r, json.RawMessage(`{"accountId":"1"}`), vectorNow, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	row, err := OpenAccount(r, text, vectorNow)
	if err != nil || !strings.HasPrefix(string(row), `{"accountId":"1","iat":1893456000,"exp":1893456300,"jti":"`) {
		t.Errorf("%s, %v", row, err)
	}
	if _, err := OpenAccount(r, text, vectorNow.Add(time.Hour)); !errors.Is(err, ErrCache) {
		t.Errorf("expired: %v", err)
	}
	if _, err := OpenAccount(r, jweText, vectorNow); !errors.Is(err, ErrCache) {
		t.Errorf("session text opened as account: %v", err)
	}
	if _, err := SealAccount(r, json.RawMessage("null"), vectorNow, 0); err == nil {
		t.Error("null sealed")
	}
	if empty, err := SealAccount(r, json.RawMessage("{}"), vectorNow, time.Hour); err != nil {
		t.Error(err)
	} else if row, err := OpenAccount(r, empty, vectorNow); err != nil || !json.Valid(row) {
		t.Errorf("%s, %v", row, err)
	}
}

func FuzzCacheDecode(f *testing.F) {
	r, _ := secret.NewRing(nil, vectorSecret)
	for _, s := range []string{compactText, jwtText, jweText, "e30", ""} {
		f.Add(s)
	}
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"session":{},"expiresAt":1,"signature":""}`)))
	f.Fuzz(func(t *testing.T, s string) {
		for _, strategy := range strategies {
			c := Cache{Ring: r, Strategy: strategy}
			p, err := c.Decode(s, vectorToken, vectorNow)
			if err == nil && string(p.Session) != sessionJSON {
				t.Errorf("%s: %q accepted as %s", strategy, s, p.Session)
			}
		}
		OpenAccount(r, s, vectorNow)
	})
}
