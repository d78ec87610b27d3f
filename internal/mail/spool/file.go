package spool

import "os"

// namedFile makes a file in dir and removes its name: for systems that can't
// make it without one. CreateTemp's mode is 0600.
func namedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "spool-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
