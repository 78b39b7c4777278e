package password

import (
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
)

// common holds the 10,000 most frequent passwords of 8 or more characters;
// its source and licence lie beside it.
//
//go:embed blocklist/common.txt.gz
var common string

// maxList bounds the list unpacked, in bytes.
const maxList = 1 << 20

// Blocklist is an immutable set of common passwords, about 250 KiB.
type Blocklist struct{ sorted []string }

// LoadBlocklist unpacks the built-in list.
func LoadBlocklist() (*Blocklist, error) {
	r, err := gzip.NewReader(strings.NewReader(common))
	if err != nil {
		return nil, fmt.Errorf("password blocklist: %w", err)
	}
	list, err := io.ReadAll(io.LimitReader(r, maxList))
	if err != nil {
		return nil, fmt.Errorf("password blocklist: %w", err)
	}
	sorted := strings.Fields(string(list))
	slices.Sort(sorted)
	return &Blocklist{sorted}, nil
}

// Has reports whether the lower-cased password is on the list.
func (b *Blocklist) Has(password string) bool {
	_, found := slices.BinarySearch(b.sorted, strings.ToLower(password))
	return found
}

// Len is the number of passwords on the list.
func (b *Blocklist) Len() int { return len(b.sorted) }
