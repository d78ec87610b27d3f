package main

import (
	"io/fs"
	"syscall"
)

// allocated is the space of a file in bytes: blocks of 512 (stat(2)).
func allocated(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}
