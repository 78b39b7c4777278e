package database

// Path returns the SQLite file that a configuration names, or "" for a server. It
// opens and makes nothing.
func Path(config Config) (string, error) {
	src, err := parseURL(config)
	return src.path, err
}
