package backup

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is read into memory from an archive.
const (
	maxManifest = 16 << 20
	maxSecret   = 64 << 10
	maxLine     = 64 << 20
)

// Archive is an archive opened for reading.
type Archive struct {
	Manifest Manifest
	zip      *zip.ReadCloser
	entries  map[string]*zip.File
}

// Open opens an archive and reads its manifest. The caller closes it.
func Open(name string) (*Archive, error) {
	z, err := zip.OpenReader(name)
	if errors.Is(err, zip.ErrFormat) {
		return nil, fmt.Errorf("%w: %s is cut off or no archive", ErrDamaged, name)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	a := &Archive{zip: z, entries: map[string]*zip.File{}}
	for _, f := range z.File {
		a.entries[f.Name] = f
	}
	if err := a.readManifest(); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.zip.Close() }

func (a *Archive) readManifest() error {
	text, err := a.read(manifestName, maxManifest)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
	}
	return a.Manifest.check()
}

// Secret returns the secret in the archive; "" when there is none.
func (a *Archive) Secret() (string, error) {
	if !a.Manifest.Secret {
		return "", nil
	}
	text, err := a.read(secretName, maxSecret)
	return string(text), err
}

// open opens one entry. The zip package checks its CRC at the end.
func (a *Archive) open(name string) (io.ReadCloser, error) {
	f, ok := a.entries[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s is missing", ErrDamaged, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	return r, nil
}

func (a *Archive) read(name string, limit int64) ([]byte, error) {
	r, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: %s is too long", ErrDamaged, name)
	}
	return data, nil
}
