package dkim

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"posthouse/internal/fault"
)

// field is a field that is to be signed.
type field struct {
	index     int // in signedFields
	canonical []byte
}

// readFields reads the header with the empty line that ends it and keeps the
// fields that are signed.
func readFields(br *bufio.Reader) ([]field, error) {
	var fields []field
	var raw []byte // of the current field, if it is signed
	index, kept := -1, 0
	end := func() {
		if index >= 0 {
			fields = append(fields, field{index, canonicalField(raw)})
		}
		index, raw = -1, raw[:0]
	}
	for lineStart := true; ; {
		piece, err := br.ReadSlice('\n')
		if lineStart {
			if len(piece) == 1 && piece[0] == '\n' || len(piece) == 2 && piece[0] == '\r' && piece[1] == '\n' {
				end()
				return fields, nil
			}
			if len(piece) > 0 && piece[0] != ' ' && piece[0] != '\t' {
				end()
				index = signedIndex(piece)
			}
		}
		if index >= 0 {
			if kept += len(piece); kept > maxHeader {
				return nil, fault.New(fault.TooLarge, "The header is too large to be signed")
			}
			raw = append(raw, piece...)
		}
		lineStart = err == nil
		switch {
		case err == io.EOF:
			end()
			return fields, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, readFault(err)
		}
	}
}

// signedIndex is the place in signedFields of the field that begins with line, or -1.
func signedIndex(line []byte) int {
	colon := bytes.IndexByte(line[:min(len(line), 64)], ':')
	if colon < 0 {
		return -1
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for i, s := range signedFields {
		if len(s) == len(name) && strings.EqualFold(s, string(name)) {
			return i
		}
	}
	return -1
}

// canonicalField is the relaxed form (RFC 6376 section 3.4.2): name in lower
// case, unfolded, white space runs one space, none at the end or round the colon.
func canonicalField(raw []byte) []byte {
	name, value, _ := bytes.Cut(raw, []byte{':'})
	out := make([]byte, 0, len(raw)+2)
	out = append(out, bytes.ToLower(bytes.Trim(name, " \t\r\n"))...)
	out = append(out, ':')
	space, begun := false, false
	for _, c := range value {
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			space = true
			continue
		}
		if space && begun {
			out = append(out, ' ')
		}
		space, begun = false, true
		out = append(out, c)
	}
	return append(out, "\r\n"...)
}

// relaxedBody writes the relaxed form of a body (RFC 6376 section 3.4.4): white
// space runs become one space and vanish at line ends, empty lines at the end
// vanish, what is not empty ends with CRLF.
type relaxedBody struct {
	w     io.Writer // a hash: it does not fail
	buf   []byte
	ends  int64 // line ends held back: they count only if something follows
	space bool
	cr    bool
	any   bool
}

const bodyBuffer = 16 << 10

// Write implements io.Writer.
func (r *relaxedBody) Write(p []byte) (int, error) {
	if r.buf == nil {
		r.buf = make([]byte, 0, bodyBuffer)
	}
	for i := 0; i < len(p); {
		switch p[i] {
		case '\n':
			r.ends++
			r.space, r.cr = false, false
		case ' ', '\t':
			if r.cr {
				r.text(carriageReturn)
			}
			r.space = true
		case '\r':
			if r.cr {
				r.text(carriageReturn)
			}
			r.cr = true
		default:
			if r.cr {
				r.text(carriageReturn)
			}
			from := i
			for i < len(p) && p[i] != ' ' && p[i] != '\n' && p[i] != '\r' && p[i] != '\t' {
				i++
			}
			r.text(p[from:i])
			continue
		}
		i++
	}
	return len(p), nil
}

var carriageReturn, lineEnd = []byte{'\r'}, []byte("\r\n")

// text takes octets that are neither white space nor part of a line end.
func (r *relaxedBody) text(p []byte) {
	for ; r.ends > 0; r.ends-- {
		r.put(lineEnd)
	}
	if r.space {
		r.put([]byte{' '})
	}
	r.put(p)
	r.space, r.cr, r.any = false, false, true
}

func (r *relaxedBody) put(p []byte) {
	if len(r.buf)+len(p) > bodyBuffer {
		r.w.Write(r.buf)
		if r.buf = r.buf[:0]; len(p) > bodyBuffer {
			r.w.Write(p)
			return
		}
	}
	r.buf = append(r.buf, p...)
}

func (r *relaxedBody) close() {
	if r.cr {
		r.text(carriageReturn)
	}
	if r.any {
		r.put(lineEnd)
	}
	r.w.Write(r.buf)
}
