package autoreply

import (
	"bytes"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/mailaddr"
)

var own = []string{"ann@here.test", "sales@here.test", "ann@also.test"}

func addr(t testing.TB, s string) mailaddr.Address {
	t.Helper()
	if s == "" {
		return mailaddr.Address{}
	}
	a, err := mailaddr.Parse(s, mailaddr.AllowUTF8)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRefuses(t *testing.T) {
	const to = "To: Ann <ann@here.test>\r\n"
	for name, c := range map[string]struct {
		sender, header string
		answered       bool
	}{
		"a person":                {"x@far.test", to, true},
		"by an alias":             {"x@far.test", "To: SALES@here.test\r\n", true},
		"by an alias's domain":    {"x@far.test", "To: a@b.test, ann@also.test\r\n", true},
		"in Cc":                   {"x@far.test", "To: b@b.test\r\nCc: x: ann@here.test;\r\n", true},
		"submitted by a human":    {"x@far.test", to + "Auto-Submitted: No\r\n", true},
		"no, with a comment":      {"x@far.test", to + "Auto-Submitted: no (really); x=y\r\n", true},
		"first-class":             {"x@far.test", to + "Precedence: first-class\r\n", true},
		"no spam":                 {"x@far.test", to + "X-Spam-Status: No, score=1\r\n", true},
		"bouncer, a person":       {"bouncer@far.test", to, true},
		"null sender":             {"", to, false},
		"auto-replied":            {"x@far.test", to + "auto-submitted: auto-replied\r\n", false},
		"auto-generated":          {"x@far.test", to + "Auto-Submitted:\r\n auto-generated (x)\r\n", false},
		"of two, one":             {"x@far.test", to + "Auto-Submitted: no\r\nAuto-Submitted: auto-notified\r\n", false},
		"empty Auto-Submitted":    {"x@far.test", to + "Auto-Submitted:\r\n", false},
		"a list":                  {"x@far.test", to + "List-Id: <l.far.test>\r\n", false},
		"unsubscribe":             {"x@far.test", to + "LIST-UNSUBSCRIBE: <mailto:u@far.test>\r\n", false},
		"bulk":                    {"x@far.test", to + "Precedence: BULK\r\n", false},
		"junk":                    {"x@far.test", to + "Precedence: junk\r\n", false},
		"list":                    {"x@far.test", to + "Precedence: list\r\n", false},
		"Exchange's wish":         {"x@far.test", to + "X-Auto-Response-Suppress: DR, OOF\r\n", false},
		"spam":                    {"x@far.test", to + "X-Spam-Flag: YES\r\n", false},
		"mailer-daemon":           {"MAILER-DAEMON@far.test", to, false},
		"owner-":                  {"owner-list@far.test", to, false},
		"-request":                {"List-Request@far.test", to, false},
		"no-reply":                {"no-reply@far.test", to, false},
		"bounces":                 {"bounces+123-ann=here.test@far.test", to, false},
		"itself":                  {"ann@here.test", to, false},
		"itself by an alias":      {"Sales@here.test", to, false},
		"blind copy":              {"x@far.test", "To: b@far.test\r\n", false},
		"a group only":            {"x@far.test", "To: undisclosed-recipients:;\r\n", false},
		"no To":                   {"x@far.test", "Subject: x\r\n", false},
		"the body does not count": {"x@far.test", to + "\r\nList-Id: <x>\r\n", true},
		"no header":               {"x@far.test", "\r\n" + to, false},
		"a header without end":    {"x@far.test", to + strings.Repeat("X: y\r\n", maxHeader/6+1), false},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.header), iotest.HalfReader(strings.NewReader(c.header))} {
			o, err := Read(r)
			if err != nil {
				t.Fatal(name, err)
			}
			if why := o.Refuses(addr(t, c.sender), own); (why == "") != c.answered {
				t.Errorf("%s: %q", name, why)
			}
		}
	}
	if _, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF)); err == nil {
		t.Error("an error of the reader is lost")
	}
}

