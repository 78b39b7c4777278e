package database

import (
	"os"

	"golang.org/x/sys/windows"
)

// errHeld says that another process has the lock.
var errHeld error = windows.ERROR_LOCK_VIOLATION

// lockFile takes a lock far behind the file's text, which stays readable.
func lockFile(file *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	place := &windows.Overlapped{Offset: 1 << 30}
	return windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, place)
}
