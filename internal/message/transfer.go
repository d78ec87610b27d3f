package message

import (
	"io"

	"posthouse/internal/fault"
)

// ReasonUnknownCTE is the Reason of DecodeBody's fault (IMAP: UNKNOWN-CTE).
const ReasonUnknownCTE = "UNKNOWN_CTE"

// DecodeBody reads p's body from the message r without its content transfer
// encoding (RFC 3516). Damaged base64 and quoted-printable are decoded as far as
// they make sense; an unknown encoding is fault.Invalid with ReasonUnknownCTE.
func DecodeBody(p *Part, r io.ReaderAt) (io.Reader, error) {
	body := io.NewSectionReader(r, p.BodyOffset, p.BodySize)
	if p.IsMultipart() {
		return body, nil // RFC 2045 section 6.4: never encoded
	}
	switch p.Encoding {
	case "", "7bit", "8bit", "binary":
		return body, nil
	case "base64":
		return &transferReader{src: body, dec: &base64State{}}, nil
	case "quoted-printable":
		return &transferReader{src: body, dec: &quotedPrintable{}}, nil
	}
	return nil, fault.New(fault.Invalid, "The content transfer encoding is not known").WithReason(ReasonUnknownCTE)
}

// transferDecoder undoes a content transfer encoding piece by piece.
type transferDecoder interface {
	append(dst, src []byte) []byte
	flush(dst []byte) []byte
}

type transferReader struct {
	src     io.Reader
	dec     transferDecoder
	raw     []byte
	decoded []byte // buffer
	out     []byte // what of it is still to be read
	err     error
}

const transferChunk = 16 << 10

func (t *transferReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if t.raw == nil {
		t.raw = make([]byte, transferChunk)
	}
	for len(t.out) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		n, err := t.src.Read(t.raw)
		t.decoded = t.dec.append(t.decoded[:0], t.raw[:n])
		if err != nil {
			t.err = err
			t.decoded = t.dec.flush(t.decoded)
		}
		t.out = t.decoded
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// quotedPrintable decodes RFC 2045 section 6.7. What is no encoding stands for itself.
type quotedPrintable struct {
	state qpState
	first byte   // the hexadecimal digit after "="
	space []byte // white space that is dropped at the end of a line
}

type qpState uint8

const (
	qpText   qpState = iota
	qpEquals         // after "="
	qpDigit          // after "=" and a digit
	qpSoft           // after "=" and white space
	qpSoftCR         // after "=" and CR
)

// maxHeldSpace bounds the white space that is held back.
const maxHeldSpace = 1024

func (q *quotedPrintable) append(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch q.state {
		case qpText:
			dst = q.text(dst, c)
		case qpEquals:
			switch {
			case hexValue(c) >= 0:
				q.first, q.state = c, qpDigit
			case c == '\n':
				q.state = qpText
			case c == '\r':
				q.state = qpSoftCR
			case c == ' ' || c == '\t':
				q.space, q.state = append(q.space, c), qpSoft
			default:
				q.state = qpText
				dst = q.text(append(dst, '='), c)
			}
		case qpDigit:
			q.state = qpText
			if hexValue(c) >= 0 {
				dst = append(dst, byte(hexValue(q.first)<<4|hexValue(c)))
			} else {
				dst = q.text(append(dst, '=', q.first), c)
			}
		case qpSoft:
			switch {
			case (c == ' ' || c == '\t') && len(q.space) < maxHeldSpace:
				q.space = append(q.space, c)
			case c == '\n':
				q.space, q.state = q.space[:0], qpText
			case c == '\r':
				q.space, q.state = q.space[:0], qpSoftCR
			default:
				q.state = qpText
				dst = append(append(dst, '='), q.space...)
				q.space = q.space[:0]
				dst = q.text(dst, c)
			}
		case qpSoftCR:
			q.state = qpText
			if c != '\n' {
				dst = q.text(dst, c)
			}
		}
	}
	return dst
}

func (q *quotedPrintable) text(dst []byte, c byte) []byte {
	switch c {
	case ' ', '\t':
		if q.space = append(q.space, c); len(q.space) < maxHeldSpace {
			return dst
		}
		dst = append(dst, q.space...)
		q.space = q.space[:0]
		return dst
	case '\r', '\n':
		q.space = q.space[:0]
		return append(dst, c)
	}
	if len(q.space) > 0 {
		dst = append(dst, q.space...)
		q.space = q.space[:0]
	}
	if c == '=' {
		q.state = qpEquals
		return dst
	}
	return append(dst, c)
}

func (q *quotedPrintable) flush(dst []byte) []byte {
	if q.state == qpDigit {
		dst = append(dst, '=', q.first)
	}
	q.state, q.space = qpText, q.space[:0]
	return dst
}

var (
	_ transferDecoder = (*base64State)(nil)
	_ transferDecoder = (*quotedPrintable)(nil)
)
