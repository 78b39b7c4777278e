package apikey

import "embed"

// translations are the plugin's catalogue files.
//
//go:embed words
var translations embed.FS
