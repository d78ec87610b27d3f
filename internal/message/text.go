package message

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/transform"

	"posthouse/internal/fault"
)

// Text hands the decoded text of p's text parts to emit, in order, as valid
// UTF-8 in pieces of at most about 100 kB; HTML comes without its tags, embedded
// messages with the subject and names of their headers. Pieces follow each other
// without a gap, with "\n" between parts. Only an error of r makes it fail.
func Text(p *Part, r io.ReaderAt, emit func(string)) error {
	var err error
	first := true
	p.Walk(func(at *Part) {
		if err != nil {
			return
		}
		if at != p && at.Envelope != nil {
			emit(at.Envelope.text())
		}
		if at.Type != "text" || len(at.Children) > 0 || at.BodySize == 0 {
			return
		}
		if !first {
			emit("\n")
		}
		first = false
		err = partText(at, r, emit)
	})
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		err = fault.Unavail("The message can't be read", err)
	}
	return err
}

// text is what a search in an embedded message's header looks at.
func (e *Envelope) text() string {
	var b strings.Builder
	b.WriteString(DecodeHeader(e.Subject))
	for _, list := range [][]EnvelopeAddress{e.From, e.To, e.Cc} {
		for _, a := range list {
			b.WriteString("\n" + DecodeHeader(a.Name) + " <" + DecodeHeader(a.Mailbox) + "@" + DecodeHeader(a.Host) + ">")
		}
	}
	b.WriteByte('\n')
	return b.String()
}

const textChunk = 16 << 10

func partText(p *Part, r io.ReaderAt, emit func(string)) error {
	src, err := DecodeBody(p, r)
	if err != nil {
		src = io.NewSectionReader(r, p.BodyOffset, p.BodySize)
	}
	html := p.Subtype == "html"
	e := encodingOf(p.Charset())
	if e == nil {
		return emitText(src, html, emit)
	}
	watched := &watchedReader{r: src}
	err = emitText(transform.NewReader(watched, e.NewDecoder()), html, emit)
	if watched.err == nil {
		return nil // a decoder that gives up on content is no failure
	}
	return err
}

// watchedReader tells a failure of what is read from one of what reads it.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

func emitText(src io.Reader, html bool, emit func(string)) error {
	var tags htmlStripper
	buf := make([]byte, textChunk)
	held := 0 // octets of an unfinished character at the beginning of buf
	var out, stripped []byte
	for {
		n, err := src.Read(buf[held:])
		n += held
		if held = 0; err == nil {
			held = unfinished(buf[:n])
		}
		out = appendValid(out[:0], buf[:n-held])
		piece := out
		if html {
			stripped = tags.append(stripped[:0], out)
			piece = stripped
		}
		if len(piece) > 0 {
			emit(string(piece))
		}
		copy(buf, buf[n-held:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// unfinished is how many octets at the end of b begin a character that goes on.
func unfinished(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}
