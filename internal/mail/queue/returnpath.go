package queue

import (
	"errors"
	"io"
)

// returnPath is the trace field of final delivery (RFC 5321 section 4.4). The
// queue holds each message with it in front, so that the queue and the mailboxes
// here share the bytes; what goes to another host goes without it.
func returnPath(reversePath string) string { return "Return-Path: <" + reversePath + ">\r\n" }

// withoutReturnPath is held content as another host is to get it.
func withoutReturnPath(held Content, reversePath string) (*io.SectionReader, error) {
	field := returnPath(reversePath)
	begin := make([]byte, len(field))
	n, err := held.ReadAt(begin, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(begin[:n]) != field {
		return io.NewSectionReader(held, 0, held.Size()), nil
	}
	return io.NewSectionReader(held, int64(n), held.Size()-int64(n)), nil
}
