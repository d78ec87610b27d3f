package autoreply

import (
	"bytes"
	"html"
	"io"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/message"
)

// Reply is an answer to be written.
type Reply struct {
	ID       string // left side of the Message-ID
	Name     string // of who answers; "" = none
	From     mailaddr.Address
	To       mailaddr.Address
	At       time.Time
	Subject  string // "" = made of the original's
	Message  string
	Format   string // autoresponder.Plain or HTML
	Original *Original
	Quote    string // of the original's text; "" = none
}

const maxSubject = 200 // characters of the original's

// Compose writes the message. Its text is the account's own and goes as it is;
// whatever is in the other values, a header field stays one field.
func Compose(r Reply) ([]byte, error) {
	subject := line(r.Subject)
	if subject == "" {
		subject = strings.TrimSpace("Auto: " + cut(r.Original.Subject, maxSubject))
	}
	body, kind := r.Message, autoresponder.Plain
	if r.Format == autoresponder.HTML {
		kind = autoresponder.HTML
	}
	if r.Quote != "" {
		body += "\n" + quoted(r.Quote, kind)
	}
	var h mail.Header
	h.SetContentType(kind, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	h.Set("X-Auto-Response-Suppress", "All")
	h.Set("Auto-Submitted", "auto-replied") // RFC 3834 section 3.1.7
	if id := r.Original.MessageID; id != "" {
		h.Set("References", strings.Join(append(r.Original.References[:len(r.Original.References):len(r.Original.References)], id), " "))
		h.Set("In-Reply-To", id)
	}
	h.SetMessageID(r.ID + "@" + r.From.Domain)
	h.SetDate(r.At.UTC())
	h.SetSubject(subject)
	h.SetAddressList("To", []*mail.Address{{Address: r.To.String()}})
	h.SetAddressList("From", []*mail.Address{{Name: line(r.Name), Address: r.From.String()}})

	var b bytes.Buffer
	w, err := gomessage.CreateWriter(&b, h.Header)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	if _, err := io.WriteString(w, crlf(body)); err != nil {
		return nil, fault.Wrap(err)
	}
	if err := w.Close(); err != nil {
		return nil, fault.Wrap(err)
	}
	if !bytes.HasSuffix(b.Bytes(), []byte("\r\n")) {
		b.WriteString("\r\n")
	}
	return b.Bytes(), nil
}

// Quote gives the beginning of a message's text; "" when it has none, or can't
// be read within bounds.
func Quote(content io.ReaderAt, size int64) (string, error) {
	size = min(size, maxQuotedPart)
	p, err := message.Scan(io.NewSectionReader(content, 0, size), message.Limits{Parts: 100, Depth: 20})
	if err != nil {
		return "", err
	}
	var text *message.Part
	p.Walk(func(at *message.Part) {
		if text == nil && at.Type == "text" && at.Subtype == "plain" && len(at.Children) == 0 && at.Disposition != "attachment" {
			text = at
		}
	})
	if text == nil {
		return "", nil
	}
	var b strings.Builder
	if err := message.Text(text, content, func(s string) {
		if room := maxQuote - b.Len(); room > 0 {
			b.WriteString(s[:min(len(s), room)])
		}
	}); err != nil {
		return "", err
	}
	out := strings.ToValidUTF8(strings.ReplaceAll(b.String(), "\x00", ""), "")
	if b.Len() >= maxQuote {
		out += " ..."
	}
	return strings.TrimSpace(out), nil
}

// quoted marks each line of what is quoted, in a form that is text in either format.
func quoted(s, kind string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if kind == autoresponder.HTML {
		return "<blockquote><pre>" + html.EscapeString(s) + "</pre></blockquote>\n"
	}
	return "\n> " + strings.ReplaceAll(s, "\n", "\n> ") + "\n"
}

func crlf(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(s, "\n", "\r\n")
}

func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "..."
		}
		n--
	}
	return s
}
