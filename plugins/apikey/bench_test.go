package apikey_test

import (
	"testing"

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
