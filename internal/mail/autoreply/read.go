// Package autoreply decides whether a message is answered automatically and
// writes the answer (RFC 3834). It keeps nothing: who has had a reply lately is
// for the caller to know.
package autoreply

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"posthouse/internal/mailaddr"
	"posthouse/internal/message"
)

// The bounds of what is read of a message.
const (
	maxHeader     = 256 << 10
	maxQuotedPart = 256 << 10 // of the message, for the quote
	maxQuote      = 4 << 10   // octets quoted
	maxReferences = 20
)

// Original is what the answer to a message depends on.
type Original struct {
	Subject    string // decoded, one line
	MessageID  string // with its angle brackets; "" = none that could be repeated
	References []string

	to      []string // To and Cc, lower-case
	refused string
}

// Read looks at a message's header. No content makes it fail: what can't be
// understood is not answered.
func Read(content io.Reader) (*Original, error) {
	header, err := readHeader(content)
	if err != nil {
		return nil, err
	}
	if header == nil {
		return &Original{refused: "no header within bounds"}, nil
	}
	o := &Original{refused: refused(header)}
	p, err := message.Scan(bytes.NewReader(header), message.Limits{})
	if err != nil || p.Envelope == nil {
		return &Original{refused: "no envelope"}, nil
	}
	e := p.Envelope
	o.Subject = line(message.DecodeHeader(e.Subject))
	o.MessageID = messageID(e.MessageID)
	for _, list := range [][]message.EnvelopeAddress{e.To, e.Cc} {
		for _, a := range list {
			if a.Host != "" {
				o.to = append(o.to, strings.ToLower(a.Mailbox+"@"+a.Host))
			}
		}
	}
	refs := message.FieldValues(header, "References")
	if len(refs) == 0 {
		refs = message.FieldValues(header, "In-Reply-To")
	}
	if len(refs) > 0 {
		for ref := range strings.FieldsSeq(refs[0]) {
			if id := messageID(ref); id != "" {
				o.References = append(o.References, id)
			}
		}
	}
	if n := len(o.References); n > maxReferences { // the first and the latest (RFC 5322 section 3.6.4)
		o.References = append(o.References[:1:1], o.References[n-maxReferences+1:]...)
	}
	return o, nil
}

// readHeader gives the header with the empty line after it, nil when it is too long.
func readHeader(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxHeader))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("\r\n")) || bytes.HasPrefix(b, []byte("\n")) {
		return nil, nil
	}
	end := -1
	for _, empty := range []string{"\r\n\r\n", "\n\n", "\n\r\n"} {
		if i := bytes.Index(b, []byte(empty)); i >= 0 && (end < 0 || i+len(empty) < end) {
			end = i + len(empty)
		}
	}
	switch {
	case end >= 0:
		return b[:end], nil
	case len(b) == maxHeader:
		return nil, nil
	}
	return b, nil
}

// refused gives why what a header says forbids an answer, "" when nothing does
// (RFC 3834 section 2).
func refused(header []byte) string {
	for f := range message.HeaderFields(header) {
		name := strings.ToLower(f.Name)
		value := strings.ToLower(strings.TrimSpace(f.Value()))
		word, _, _ := strings.Cut(value, ";")
		word = strings.TrimSpace(word)
		if i := strings.IndexByte(word, '('); i >= 0 { // a comment
			word = strings.TrimSpace(word[:i])
		}
		switch {
		case name == "auto-submitted" && word != "no":
			return "Auto-Submitted"
		case strings.HasPrefix(name, "list-"):
			return "a mailing list"
		case name == "precedence" && slices.Contains([]string{"bulk", "junk", "list"}, word):
			return "Precedence"
		case name == "x-auto-response-suppress" && suppressed(value):
			return "X-Auto-Response-Suppress"
		case (name == "x-spam-flag" || name == "x-spam-status" || name == "x-spam") && strings.HasPrefix(value, "yes"):
			return "spam"
		case slices.Contains([]string{"x-autoreply", "x-autorespond", "x-autoresponder", "feedback-id", "x-loop"}, name):
			return f.Name
		}
	}
	return ""
}

func suppressed(value string) bool {
	for w := range strings.SplitSeq(value, ",") {
		if w = strings.TrimSpace(w); w == "all" || w == "oof" || w == "autoreply" {
			return true
		}
	}
	return false
}

// Refuses gives why a message from sender (the envelope's) to a mailbox with
// those addresses gets no answer; "" = it gets one.
func (o *Original) Refuses(sender mailaddr.Address, own []string) string {
	local := strings.ToLower(sender.Local)
	switch {
	case sender.IsZero() || sender.Domain == "":
		return "the null sender"
	case o.refused != "":
		return o.refused
	case local == "mailer-daemon", local == "postmaster", local == "listserv", local == "majordomo",
		strings.HasPrefix(local, "owner-"), strings.HasSuffix(local, "-owner"), strings.HasSuffix(local, "-request"),
		strings.HasSuffix(local, "-bounces"), strings.Contains(local, "-bounces+"), bounces(local),
		strings.HasPrefix(local, "srs0="), strings.HasPrefix(local, "srs1="),
		strings.HasPrefix(strings.NewReplacer("-", "", "_", "", ".", "").Replace(local), "noreply"),
		strings.HasPrefix(strings.NewReplacer("-", "", "_", "", ".", "").Replace(local), "donotreply"):
		return "a sender that is no person"
	case slices.Contains(own, strings.ToLower(sender.String())):
		return "its own mail"
	}
	for _, a := range o.to {
		if slices.Contains(own, a) {
			return ""
		}
	}
	return "not addressed to the mailbox"
}

// bounces tells the senders that bulk mailers make, one for each message.
func bounces(local string) bool {
	for _, p := range []string{"bounce", "bounces"} {
		if rest, ok := strings.CutPrefix(local, p); ok && (rest == "" || strings.ContainsAny(rest[:1], "-+_=.")) {
			return true
		}
	}
	return false
}

// messageID lets through what can stand in a header field of ours.
func messageID(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 3 || len(s) > 250 || s[0] != '<' || s[len(s)-1] != '>' {
		return ""
	}
	for i := 1; i < len(s)-1; i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	return s
}

// line makes text one line without control characters.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}
