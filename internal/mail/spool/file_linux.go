package spool

import (
	"os"

	"golang.org/x/sys/unix"
)

// unnamedFile makes a file that no crash can leave behind. Not every file system
// supports that.
func unnamedFile(dir string) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return namedFile(dir)
	}
	return os.NewFile(uintptr(fd), dir), nil
}
