package apikey_test

import (
	"testing"

	"gatehouse/handlers/servertest"
	"gatehouse/plugins/apikey"
)

// BenchmarkVerify is the verification alone, without HTTP.
func BenchmarkVerify(b *testing.B) {
	for name, kind := range map[string]string{"limited": `rate_limit = {max = 1000000000}`, "free": `rate_limit = {enabled = false}`} {
		b.Run(name, func(b *testing.B) {
			h := openWith(b, setup{settings: plain(kind)})
			h.SignUp("ann", "ann@example.test")
			key := h.made(apikey.NewKey{UserID: h.User("ann@example.test").ID}).Secret
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := h.s.Verify(b.Context(), apikey.Ask{Key: key}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkGetSession is the whole answer of get-session, by a cookie and by a key.
func BenchmarkGetSession(b *testing.B) {
	h := openWith(b, setup{settings: plain(`sessions = true, rate_limit = {enabled = false}`)})
	cookie := h.SignUp("ann", "ann@example.test")
	key := h.with(h.made(apikey.NewKey{UserID: h.User("ann@example.test").ID}).Secret)
	for name, who := range map[string]*servertest.Browser{"cookie": cookie, "key": key} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				who.Get(api+"/get-session").Want(200, "")
			}
		})
	}
}

// BenchmarkRemoteVerify is the whole answer to a service that asks whether a key is good.
func BenchmarkRemoteVerify(b *testing.B) {
	h := openWith(b, setup{settings: plain(`rate_limit = {max = 1000000000}`)})
	u, root := h.administrator("root", "admin")
	in := body{"key": h.made(apikey.NewKey{UserID: u.ID}).Secret}
	for b.Loop() {
		root.Post(api+"/api-key/verify", in).Want(200, "")
	}
}
