package message

import (
	"errors"
	"io"
	"sync"

	"posthouse/internal/fault"
)

// Limits bound what Scan keeps; zero fields take the defaults. Whatever lies
// beyond them is one opaque leaf, or for header fields not looked at.
type Limits struct {
	Depth     int // nesting of multiparts and messages; 100
	Parts     int // 10,000
	Header    int // octets of one header that are looked at; 256 KiB
	Headers   int // octets of all headers that are looked at; 1 MiB
	Addresses int // in all envelopes; 20,000
}

func (l Limits) filled() Limits {
	or := func(v *int, otherwise int) {
		if *v <= 0 {
			*v = otherwise
		}
	}
	or(&l.Depth, 100)
	or(&l.Parts, 10_000)
	or(&l.Header, 256<<10)
	or(&l.Headers, 1<<20)
	or(&l.Addresses, 20_000)
	return l
}

const (
	window       = 64 << 10
	maxBoundary  = 512 // RFC 2046 says 70, some senders exceed it
	maxDelimiter = maxBoundary + 256
)

// Scan reads a message to its end and returns its structure. Only an error of r
// makes it fail; memory is bounded by limits and time is linear.
func Scan(r io.Reader, limits Limits) (*Part, error) {
	s := scanners.Get().(*scanner)
	defer s.release()
	s.src, s.lim = r, limits.filled()
	root := s.message()
	if s.err != nil {
		var f *fault.Error
		if errors.As(s.err, &f) {
			return nil, s.err
		}
		return nil, fault.Unavail("The message can't be read", s.err)
	}
	return root, nil
}

var scanners = sync.Pool{New: func() any { return &scanner{buf: make([]byte, window)} }}

// scanner is the state of one Scan. The frames are the parts that are open, the
// innermost last; the bounds are the delimiters that may come, also innermost last.
type scanner struct {
	src  io.Reader
	lim  Limits
	buf  []byte
	r, w int   // the window's unread part
	base int64 // offset of buf[0]
	eof  bool
	err  error

	lines     int64 // line ends read so far
	parts     int   // made so far
	looked    int   // header octets looked at so far
	addresses int   // kept so far
	frames    []frame
	bounds    []bound

	header []byte // the header being read, cut at the limit
	values []byte // its wanted values, unfolded
	found  []found
	list   []EnvelopeAddress
	params []Param
}

type frame struct {
	part   *Part
	lines  int64 // scanner.lines where its body began
	opaque bool  // beyond the depth limit
}

type bound struct {
	text  string
	frame int
}

func (s *scanner) release() {
	clear(s.frames)
	clear(s.bounds[:cap(s.bounds)])
	keep := scanner{buf: s.buf, frames: s.frames[:0], bounds: s.bounds[:0], found: s.found[:0]}
	if cap(s.header) <= window {
		keep.header, keep.values = s.header[:0], s.values[:0]
	}
	if cap(s.list) <= 1024 {
		clear(s.list[:cap(s.list)])
		keep.list = s.list[:0]
	}
	clear(s.params[:cap(s.params)])
	keep.params = s.params[:0]
	*s = keep
	scanners.Put(s)
}

// message scans the whole of the input.
func (s *scanner) message() *Part {
	root := &Part{}
	s.parts = 1
	next, kind := root, rootEntity
	for {
		d, ended := s.readHeader()
		s.interpret(next, kind)
		next.BodyOffset = s.offset()
		if ended {
			next.BodyOffset = d.start
		}
		s.frames = append(s.frames, frame{part: next, lines: s.lines})
		if !ended {
			if next.IsMessage() && s.deeper() {
				next, kind = s.child(next), messageEntity
				continue
			}
			if next.IsMultipart() && s.deeper() {
				if b := boundaryOf(next); b != "" {
					s.bounds = append(s.bounds, bound{b, len(s.frames) - 1})
				}
			}
			d = s.skipText()
		}
		for next = nil; next == nil; {
			if d.bound < 0 {
				s.closeTo(-1, d)
				return root
			}
			at := s.bounds[d.bound].frame
			s.closeTo(at, d)
			in := s.frames[at].part
			switch {
			case d.last: // what follows is the epilogue
				s.bounds = s.bounds[:d.bound]
				d = s.skipText()
			case s.parts >= s.lim.Parts || s.looked >= s.lim.Headers:
				s.bounds = s.bounds[:0]
				rest := s.child(in)
				rest.opaque()
				rest.BodyOffset = s.offset()
				s.frames = append(s.frames, frame{part: rest, lines: s.lines})
				d = s.skipText()
			default:
				s.bounds = s.bounds[:d.bound+1]
				next, kind = s.child(in), partEntity
				if in.Subtype == "digest" {
					kind = digestEntity
				}
			}
		}
	}
}

// deeper reports whether the innermost frame may be looked into; if not, it is
// marked opaque.
func (s *scanner) deeper() bool {
	if len(s.frames) <= s.lim.Depth {
		return true
	}
	s.frames[len(s.frames)-1].opaque = true
	return false
}

func (s *scanner) child(of *Part) *Part {
	p := &Part{HeaderOffset: s.offset()}
	s.parts++
	of.Children = append(of.Children, p)
	return p
}

func (p *Part) opaque() { p.Type, p.Subtype, p.Encoding = "application", "octet-stream", "7bit" }

// closeTo ends every part above frame number keep where d says.
func (s *scanner) closeTo(keep int, d delimiter) {
	for i := len(s.frames) - 1; i > keep; i-- {
		f := s.frames[i]
		p := f.part
		if p.BodyOffset > d.end {
			d.end, d.lines = d.start, d.above // the line end ends its header as well
		}
		p.BodySize, p.Lines = d.end-p.BodyOffset, max(d.lines-f.lines, 0)
		if len(p.Children) == 0 && (p.IsMultipart() || p.IsMessage()) {
			// Nothing was found inside or may be looked at: the body is one leaf.
			leaf := &Part{HeaderOffset: p.BodyOffset, BodyOffset: p.BodyOffset, BodySize: p.BodySize, Lines: p.Lines}
			leaf.Type, leaf.Subtype, leaf.Encoding = "text", "plain", "7bit"
			if f.opaque {
				leaf.opaque()
			}
			if p.IsMessage() {
				leaf.Envelope = &Envelope{}
			}
			p.Children = []*Part{leaf}
		}
	}
	s.frames = s.frames[:keep+1]
}
