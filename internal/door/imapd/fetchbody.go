package imapd

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/message"
)

// inMemory is up to which size headers and decoded parts are handled in memory;
// above, they are read twice: once to count, once to send.
const inMemory = 256 << 10

// contentItem writes BODY[...], BINARY[...] or BINARY.SIZE[...].
func (x *fetcher) contentItem(it *fetchItem, p *message.Part, c Content, space func()) error {
	if it.kind != fetchSection {
		return x.binaryItem(it, p, c, space)
	}
	o := &x.s.out
	space()
	o.str(it.label, " ")
	if len(it.path) == 0 && it.text == sectionAll {
		if !it.partial {
			return o.content(c)
		}
		return o.literalFrom(c, 0, c.Size(), it, false)
	}
	at := p
	if len(it.path) > 0 {
		if at = p.Section(it.path); at == nil {
			o.str("NIL")
			return nil
		}
		if it.text == sectionHeader || it.text == sectionBody || it.text == sectionFields || it.text == sectionFieldsNot {
			// Section 6.4.5.1: these are about an embedded message.
			if !at.IsMessage() || len(at.Children) == 0 {
				o.str("NIL")
				return nil
			}
			at = at.Children[0]
		}
	}
	switch it.text {
	case sectionHeader, sectionMIME:
		return o.literalFrom(c, at.HeaderOffset, at.HeaderSize(), it, false)
	case sectionFields, sectionFieldsNot:
		return x.headerFields(it, at, c)
	default: // sectionAll of a part, sectionBody
		return o.literalFrom(c, at.BodyOffset, at.BodySize, it, false)
	}
}

// window is what a partial <offset.length> leaves of size octets.
func (it *fetchItem) window(size int64) (off, n int64) {
	if !it.partial {
		return 0, size
	}
	off = min(it.offset, size)
	return off, min(it.length, size-off)
}

func (o *output) literalSize(n int64, binary bool) {
	if binary {
		o.byte('~')
	}
	o.byte('{')
	o.int(n)
	o.str("}\r\n")
}

// content is a whole message as a literal.
func (o *output) content(c Content) error {
	o.literalSize(c.Size(), false)
	w := literalWriter{o: o, left: c.Size()}
	if _, err := c.WriteTo(&w); err != nil {
		return err
	}
	return w.end()
}

// literalFrom is a stretch of r as a literal, read straight into the buffer.
func (o *output) literalFrom(r io.ReaderAt, off, size int64, it *fetchItem, binary bool) error {
	skip, n := it.window(size)
	off += skip
	o.literalSize(n, binary)
	for n > 0 {
		if cap(o.buf)-len(o.buf) < min(int(min(n, 1<<30)), 16<<10) {
			o.drain()
			if o.err != nil {
				return o.err
			}
		}
		free := o.buf[len(o.buf):cap(o.buf)]
		if int64(len(free)) > n {
			free = free[:n]
		}
		k, err := r.ReadAt(free, off)
		o.buf = o.buf[:len(o.buf)+k]
		off += int64(k)
		n -= int64(k)
		if err != nil && n > 0 {
			return err
		}
	}
	return nil
}

// literalWriter takes exactly as many octets as were announced.
type literalWriter struct {
	o    *output
	skip int64
	left int64
}

func (w *literalWriter) Write(p []byte) (int, error) {
	all := len(p)
	if w.skip > 0 {
		k := min(w.skip, int64(len(p)))
		w.skip -= k
		p = p[k:]
	}
	if int64(len(p)) > w.left {
		p = p[:w.left]
	}
	w.left -= int64(len(p))
	for len(p) > 0 {
		w.o.borrow()
		k := min(len(p), cap(w.o.buf)-len(w.o.buf))
		w.o.buf = append(w.o.buf, p[:k]...)
		p = p[k:]
		if len(w.o.buf) == cap(w.o.buf) {
			w.o.drain()
		}
	}
	return all, w.o.err
}

func (w *literalWriter) end() error {
	if w.left != 0 {
		return errShort
	}
	return w.o.err
}

var errShort = errors.New("imapd: content shorter than its size")

// headerFields is HEADER.FIELDS and HEADER.FIELDS.NOT.
func (x *fetcher) headerFields(it *fetchItem, at *message.Part, c Content) error {
	o, not := &x.s.out, it.text == sectionFieldsNot
	size := at.HeaderSize()
	if size <= inMemory {
		x.names = slices.Grow(x.names[:0], int(size))[:size]
		if k, err := c.ReadAt(x.names, at.HeaderOffset); err != nil && k < int(size) {
			return err
		}
		x.fields = message.SelectFields(x.fields[:0], x.names, it.fields, not)
		return o.literalFrom(bytes.NewReader(x.fields), 0, int64(len(x.fields)), it, false)
	}
	header := func() io.Reader { return io.NewSectionReader(c, at.HeaderOffset, size) }
	n, err := message.FilterFields(io.Discard, header(), it.fields, not)
	if err != nil {
		return err
	}
	skip, n := it.window(n)
	o.literalSize(n, false)
	w := literalWriter{o: o, skip: skip, left: n}
	if _, err := message.FilterFields(&w, header(), it.fields, not); err != nil {
		return err
	}
	return w.end()
}

// binaryItem is BINARY and BINARY.SIZE (RFC 3516, RFC 9051 section 6.4.5). Without
// a part number they mean the message as it stands.
func (x *fetcher) binaryItem(it *fetchItem, p *message.Part, c Content, space func()) error {
	o := &x.s.out
	name := func() {
		space()
		o.str(it.label, " ")
	}
	if len(it.path) == 0 {
		name()
		if it.kind == fetchBinarySize {
			o.int(c.Size())
			return nil
		}
		return o.literalFrom(c, 0, c.Size(), it, true)
	}
	at := p.Section(it.path)
	if at == nil {
		name()
		if it.kind == fetchBinarySize {
			o.str("0")
		} else {
			o.str("NIL")
		}
		return nil
	}
	r, err := message.DecodeBody(at, c)
	if f := fault.Of(err); f != nil && f.Reason == message.ReasonUnknownCTE {
		x.unknown = true
		return nil
	}
	if err != nil {
		return err
	}
	if at.BodySize <= inMemory {
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		name()
		if it.kind == fetchBinarySize {
			o.int(int64(len(b)))
			return nil
		}
		return o.literalFrom(bytes.NewReader(b), 0, int64(len(b)), it, true)
	}
	size, err := io.Copy(io.Discard, r)
	if err != nil {
		return err
	}
	name()
	if it.kind == fetchBinarySize {
		o.int(size)
		return nil
	}
	if r, err = message.DecodeBody(at, c); err != nil {
		return err
	}
	skip, n := it.window(size)
	o.literalSize(n, true)
	w := literalWriter{o: o, skip: skip, left: n}
	if _, err := io.Copy(&w, r); err != nil {
		return err
	}
	return w.end()
}
