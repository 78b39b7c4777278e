//go:build unix

package database

import (
	"errors"
	"os"
	"syscall"
)

// errHeld says that another process has the lock.
var errHeld error = syscall.EWOULDBLOCK

// lockFile takes the file's lock without waiting.
func lockFile(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
