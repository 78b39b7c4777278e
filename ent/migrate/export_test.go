package migrate

import "io/fs"

// WithFiles returns the target with other migrations than the embedded ones.
func (t Target) WithFiles(files fs.FS) Target {
	t.files = files
	return t
}

// Embedded returns the embedded migrations.
func Embedded() fs.FS { return embedded }
