// Package translations holds the translations of the server's own texts: one folder a
// language, its files by area. Keys are the English texts; see package words.
package translations

import "embed"

// Files are the catalogue files.
//
//go:embed de
var Files embed.FS
