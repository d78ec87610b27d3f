package notices

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// envelope is the header of a letter.
type envelope struct {
	fromName string
	from     mailaddr.Address
	to       mailaddr.Address
	date     time.Time
	language string
}

// compose writes the MIME message: plain text and HTML as alternatives, both
// quoted-printable. Whatever is in the values, a header field stays one field.
func compose(random io.Reader, e envelope, p page) ([]byte, error) {
	var id [32]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return nil, fault.Unavail("No randomness", err)
	}
	var h mail.Header
	h.SetContentType("multipart/alternative", map[string]string{"boundary": "=_" + hex.EncodeToString(id[16:])})
	h.Set("Content-Language", e.language)
	h.Set("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	h.Set("X-Auto-Response-Suppress", "All")  // the same for Exchange, which reads no other
	h.SetMessageID(hex.EncodeToString(id[:16]) + "@" + e.from.Domain)
	h.SetSubject(literal(p.subject))
	h.SetAddressList("To", []*mail.Address{{Address: e.to.String()}})
	h.SetAddressList("From", []*mail.Address{{Name: literal(e.fromName), Address: e.from.String()}})
	h.SetDate(e.date)

	var b bytes.Buffer
	w, err := message.CreateWriter(&b, h.Header)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	for _, part := range []struct{ kind, body string }{{"text/plain", p.text}, {"text/html", p.html}} {
		var ph message.Header
		ph.SetContentType(part.kind, map[string]string{"charset": "utf-8"})
		ph.Set("Content-Transfer-Encoding", "quoted-printable")
		pw, err := w.CreatePart(ph)
		if err != nil {
			return nil, fault.Wrap(err)
		}
		if _, err := io.WriteString(pw, strings.ReplaceAll(part.body, "\n", "\r\n")); err != nil {
			return nil, fault.Wrap(err)
		}
		if err := pw.Close(); err != nil {
			return nil, fault.Wrap(err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fault.Wrap(err)
	}
	return b.Bytes(), nil
}

// literal is a text for a header: what looks like an encoded word (RFC 2047) but
// was written by somebody else stays what it is.
func literal(s string) string { return strings.ReplaceAll(clean(s), "=?", "= ?") }
