package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// Vectors of better-auth core 7.2.
const (
	scryptPlain   = "000102030405060708090a0b0c0d0e0f:eedf8cd62212c4ef27d18a5f1f23f875e2571a8d6bc3cea577255d2cfe8729d8d4646badd72958bccbc96ef736af3a9cc0a4735cee8541bee27d392aeafffc3c"
	scryptUnicode = "000102030405060708090a0b0c0d0e0f:18accd7c5fd6b622700cca881c9c7aaeedde0f60af9c8907f72756c4b102f2802358122c337f5270f348b9faaaf35549f104117142ff740f1276a35190e36074"
)

func hasher(t testing.TB, c Config) *Hasher {
	t.Helper()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashAndVerify(t *testing.T) {
	ctx := context.Background()
	h := hasher(t, Config{})
	hash, err := h.Hash(ctx, "pässwörd ﬁ")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("Hash = %q, %v", hash, err)
	}
	if again, _ := h.Hash(ctx, "pässwörd ﬁ"); again == hash {
		t.Error("salt repeats")
	}
	for password, want := range map[string]bool{
		"pässwörd ﬁ": true, "pässwörd fi": true, "pa\u0308sswo\u0308rd fi": true,
		"Pässwörd fi": false, "pässwörd fi ": false, "": false,
	} {
		ok, rehash, err := h.Verify(ctx, hash, password)
		if ok != want || rehash || err != nil {
			t.Errorf("Verify(%q) = %v, %v, %v", password, ok, rehash, err)
		}
	}
}

// A hash made by the reference command line tool of the Argon2 authors.
func TestArgonReference(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, rehash, err := hasher(t, Config{}).Verify(context.Background(), hash, "password")
	if !ok || !rehash || err != nil {
		t.Errorf("got %v, %v, %v", ok, rehash, err)
	}
}

func TestVerifyScrypt(t *testing.T) {
	for _, c := range []struct {
		hash, password string
		want           bool
	}{
		{scryptPlain, "password123", true},
		{scryptPlain, "password124", false},
		{scryptUnicode, "pässwörd ﬁ", true},
		{scryptUnicode, "pässwörd fi", true},
	} {
		for _, legacy := range []bool{false, true} {
			ok, rehash, err := hasher(t, Config{Legacy: legacy}).Verify(context.Background(), c.hash, c.password)
			if ok != c.want || rehash != c.want || err != nil {
				t.Errorf("%q legacy %v: %v, %v, %v", c.password, legacy, ok, rehash, err)
			}
		}
	}
}

var malformed = []string{
	"", "x", ":", "$", "$argon2id$", "plain password", scryptPlain[:len(scryptPlain)-2], scryptPlain + "00", "zz" + scryptPlain[2:],
	"$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=19456,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=1048576,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", // over the limit of 256 MiB
	"$argon2id$v=19$t=2,m=19456,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=19456,t=2,p=1$c29t$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$!!!!!!!!!!!!",
}

func TestMalformedHashIsNeverRight(t *testing.T) {
	h := hasher(t, Config{})
	for _, hash := range malformed {
		if ok, rehash, err := h.Verify(context.Background(), hash, "password"); ok || rehash || err != nil {
			t.Errorf("%q: %v, %v, %v", hash, ok, rehash, err)
		}
	}
}

func TestRehashAfterChangeOfCost(t *testing.T) {
	ctx := context.Background()
	old, err := hasher(t, Config{}).Hash(ctx, "secret words")
	if err != nil {
		t.Fatal(err)
	}
	if ok, rehash, _ := hasher(t, Config{Iterations: 3}).Verify(ctx, old, "secret words"); !ok || !rehash {
		t.Errorf("got %v, %v", ok, rehash)
	}
}

func TestOverlongInput(t *testing.T) {
	ctx := context.Background()
	h := hasher(t, Config{})
	long := strings.Repeat("a", maxInput+1)
	if _, err := h.Hash(ctx, long); !errors.Is(err, ErrTooLong) {
		t.Errorf("Hash: %v", err)
	}
	// All slots are taken: an answer without waiting shows that no work is done.
	release, _ := h.pool.take(ctx, h.pool.slot*h.pool.total)
	defer release()
	if ok, _, err := h.Verify(ctx, scryptPlain, long); ok || err != nil {
		t.Errorf("Verify: %v, %v", ok, err)
	}
	if err := h.Equalise(ctx, long); err != nil {
		t.Errorf("Equalise: %v", err)
	}
}

func TestPoolIsBounded(t *testing.T) {
	ctx := context.Background()
	h := hasher(t, Config{Limit: 40 << 20, Wait: time.Millisecond})
	if h.pool.total != 1 {
		t.Fatalf("40 MiB must give one slot, got %d", h.pool.total)
	}
	release, err := h.pool.take(ctx, h.bytes())
	if err != nil {
		t.Fatal(err)
	}
	_, hashErr := h.Hash(ctx, "p")
	_, _, verifyErr := h.Verify(ctx, scryptPlain, "p")
	_, _, malformedErr := h.Verify(ctx, "x", "p")
	for i, err := range []error{hashErr, verifyErr, malformedErr, h.Equalise(ctx, "p")} {
		if !errors.Is(err, ErrBusy) {
			t.Errorf("call %d with no slot: %v", i, err)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := h.Equalise(gone, "p"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	release()
	if err := h.Equalise(ctx, "p"); err != nil {
		t.Errorf("after release: %v", err)
	}
}

func TestPoolQueueIsBounded(t *testing.T) {
	p, err := newPool(1, scryptBytes, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	release, _ := p.take(context.Background(), 1)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range queuePerSlot {
		wg.Go(func() { p.take(ctx, 1) })
	}
	for p.waiting.Load() < queuePerSlot {
		time.Sleep(time.Millisecond)
	}
	if _, err := p.take(ctx, 1); !errors.Is(err, ErrBusy) {
		t.Errorf("a full queue must refuse at once: %v", err)
	}
	cancel()
	wg.Wait()
	release()
	if p.waiting.Load() != 0 {
		t.Errorf("%d still counted as waiting", p.waiting.Load())
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []Config{
		{MemoryKiB: 19455}, {Iterations: 1}, {Iterations: 65}, {Parallelism: 17}, {Limit: 1 << 20}, {MemoryKiB: 1 << 20},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(scryptPlain)
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	for _, s := range malformed {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse(text)
		if err != nil {
			return
		}
		if len(s.key) < minPart || len(s.salt) < minPart || s.bytes() > maxMemory<<10 {
			t.Errorf("%q: out of bounds %+v", text, s)
		}
		if s.kind == argonKind {
			if again, err := parse(s.String()); err != nil || again.String() != s.String() {
				t.Errorf("%q is not stable", text)
			}
		}
	})
}
