package message

import (
	"bytes"
	"io"
)

// delimiter says where the scanner stands after a stretch of text.
type delimiter struct {
	bound int   // index into bounds; -1 at the end of input
	start int64 // offset of its line
	end   int64 // offset of the line end before it, which belongs to it (RFC 2046 section 5.1.1)
	lines int64 // line ends before end
	above int64 // line ends before start
	last  bool  // it is a close-delimiter
}

func (s *scanner) offset() int64 { return s.base + int64(s.r) }

// endOfInput is the delimiter that ends everything.
func (s *scanner) endOfInput() delimiter {
	return delimiter{bound: -1, start: s.offset(), end: s.offset(), lines: s.lines, above: s.lines}
}

// fill reads more and keeps the two octets before the unread ones. It must not
// be called while the window is full of unread octets. False at the end.
func (s *scanner) fill() bool {
	if s.eof {
		return false
	}
	if s.r == s.w || s.w == len(s.buf) {
		from := max(s.r-2, 0)
		copy(s.buf, s.buf[from:s.w])
		s.base += int64(from)
		s.r, s.w = s.r-from, s.w-from
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.w:])
		s.w += n
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.err = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	s.eof, s.err = true, io.ErrNoProgress
	return false
}

// readHeader collects a header up to its limit and consumes the empty line. The
// header may be ended by a delimiter or by the input's end instead.
func (s *scanner) readHeader() (d delimiter, ended bool) {
	s.header = s.header[:0]
	room := min(s.lim.Header, s.lim.Headers-s.looked)
	for {
		if len(s.bounds) > 0 {
			if d, ok := s.atDelimiter(); ok {
				return d, true
			}
		}
		for size := 0; ; {
			if s.r == s.w && !s.fill() {
				return s.endOfInput(), true
			}
			piece := s.buf[s.r:s.w]
			end := bytes.IndexByte(piece, '\n')
			if end >= 0 {
				piece = piece[:end+1]
			}
			s.r += len(piece)
			size += len(piece)
			if end >= 0 {
				s.lines++
				if size == 1 || size == 2 && s.buf[s.r-2] == '\r' {
					return delimiter{}, false
				}
			}
			if keep := min(len(piece), room); keep > 0 {
				s.header = append(s.header, piece[:keep]...)
				s.looked += keep
				room -= keep
			}
			if end >= 0 {
				break
			}
		}
	}
}

// skipText passes over a body, preamble or epilogue, from the beginning of a
// line, and over the delimiter that ends it.
func (s *scanner) skipText() delimiter {
	if len(s.bounds) == 0 {
		for {
			s.lines += int64(bytes.Count(s.buf[s.r:s.w], newline))
			if s.r = s.w; !s.fill() {
				return s.endOfInput()
			}
		}
	}
	for {
		if d, ok := s.atDelimiter(); ok {
			return d
		}
		if !s.skipLines() {
			return s.endOfInput()
		}
	}
}

var newline = []byte{'\n'}

// skipLines passes to the beginning of the next line that may be a delimiter.
// False at the input's end.
func (s *scanner) skipLines() bool {
	for {
		text, at, lines := s.buf[s.r:s.w], 0, int64(0)
		for {
			end := bytes.IndexByte(text[at:], '\n')
			if end < 0 {
				break
			}
			at += end + 1
			lines++
			if at+1 < len(text) && (text[at] != '-' || text[at+1] != '-') {
				continue
			}
			s.lines += lines
			s.r += at
			return true
		}
		s.lines += lines
		if s.r = s.w; !s.fill() {
			return false
		}
	}
}

// atDelimiter consumes the line that begins here if it is a delimiter that may
// come now. The whole line has to match but for white space at its end, so that
// a boundary that is the beginning of another one is no matter.
func (s *scanner) atDelimiter() (delimiter, bool) {
	for s.w-s.r < 2 {
		if !s.fill() {
			return delimiter{}, false
		}
	}
	if s.buf[s.r] != '-' || s.buf[s.r+1] != '-' {
		return delimiter{}, false
	}
	var line []byte
	ended := false
	for !ended {
		line = s.buf[s.r:min(s.w, s.r+maxDelimiter)]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line, ended = line[:end+1], true
		} else if len(line) == maxDelimiter {
			return delimiter{}, false
		} else if !s.fill() {
			break
		}
	}
	i, last := s.match(bytes.TrimRight(line[2:], " \t\r\n"))
	if i < 0 {
		return delimiter{}, false
	}
	d := delimiter{bound: i, start: s.offset(), end: s.offset(), lines: s.lines, above: s.lines, last: last}
	if s.r > 0 && s.buf[s.r-1] == '\n' {
		d.end, d.lines = d.end-1, d.lines-1
		if s.r > 1 && s.buf[s.r-2] == '\r' {
			d.end--
		}
	}
	s.r += len(line)
	if ended {
		s.lines++
	}
	return d, true
}

// match finds the innermost boundary that line names.
func (s *scanner) match(line []byte) (i int, last bool) {
	for i = len(s.bounds) - 1; i >= 0; i-- {
		b := s.bounds[i].text
		switch len(line) - len(b) {
		case 0:
			if string(line) == b {
				return i, false
			}
		case 2:
			if string(line[:len(b)]) == b && line[len(b)] == '-' && line[len(b)+1] == '-' {
				return i, true
			}
		}
	}
	return -1, false
}
