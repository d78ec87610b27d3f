package imapd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
)

const inputBuffer = 4096

var inputBuffers = sync.Pool{New: func() any { return new([inputBuffer]byte) }}

// input reads what the client sends. It borrows its buffer only while there is
// something in it: a waiting session reads into peek.
type input struct {
	conn net.Conn
	buf  *[inputBuffer]byte
	r, w int
	peek [128]byte
	read int64 // octets, for the metrics
}

// errLineTooLong means that a line had more octets than allowed; the rest of it was not read.
var errLineTooLong = errors.New("imapd: line too long")

// reset drops everything buffered, and reads from conn from now on.
func (in *input) reset(conn net.Conn) {
	in.conn = conn
	in.r, in.w = 0, 0
	in.release()
}

// release gives the buffer back if nothing is in it.
func (in *input) release() {
	if in.buf != nil && in.r == in.w {
		inputBuffers.Put(in.buf)
		in.buf = nil
	}
}

func (in *input) buffered() int { return in.w - in.r }

// wait blocks until there is at least one octet. A timeout loses nothing.
func (in *input) wait() error {
	if in.r < in.w {
		return nil
	}
	in.release()
	n, err := in.conn.Read(in.peek[:])
	in.read += int64(n)
	if n > 0 {
		in.buf = inputBuffers.Get().(*[inputBuffer]byte)
		in.r, in.w = 0, copy(in.buf[:], in.peek[:n])
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

func (in *input) fill() error {
	if in.buf == nil {
		in.buf = inputBuffers.Get().(*[inputBuffer]byte)
	}
	n, err := in.conn.Read(in.buf[:])
	in.read += int64(n)
	in.r, in.w = 0, n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// line appends one line, its CRLF taken off, to dst. A bare LF ends a line too.
// After errLineTooLong the rest of the line is still to come.
func (in *input) line(dst []byte, limit int) ([]byte, error) {
	start := len(dst)
	for {
		if in.r == in.w {
			if err := in.fill(); err != nil {
				return dst, err
			}
		}
		chunk := in.buf[in.r:in.w]
		i := bytes.IndexByte(chunk, '\n')
		n := len(chunk)
		if i >= 0 {
			n = i
		}
		if len(dst)-start+n > limit+1 {
			return dst, errLineTooLong
		}
		dst = append(dst, chunk[:n]...)
		if i < 0 {
			in.r = in.w
			continue
		}
		in.r += n + 1
		if k := len(dst); k > start && dst[k-1] == '\r' {
			dst = dst[:k-1]
		}
		if len(dst)-start > limit {
			return dst, errLineTooLong
		}
		return dst, nil
	}
}

// discardLine reads up to the end of a line, at most limit octets. It gives the
// line's last octets, in which a literal may be announced.
func (in *input) discardLine(limit int) (tail []byte, err error) {
	var last [32]byte
	n := 0
	for limit > 0 {
		if in.r == in.w {
			if err := in.fill(); err != nil {
				return nil, err
			}
		}
		chunk := in.buf[in.r:in.w]
		i := bytes.IndexByte(chunk, '\n')
		if i >= 0 {
			chunk = chunk[:i]
		}
		if k := len(chunk); k >= len(last) {
			n = copy(last[:], chunk[k-len(last):])
		} else {
			keep := min(n, len(last)-k)
			copy(last[:], last[n-keep:n])
			n = keep + copy(last[keep:], chunk)
		}
		limit -= len(chunk)
		if i >= 0 {
			in.r += i + 1
			return bytes.TrimSuffix(last[:n], []byte{'\r'}), nil
		}
		in.r = in.w
	}
	return nil, errLineTooLong
}

// Read implements io.Reader for literals.
func (in *input) Read(p []byte) (int, error) {
	if in.r < in.w {
		n := copy(p, in.buf[in.r:in.w])
		in.r += n
		return n, nil
	}
	if len(p) >= inputBuffer {
		n, err := in.conn.Read(p)
		in.read += int64(n)
		return n, err
	}
	if err := in.fill(); err != nil {
		return 0, err
	}
	n := copy(p, in.buf[in.r:in.w])
	in.r += n
	return n, nil
}

// literalSuffix recognises a literal's announcement at the end of a line
// (RFC 9051 section 4.3, RFC 7888, RFC 3516): {n}, {n+} or ~{n}.
// at is where it begins.
func literalSuffix(line []byte) (size int64, sync, binary bool, at int, ok bool) {
	k := len(line)
	if k < 3 || line[k-1] != '}' {
		return 0, false, false, 0, false
	}
	at = bytes.LastIndexByte(line, '{')
	if at < 0 {
		return 0, false, false, 0, false
	}
	digits := line[at+1 : k-1]
	sync = true
	if d, found := bytes.CutSuffix(digits, []byte{'+'}); found {
		digits, sync = d, false
	} else if d, found := bytes.CutSuffix(digits, []byte{'-'}); found { // never sent by the grammar of RFC 7888, but announced by its name
		digits, sync = d, false
	}
	if len(digits) == 0 || len(digits) > 20 {
		return 0, false, false, 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false, false, 0, false
		}
		if size > (1<<62)/10 {
			size = 1 << 62 // certainly too large; keep it so
			continue
		}
		size = size*10 + int64(c-'0')
	}
	if at > 0 && line[at-1] == '~' {
		at--
		binary = true
	}
	return size, sync, binary, at, true
}