func reply(t testing.TB, header string, change func(*Reply)) *netmail.Message {
	t.Helper()
	o, err := Read(strings.NewReader(header))
	if err != nil {
		t.Fatal(err)
	}
	r := Reply{ID: "abc", Name: "Ann Ä.", From: addr(t, "ann@here.test"), To: addr(t, "x@far.test"), At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Message: "I am away.\nUntil Monday.", Format: autoresponder.Plain, Original: o}
	if change != nil {
		change(&r)
	}
	b, err := Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v: %q", err, b)
	}
	for l := range strings.SplitSeq(string(b), "\n") {
		if len(l) > 998 || l != "" && !strings.HasSuffix(l, "\r") {
			t.Fatalf("line %q", l)
		}
	}
	return m
}

func TestCompose(t *testing.T) {
	m := reply(t, "To: ann@here.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@far.test>\r\nReferences: <0@far.test>\r\n bad <00@far.test>\r\n\r\nhi\r\n", nil)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	if subject != "Auto: Grüße" || m.Header.Get("In-Reply-To") != "<1@far.test>" ||
		strings.Join(strings.Fields(m.Header.Get("References")), " ") != "<0@far.test> <00@far.test> <1@far.test>" ||
		m.Header.Get("Auto-Submitted") != "auto-replied" || m.Header.Get("Message-Id") != "<abc@here.test>" {
		t.Errorf("%q: %v", subject, m.Header)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Name != "Ann Ä." || from[0].Address != "ann@here.test" {
		t.Errorf("%v, %v", from, err)
	}
	if b, err := io.ReadAll(m.Body); err != nil || !strings.HasPrefix(string(b), "I am away.\r\nUntil Monday.") {
		t.Errorf("%q, %v", b, err)
	}
	m = reply(t, "To: ann@here.test\r\nMessage-ID: broken\r\n\r\n", func(r *Reply) {
		r.Subject, r.Format, r.Quote = "Away\r\nBcc: evil@far.test", autoresponder.HTML, "a < b\r\nc"
	})
	b, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("Subject") != "Away Bcc: evil@far.test" || m.Header.Get("In-Reply-To") != "" ||
		!strings.HasPrefix(m.Header.Get("Content-Type"), "text/html") || !strings.Contains(string(b), "a &lt; b\r\nc") {
		t.Errorf("%v %q", m.Header, b)
	}
}

func TestQuote(t *testing.T) {
	for content, want := range map[string]string{
		"Subject: x\r\n\r\nhello\r\nyou\r\n": "hello\r\nyou",
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>x</b>\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ngr=FC=DFe\r\n--b--\r\n": "grüße",
		"Content-Type: image/png\r\n\r\nxx":                "",
		"Subject: x\r\n\r\n" + strings.Repeat("a", 10_000): strings.Repeat("a", maxQuote) + " ...",
	} {
		got, err := Quote(strings.NewReader(content), int64(len(content)))
		if err != nil || strings.ReplaceAll(got, "\r\n", "\n") != strings.ReplaceAll(want, "\r\n", "\n") {
			t.Errorf("%q: %q, %v", content[:min(len(content), 40)], got, err)
		}
	}
}

// FuzzAnswer: whatever a header says, an answer is well-formed mail that is not
// answered again.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"To: ann@here.test\r\nSubject: hi\r\nMessage-ID: <1@x>\r\nReferences: <a@b> <c@d>\r\n\r\nhi", "to:ann@here.test\nPrecedence:list\n\n", "Auto-Submitted:\r\n\tno\r\nTo: ann@here.test\r\n",
		"To: =?utf-8?b?w4Q=?= <ann@here.test>\r\nSubject: =?utf-8?q?=0D=0ABcc:x?=\r\n\r\n", "\x00: \xff\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		quote, err := Quote(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		from := mailaddr.Address{Local: "x", Domain: "far.test"}
		if o.Refuses(from, own) != "" {
			return
		}
		out, err := Compose(Reply{ID: "1", From: mailaddr.Address{Local: "ann", Domain: "here.test"}, To: from, At: time.Unix(0, 0), Message: "away", Original: o, Quote: quote})
		if err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(out))
		if err != nil || len(m.Header["Subject"]) != 1 || len(m.Header["From"]) != 1 || len(m.Header) > 12 {
			t.Fatalf("%v: %q", err, out)
		}
		again, err := Read(bytes.NewReader(out))
		if err != nil || again.Refuses(mailaddr.Address{Local: "ann", Domain: "here.test"}, []string{"x@far.test"}) == "" {
			t.Fatalf("an answer is answered: %v, %q", err, out)
		}
	})
}
