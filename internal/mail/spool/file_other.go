//go:build !linux

package spool

import "os"

func unnamedFile(dir string) (*os.File, error) { return namedFile(dir) }
