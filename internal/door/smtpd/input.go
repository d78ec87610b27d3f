package smtpd

import (
	"bytes"
	"errors"
	"io"
	"net"
)

// Faults of a command line.
var (
	errLineTooLong = errors.New("smtpd: command line too long")
	errLineEnding  = errors.New("smtpd: command line does not end in CRLF")
	errHandshake   = errors.New("smtpd: TLS handshake on a plain-text connection")
)

// tlsHandshake is the first octet of a TLS client's; no command begins so.
const tlsHandshake = 0x16

// lineDiscard bounds how much of an over-long command line is read only to
// find its end; whoever sends more is disconnected.
const lineDiscard = 64 << 10

// input is the buffered reading side of a connection. Its memory is fixed: one
// buffer, which a command line must fit in.
type input struct {
	conn net.Conn
	buf  []byte
	r, w int // buf[r:w] is unread
	// idle is called before each read that may wait: it sends the replies
	// that are due (RFC 2920 section 3.2) and sets the deadline.
	idle func() error
}

// buffered is what has arrived and was not consumed. It is valid until the next
// fill or line.
func (in *input) buffered() []byte { return in.buf[in.r:in.w] }

// consume marks n buffered bytes as read.
func (in *input) consume(n int) { in.r += n }

// reset forgets what is buffered and reads from conn henceforth.
func (in *input) reset(conn net.Conn) { in.conn, in.r, in.w = conn, 0, 0 }

// fill reads once. There must be room, that is, less than a full buffer unread.
func (in *input) fill() error {
	if in.r > 0 {
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	if err := in.idle(); err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		n, err := in.conn.Read(in.buf[in.w:])
		in.w += n
		switch {
		case n > 0:
			return nil // an error comes again with the next read
		case err != nil:
			return err
		case tries == 100:
			return io.ErrNoProgress
		}
	}
}

// line returns the next command line without its CRLF. A line of more than
// limit bytes is consumed if its end is near and gives errLineTooLong, else the
// fault is final. A line with a bare LF is not a line (RFC 5321 section
// 2.3.8), and as what follows it may be somebody else's injected text, that is
// final too. The slice is valid until the next call.
func (in *input) line(limit int) (line []byte, final bool, err error) {
	seen := 0
	for {
		unread := in.buffered()
		if len(unread) > 0 && unread[0] == tlsHandshake {
			return nil, true, errHandshake // it may have no LF to wait for
		}
		if i := bytes.IndexByte(unread[seen:], '\n'); i >= 0 {
			end := seen + i
			in.consume(end + 1)
			if end == 0 || unread[end-1] != '\r' {
				return nil, true, errLineEnding
			}
			if end+1 > limit {
				return nil, false, errLineTooLong
			}
			return unread[:end-1], false, nil
		}
		seen = len(unread)
		if seen >= limit || seen == len(in.buf) {
			final, err := in.discardLine()
			return nil, final, err
		}
		if err := in.fill(); err != nil {
			return nil, true, err
		}
	}
}

// discardLine reads to the end of the line or to the bound.
func (in *input) discardLine() (final bool, err error) {
	var before byte // the last octet dropped
	for dropped := 0; dropped <= lineDiscard; {
		unread := in.buffered()
		if i := bytes.IndexByte(unread, '\n'); i >= 0 {
			in.consume(i + 1)
			if i > 0 {
				before = unread[i-1]
			}
			if before != '\r' {
				return true, errLineEnding
			}
			return dropped+i > lineDiscard, errLineTooLong
		}
		if len(unread) > 0 {
			before = unread[len(unread)-1]
		}
		dropped += len(unread)
		in.consume(len(unread))
		if err := in.fill(); err != nil {
			return true, err
		}
	}
	return true, errLineTooLong
}
