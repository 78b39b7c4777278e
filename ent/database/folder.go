package database

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrLocked says that another server uses the data folder.
var ErrLocked = errors.New("the data folder is in use by another server")

const (
	folderMode = 0o700
	fileMode   = 0o600
	lockName   = "gatehouse.lock"
)

// Lock is the right to be the one server of a data folder. The operating
// system ends it with the process, however that ends.
type Lock struct{ file *os.File }

// LockDir makes the data folder, with mode 0700, if there is none, and locks
// it. It fails at once with ErrLocked if another process has the lock.
func LockDir(dir string) (*Lock, error) {
	if err := MakeDir(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := lockFile(file); err != nil {
		holder := holderOf(file)
		_ = file.Close() // nothing was written
		if errors.Is(err, errHeld) {
			return nil, fmt.Errorf("%w: %s%s", ErrLocked, dir, holder)
		}
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	return &Lock{file: file}, sign(file)
}

// sign writes the process id into the lock, for the error of the next one.
func sign(file *os.File) error {
	text := strconv.Itoa(os.Getpid()) + "\n"
	if err := file.Truncate(int64(len(text))); err != nil {
		return fmt.Errorf("lock the data folder: %w", err)
	}
	if _, err := file.WriteAt([]byte(text), 0); err != nil {
		return fmt.Errorf("lock the data folder: %w", err)
	}
	return nil
}

func holderOf(file *os.File) string {
	var text [20]byte
	n, _ := file.ReadAt(text[:], 0) // an unreadable holder is not named
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}

// Unlock gives the folder up. The lock's file stays.
func (l *Lock) Unlock() error { return l.file.Close() }

// MakeDir makes a folder that only its owner can enter, if there is none.
func MakeDir(dir string) error {
	if dir == "" {
		return errors.New("no data folder")
	}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}

// makeFile makes an empty database file that only its owner can read, if there
// is none, and the two files SQLite keeps beside it, which it would make for
// everyone to read.
func makeFile(path string) error {
	if err := MakeDir(filepath.Dir(path)); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		file, err := os.OpenFile(path+suffix, os.O_RDWR|os.O_CREATE, fileMode)
		if err != nil {
			return fmt.Errorf("make the database file: %w", err)
		}
		if err := errors.Join(file.Chmod(fileMode), file.Close()); err != nil {
			return fmt.Errorf("protect the database file: %w", err)
		}
	}
	return nil
}
