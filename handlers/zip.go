package handlers

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"math/big"
	"net/http"
	"strings"

	"gatehouse/static"
)

// leastZipped is how long a page is before it is worth compressing, in bytes.
const leastZipped = 2 << 10

// maxPadding bounds the random length that hides how well a page compresses, in bytes.
const maxPadding = 100

// zipped compresses a page for a browser that takes gzip. Answers to forms, which may
// show a secret once, and pages whose address holds a token are sent as they are, as are
// those that say so (plugins.Page.Secret). A header of random length keeps others from
// telling by the length what stands in a page beside what they made somebody look for
// (BREACH; Heal the BREACH, Palacios et al. 2022).
func zipped(r *http.Request, h http.Header, page []byte) []byte {
	h.Add("Vary", "Accept-Encoding")
	if r.Method != http.MethodGet || len(page) < leastZipped || h.Get("Referrer-Policy") == secretReferrer || !static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		return page
	}
	length, err := rand.Int(rand.Reader, big.NewInt(maxPadding))
	if err != nil {
		return page
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.DefaultCompression)
	if err != nil {
		return page
	}
	z.Name = strings.Repeat("x", int(length.Int64()))
	if _, err := z.Write(page); err != nil {
		return page
	}
	if err := z.Close(); err != nil {
		return page
	}
	h.Set("Content-Encoding", "gzip")
	return out.Bytes()
}
