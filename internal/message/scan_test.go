package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"posthouse/internal/fault"
)

func mustScan(t testing.TB, msg string) *Part {
	t.Helper()
	p, err := Scan(strings.NewReader(msg), Limits{})
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return p
}

// sketch writes a structure in one line: type/subtype "body" for leaves.
func sketch(p *Part, msg string) string {
	s := p.Type + "/" + p.Subtype
	if len(p.Children) == 0 {
		return s + fmt.Sprintf(" %q:%d", msg[p.BodyOffset:p.BodyOffset+p.BodySize], p.Lines)
	}
	var c []string
	for _, child := range p.Children {
		c = append(c, sketch(child, msg))
	}
	return s + "(" + strings.Join(c, ", ") + ")"
}

func TestScanStructure(t *testing.T) {
	const mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for _, c := range []struct{ name, msg, want string }{
		{"empty", "", `text/plain "":0`},
		{"only a line end", "\r\n", `text/plain "":0`},
		{"no header", "\r\nbody\r\n", `text/plain "body\r\n":1`},
		{"no empty line", "Subject: x\r\nnot a header line\r\n", `text/plain "":0`},
		{"no line end at all", "Subject: x", `text/plain "":0`},
		{"bare LF", "Subject: x\n\nbody\nmore", `text/plain "body\nmore":1`},
		{"bare CR is no line end", "Subject: x\r\rbody\r", `text/plain "":0`},
		{"NUL and 8 bit", "Subject: a\x00\xff\r\n\r\n\x00\xff\r\n", `text/plain "\x00\xff\r\n":1`},
		{"simple", mixed + "pre\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n\r\n--b--\r\nepi\r\n", `multipart/mixed(text/plain "one":0, text/plain "two\r\n":1)`},
		{"no preamble", mixed + "--b\r\n\r\none\r\n--b--", `multipart/mixed(text/plain "one":0)`},
		{"bare LF multipart", strings.ReplaceAll(mixed+"--b\r\n\r\none\r\n--b--\r\n", "\r", ""), `multipart/mixed(text/plain "one":0)`},
		{"space behind delimiters", mixed + "--b \t\r\n\r\none\r\n--b-- \r\n", `multipart/mixed(text/plain "one":0)`},
		{"no final delimiter", mixed + "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", `multipart/mixed(text/plain "one":0, text/plain "two\r\n":1)`},
		{"cut in a header", mixed + "--b\r\nContent-Type: text/html", `multipart/mixed(text/html "":0)`},
		{"a part without header and body", mixed + "--b\r\n--b\r\n\r\n--b--\r\n", `multipart/mixed(text/plain "":0, text/plain "":0)`},
		{"header ended by delimiter", mixed + "--b\r\nContent-Type: text/html\r\n--b--\r\n", `multipart/mixed(text/html "":0)`},
		{"no delimiter", mixed + "hello\r\n", `multipart/mixed(text/plain "hello\r\n":1)`},
		{"no boundary", "Content-Type: multipart/mixed\r\n\r\nhello\r\n", `multipart/mixed(text/plain "hello\r\n":1)`},
		{"closed at once", mixed + "hello\r\n--b--\r\n", `multipart/mixed(text/plain "hello\r\n--b--\r\n":2)`},
		{"delimiter within a line", mixed + "--b\r\n\r\none --b\r\n--bc\r\n--b--\r\n", `multipart/mixed(text/plain "one --b\r\n--bc":1)`},
		{"delimiter after the end", mixed + "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n", `multipart/mixed(text/plain "one":0)`},
		{"prefix boundaries", "Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\nContent-Type: multipart/x; boundary=abc\r\n\r\n--abc\r\n\r\n1\r\n--abc--\r\n--ab\r\n\r\n2\r\n--ab--\r\n",
			`multipart/mixed(multipart/x(text/plain "1":0), text/plain "2":0)`},
		{"prefix boundaries the other way", "Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: multipart/x; boundary=ab\r\n\r\n--ab\r\n\r\n1\r\n--ab--\r\n--abc\r\n\r\n2\r\n--abc--\r\n",
			`multipart/mixed(multipart/x(text/plain "1":0), text/plain "2":0)`},
		{"boundary that ends in hyphens", "Content-Type: multipart/mixed; boundary=\"b--\"\r\n\r\n--b--\r\n\r\n1\r\n--b----\r\n", `multipart/mixed(text/plain "1":0)`},
		{"outer delimiter ends the inner", "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/x; boundary=i\r\n\r\n--i\r\n\r\n1\r\n--o\r\n\r\n2\r\n--o--\r\n",
			`multipart/mixed(multipart/x(text/plain "1":0), text/plain "2":0)`},
		{"same boundary twice", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\n1\r\n--b--\r\n--b--\r\n",
			`multipart/mixed(multipart/x(text/plain "1":0))`},
		{"quoted boundary with specials", "Content-Type: multipart/mixed; boundary=\"a (b)=; c \"\r\n\r\n--a (b)=; c\r\n\r\n1\r\n--a (b)=; c--\r\n", `multipart/mixed(text/plain "1":0)`},
		{"folded content type", "Content-Type: multipart/mixed;\r\n\tboundary=\"b\"\r\n\r\n--b\r\n\r\n1\r\n--b--\r\n", `multipart/mixed(text/plain "1":0)`},
		{"digest", "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n\r\nhi\r\n--b\r\nContent-Type: text/html\r\n\r\nh\r\n--b--\r\n",
			`multipart/digest(message/rfc822(text/plain "hi":0), text/html "h":0)`},
		{"message", "Content-Type: message/rfc822\r\n\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n1\r\n--b--\r\n",
			`message/rfc822(multipart/mixed(text/plain "1":0))`},
		{"message that ends in its header", mixed + "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n--b--\r\n", `multipart/mixed(message/rfc822(text/plain "":0))`},
		{"message without anything", mixed + "--b\r\nContent-Type: message/rfc822\r\n--b--\r\n", `multipart/mixed(message/rfc822(text/plain "":0))`},
		{"content type that is none", "Content-Type: text\r\n\r\nx", `text/plain "x":0`},
		{"content type with comment", "Content-Type: (a) text (b)/ (c) html (d); charset=x\r\n\r\nx", `text/html "x":0`},
		{"obsolete space before colon", "Content-Type : text/html\r\n\r\nx", `text/html "x":0`},
		{"mbox line", "From ann Mon\r\nContent-Type: text/html\r\n\r\nx", `text/html "x":0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sketch(mustScan(t, c.msg), c.msg); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			// However the octets arrive, the structure is the same.
			p, err := Scan(iotest.OneByteReader(strings.NewReader(c.msg)), Limits{})
			if err != nil || sketch(p, c.msg) != c.want {
				t.Errorf("octet by octet: %s, %v", sketch(p, c.msg), err)
			}
			checkInvariants(t, p, int64(len(c.msg)))
			checkBinary(t, p)
		})
	}
}

// checkInvariants asserts what Part promises.
func checkInvariants(t testing.TB, root *Part, size int64) {
	t.Helper()
	if root.HeaderOffset != 0 || root.BodyOffset+root.BodySize != size || root.Envelope == nil {
		t.Fatalf("root %+v of %d octets", root, size)
	}
	root.Walk(func(p *Part) {
		end := p.BodyOffset + p.BodySize
		if p.HeaderOffset < 0 || p.BodyOffset < p.HeaderOffset || p.BodySize < 0 || end > size || p.Lines < 0 || p.Lines > p.BodySize {
			t.Fatalf("bad place: %+v", p)
		}
		if p.Type == "" || p.Subtype == "" || p.Encoding == "" {
			t.Fatalf("no type: %+v", p)
		}
		if p.IsMultipart() && len(p.Children) == 0 || p.IsMessage() && (len(p.Children) != 1 || p.Children[0].Envelope == nil) {
			t.Fatalf("no children: %+v", p)
		}
		at := p.BodyOffset
		for _, c := range p.Children {
			if c.HeaderOffset < at || c.BodyOffset+c.BodySize > end {
				t.Fatalf("child %+v outside of %+v", c, p)
			}
			at = c.BodyOffset + c.BodySize
		}
		texts := []string{p.Type, p.Subtype, p.ID, p.Description, p.Encoding, p.MD5, p.Disposition, p.Location, p.Filename()}
		texts = append(texts, p.Language...)
		for _, q := range append(p.Params[:len(p.Params):len(p.Params)], p.DispositionParams...) {
			texts = append(texts, q.Name, q.Value, p.Param(q.Name))
		}
		if e := p.Envelope; e != nil {
			texts = append(texts, e.Date, e.Subject, e.MessageID, e.InReplyTo)
			for _, l := range [][]EnvelopeAddress{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
				checkGroups(t, l)
				for _, a := range l {
					texts = append(texts, a.Name, a.Route, a.Mailbox, a.Host)
				}
			}
			if e.From != nil && (e.Sender == nil || e.ReplyTo == nil) {
				t.Fatalf("Sender or ReplyTo not filled: %+v", e)
			}
		}
		for _, s := range texts {
			if strings.ContainsAny(s, "\x00\r\n") {
				t.Fatalf("%q holds NUL, CR or LF", s)
			}
		}
	})
}

func checkGroups(t testing.TB, list []EnvelopeAddress) {
	t.Helper()
	open := false
	for _, a := range list {
		switch {
		case a.Host != "":
		case a.Mailbox != "" && !open:
			open = true
		case a.Mailbox == "" && open:
			open = false
		default:
			t.Fatalf("groups out of order: %+v", list)
		}
	}
	if open {
		t.Fatalf("group not closed: %+v", list)
	}
}

func TestScanOffsets(t *testing.T) {
	const msg = "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n</p>\r\n\r\n--b--\r\n"
	p := mustScan(t, msg)
	c := p.Children[0]
	if got := msg[c.HeaderOffset:c.BodyOffset]; got != "Content-Type: text/html\r\n\r\n" {
		t.Errorf("header %q", got)
	}
	if got := msg[c.BodyOffset : c.BodyOffset+c.BodySize]; got != "<p>\r\n</p>\r\n" {
		t.Errorf("body %q", got)
	}
	if c.Lines != 2 || p.Size() != int64(len(msg)) || c.HeaderSize() != 27 {
		t.Errorf("%+v", c)
	}
}

func TestScanFields(t *testing.T) {
	p := mustScan(t, "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\nSubject: a\r\n\tb \r\nSUBJECT: second\r\nFrom: Ann <ann@x.org>\r\nTo: b@x.org\r\nto: c@x.org\r\nMessage-ID: <m@x>\r\nIn-Reply-To: <o@x>\r\n"+
		"Content-Type: TEXT/HTML; Charset=\"UTF-8\"; x=\"a\\\"b\"; y\r\nContent-Transfer-Encoding: Base64 (really)\r\nContent-ID: <i@x>\r\nContent-Description: d\r\nContent-MD5: m\r\n"+
		"Content-Language: en, de\r\nContent-Location: http://x/\r\nContent-Disposition: ATTACHMENT; filename*=utf-8''%e2%82%ac.txt; filename=\"e.txt\"\r\n\r\n")
	e := p.Envelope
	if e.Date != "Mon, 2 Nov 2026 10:00:00 +0000" || e.Subject != "a\tb" || e.MessageID != "<m@x>" || e.InReplyTo != "<o@x>" {
		t.Errorf("%+v", e)
	}
	if len(e.To) != 2 || e.To[1].Mailbox != "c" || len(e.From) != 1 || e.Sender[0] != e.From[0] || e.ReplyTo[0] != e.From[0] {
		t.Errorf("%+v", e)
	}
	if p.Type != "text" || p.Subtype != "html" || p.Encoding != "base64" || p.ID != "<i@x>" || p.Description != "d" || p.MD5 != "m" || p.Location != "http://x/" {
		t.Errorf("%+v", p)
	}
	if fmt.Sprint(p.Params) != `[{charset UTF-8} {x a"b} {y }]` || p.Charset() != "utf-8" || fmt.Sprint(p.Language) != "[en de]" {
		t.Errorf("%+v", p)
	}
	if p.Disposition != "attachment" || p.Filename() != "€.txt" {
		t.Errorf("%+v %q", p, p.Filename())
	}
}

func TestScanReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := Scan(io.MultiReader(strings.NewReader("Subject: x\r\n\r\nbody"), iotest.ErrReader(broken)), Limits{})
	if f := fault.Of(err); !errors.Is(err, broken) || f.Code != fault.Unavailable || !f.Temporary {
		t.Errorf("%v", err)
	}
	if _, err := Scan(iotest.ErrReader(fault.New(fault.TooLarge, "x")), Limits{}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a fault of the reader became %v", err)
	}
}

func TestSection(t *testing.T) {
	const msg = "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\n1\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/x; boundary=i\r\n\r\n--i\r\n\r\n2.1\r\n--i--\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n\r\n3.1\r\n--o--\r\n"
	p := mustScan(t, msg)
	for _, c := range []struct {
		number []int
		want   string
	}{
		{[]int{1}, "1"}, {[]int{2, 1}, "2.1"}, {[]int{3, 1}, "3.1"}, {[]int{1, 1}, "nil"}, {[]int{2, 2}, "nil"}, {[]int{0}, "nil"}, {[]int{4}, "nil"}, {[]int{3, 1, 1}, "nil"}, {[]int{-1}, "nil"}, {[]int{2, 1, 1}, "nil"},
	} {
		got := "nil"
		if s := p.Section(c.number); s != nil {
			got = msg[s.BodyOffset : s.BodyOffset+s.BodySize]
		}
		if got != c.want {
			t.Errorf("Section(%v) = %q, want %q", c.number, got, c.want)
		}
	}
	if p.Section(nil) != p || p.Section([]int{2}).Embedded() != p.Children[1].Children[0] || p.Embedded() != nil {
		t.Error("Section or Embedded")
	}
	plain := mustScan(t, "\r\nx")
	if plain.Section([]int{1}) != plain || plain.Section([]int{2}) != nil || plain.Section([]int{1, 1}) != nil {
		t.Error("part 1 of a plain message is the message")
	}
	nested := mustScan(t, "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx")
	if nested.Section([]int{1}) != nested || nested.Section([]int{1, 1}) != nested.Children[0] {
		t.Error("a message that is a message")
	}
}

// hostile is input that must neither fail, nor take long, nor keep much.
func hostile() map[string]io.Reader {
	nest := func(n int, head string) io.Reader {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, head, i)
		}
		return strings.NewReader(b.String())
	}
	return map[string]io.Reader{
		"10,000 nested multiparts": nest(10_000, "Content-Type: multipart/mixed; boundary=b%[1]d\r\n\r\n--b%[1]d\r\n"),
		"10,000 nested messages":   nest(10_000, "X: %d\r\nContent-Type: message/rfc822\r\n\r\n"),
		"100,000 parts":            io.MultiReader(strings.NewReader("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), nest(100_000, "--b\r\nX: %d\r\n\r\nx\r\n")),
		"100,000 digest parts":     io.MultiReader(strings.NewReader("Content-Type: multipart/digest; boundary=b\r\n\r\n"), nest(100_000, "--b\r\n\r\nTo: a%d@b\r\n\r\nx\r\n")),
		"100 MB of header fields":  repeated("X-Bomb: "+strings.Repeat("x", 70)+"\r\n", 100<<20),
		"100 MB header line":       repeated("x", 100<<20),
		"100 MB folded subject":    io.MultiReader(strings.NewReader("Subject: x\r\n"), repeated(" "+strings.Repeat("x", 70)+"\r\n", 100<<20)),
		"1 MB lines":               io.MultiReader(strings.NewReader("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"), repeated("--"+strings.Repeat("x", 1<<20)+"\r\n", 20<<20)),
		"only line ends":           io.MultiReader(strings.NewReader("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"), repeated("\r\n", 20<<20)),
		"nearly delimiters":        io.MultiReader(nest(99, "Content-Type: multipart/mixed; boundary=aaaaaaaaaaaaaaaa%03d\r\n\r\n--aaaaaaaaaaaaaaaa%[1]03d\r\n"), strings.NewReader("\r\n"), repeated("--aaaaaaaaaaaaaaaaxxx\r\n", 20<<20)),
		"addresses":                io.MultiReader(strings.NewReader("To: "), repeated("a,", 20<<20)),
		"angles":                   io.MultiReader(strings.NewReader("To: "), repeated("<@a,", 20<<20)),
		"comments":                 io.MultiReader(strings.NewReader("To: "), repeated("(", 20<<20)),
		"quotes":                   io.MultiReader(strings.NewReader("From: "), repeated("\\\"", 20<<20)),
		"parameters":               io.MultiReader(strings.NewReader("Content-Type: a/b"), repeated(";\"", 20<<20)),
		"escaped parameters":       io.MultiReader(strings.NewReader("Content-Type: a/b"), repeated(";\\\"", 20<<20)),
		"To headers":               repeated("To: a\r\n", 20<<20),
	}
}

func repeated(s string, total int64) io.Reader {
	chunk := []byte(strings.Repeat(s, max(1, 32<<10/len(s))))
	return io.LimitReader(&loop{chunk: chunk}, total)
}

type loop struct {
	chunk []byte
	at    int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.chunk[l.at:])
	l.at = (l.at + n) % len(l.chunk)
	return n, nil
}

func TestScanHostile(t *testing.T) {
	for name, r := range hostile() {
		t.Run(name, func(t *testing.T) {
			counted := &counter{r: r}
			began := time.Now()
			p, err := Scan(counted, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if d := time.Since(began); d > time.Minute {
				t.Errorf("took %v", d)
			}
			checkInvariants(t, p, counted.n)
			parts := 0
			p.Walk(func(*Part) { parts++ })
			if parts > 20_001 {
				t.Errorf("%d parts", parts)
			}
			if n := len(p.AppendBinary(nil)); n > 4<<20 {
				t.Errorf("compact form of %d octets", n)
			}
			checkBinary(t, p)
		})
	}
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func TestScanLimits(t *testing.T) {
	msg := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 5) + "--b--\r\n"
	p, err := Scan(strings.NewReader(msg), Limits{Parts: 4})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sketch(p, msg), `multipart/mixed(text/plain "x":0, text/plain "x":0, text/plain "x":0, application/octet-stream "\r\nx\r\n--b\r\n\r\nx\r\n--b--\r\n":6)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	msg = "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--a\r\n\r\nlast\r\n--a--\r\n"
	if p, err = Scan(strings.NewReader(msg), Limits{Depth: 1}); err != nil {
		t.Fatal(err)
	}
	if got, want := sketch(p, msg), `multipart/mixed(multipart/mixed(application/octet-stream "--b\r\n\r\nx\r\n--b--":3), message/rfc822(application/octet-stream "Subject: x\r\n":1), text/plain "last":0)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if p, err = Scan(strings.NewReader("Subject: 12345\r\nX: y\r\nFrom: a@b\r\n\r\nx"), Limits{Header: 13}); err != nil || p.Envelope.Subject != "1234" || p.Envelope.From != nil || p.BodySize != 1 {
		t.Errorf("%+v %v", p.Envelope, err)
	}
	if p, err = Scan(strings.NewReader("To: a@b, c@d, e@f\r\nCc: g@h\r\n\r\nx"), Limits{Addresses: 2}); err != nil || len(p.Envelope.To) != 2 || len(p.Envelope.Cc) != 0 {
		t.Errorf("%+v %v", p.Envelope, err)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nTo: g: a@b;\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: multipart/digest; boundary=\"b\"\n\n--b\n\nSubject: =?utf-8?q?=\n\n--b\n--b--"))
	f.Add([]byte("Content-Disposition: x; filename*0*=utf-8'en'%41; filename*1=b\r\nContent-Type: text/plain; name=\"=?x?b?QQ?=\"\r\n\r\n"))
	f.Add([]byte("\r\n"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		p, err := Scan(bytes.NewReader(msg), Limits{Depth: 5, Parts: 20, Header: 300, Headers: 2000, Addresses: 10})
		if err != nil {
			t.Fatal(err)
		}
		checkInvariants(t, p, int64(len(msg)))
		checkBinary(t, p)
		slow, err := Scan(iotest.HalfReader(bytes.NewReader(msg)), Limits{Depth: 5, Parts: 20, Header: 300, Headers: 2000, Addresses: 10})
		if err != nil || !bytes.Equal(slow.AppendBinary(nil), p.AppendBinary(nil)) {
			t.Fatalf("another structure when read in pieces: %v", err)
		}
		if err := Text(p, bytes.NewReader(msg), func(s string) { checkText(t, s) }); err != nil {
			t.Fatal(err)
		}
	})
}
