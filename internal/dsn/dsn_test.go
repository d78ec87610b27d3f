package dsn

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/message"
)

var at = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

const original = "From: ann@example.com\r\nTo: bob@example.org\r\nSubject: Hello\r\n folded\r\nMessage-ID: <o@example.com>\r\n\r\nThe body.\r\n"

func report() *Report {
	return &Report{
		ID: "d1.7f", Host: "mail.example.com", To: mailaddr.Address{Local: "ann", Domain: "example.com"}, Time: at, Arrival: at.Add(-time.Hour), EnvID: "QQ+2B1",
		Original: strings.NewReader(original), OriginalSize: int64(len(original)),
		Recipients: []Recipient{{
			Address: "bob@example.org", ORcpt: "rfc822;bob+2Bx@example.org", Action: Failed, Status: "5.1.1",
			RemoteMTA: "mx.example.org", Diagnostic: "550 5.1.1 No such user here", Attempted: at,
		}},
	}
}

// read composes, scans with our scanner and returns the parts' bodies.
func read(t testing.TB, r *Report) (root *message.Part, header textproto.MIMEHeader, bodies []string) {
	t.Helper()
	b, err := Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.SplitSeq(b, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Fatalf("line %q", line)
		}
	}
	if root, err = message.Scan(bytes.NewReader(b), message.Limits{}); err != nil {
		t.Fatal(err)
	}
	if header, err = textproto.NewReader(bufio.NewReader(bytes.NewReader(b))).ReadMIMEHeader(); err != nil {
		t.Fatal(err)
	}
	for _, p := range root.Children {
		bodies = append(bodies, string(b[p.BodyOffset:p.BodyOffset+p.BodySize]))
	}
	return root, header, bodies
}

// fields reads the groups of the status part.
func fields(t testing.TB, status string) []textproto.MIMEHeader {
	t.Helper()
	var groups []textproto.MIMEHeader
	for _, g := range strings.Split(strings.TrimSuffix(status, "\r\n"), "\r\n\r\n") {
		h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(g + "\r\n\r\n"))).ReadMIMEHeader()
		if err != nil {
			t.Fatalf("%q: %v", g, err)
		}
		groups = append(groups, h)
	}
	return groups
}

func TestCompose(t *testing.T) {
	root, header, bodies := read(t, report())
	if root.Subtype != "report" || root.Param("report-type") != "delivery-status" || len(bodies) != 3 {
		t.Fatalf("%+v", root)
	}
	for name, want := range map[string]string{
		"From": "Mail Delivery System <MAILER-DAEMON@mail.example.com>", "To": "<ann@example.com>", "Subject": "Your message could not be delivered", "Date": "Mon, 02 Nov 2026 10:00:00 +0000",
		"Message-Id": "<d1.7f@mail.example.com>", "References": "<o@example.com>", "Auto-Submitted": "auto-replied", "Mime-Version": "1.0",
	} {
		if got := header.Get(name); got != want || len(header[name]) != 1 {
			t.Errorf("%s: %q, want %q", name, header[name], want)
		}
	}
	types := ""
	for _, p := range root.Children {
		types += p.Type + "/" + p.Subtype + " "
	}
	if types != "text/plain message/delivery-status text/rfc822-headers " {
		t.Error(types)
	}
	if want := "mx.example.org said: 550 5.1.1 No such user here"; !strings.Contains(bodies[0], "<bob@example.org>") || !strings.Contains(bodies[0], want) {
		t.Errorf("%s", bodies[0])
	}
	groups := fields(t, bodies[1])
	if len(groups) != 2 {
		t.Fatalf("%q", bodies[1])
	}
	for i, want := range []map[string]string{
		{"Reporting-Mta": "dns; mail.example.com", "Original-Envelope-Id": "QQ+1", "Arrival-Date": "Mon, 02 Nov 2026 09:00:00 +0000"},
		{"Original-Recipient": "rfc822; bob+x@example.org", "Final-Recipient": "rfc822; bob@example.org", "Action": "failed", "Status": "5.1.1",
			"Remote-Mta": "dns; mx.example.org", "Diagnostic-Code": "smtp; 550 5.1.1 No such user here", "Last-Attempt-Date": "Mon, 02 Nov 2026 10:00:00 +0000"},
	} {
		if len(groups[i]) != len(want) {
			t.Errorf("group %d: %v", i, groups[i])
		}
		for name, value := range want {
			if got := groups[i].Get(name); got != value {
				t.Errorf("%s: %q, want %q", name, got, value)
			}
		}
	}
	if head, _, _ := strings.Cut(original, "\r\n\r\n"); bodies[2] != head+"\r\n" {
		t.Errorf("returned %q", bodies[2])
	}
}

func TestReturned(t *testing.T) {
	r := report()
	r.Full = true
	root, _, bodies := read(t, r)
	if p := root.Children[2]; p.Embedded() == nil || p.Embedded().Envelope.Subject != "Hello folded" || bodies[2] != original {
		t.Errorf("%+v %q", p, bodies[2])
	}

	for name, change := range map[string]func(*Report){
		"not failed": func(r *Report) { r.Recipients[0].Action = Delivered },
		"too large":  func(r *Report) { r.OriginalSize = MaxFull + 1 },
	} {
		r := report()
		r.Full = true
		change(r)
		if root, _, bodies := read(t, r); root.Children[2].Subtype != "rfc822-headers" || strings.Contains(bodies[2], "The body") {
			t.Errorf("%s: %q", name, bodies[2])
		}
	}

	r = report()
	r.Original = nil
	if _, _, bodies := read(t, r); len(bodies) != 2 {
		t.Errorf("%d parts without an original", len(bodies))
	}

	r = report()
	r.Original = strings.NewReader(strings.Repeat("X-Bomb: y\r\n", 1<<20) + "\r\n")
	if _, _, bodies := read(t, r); len(bodies[2]) > MaxHeader || !strings.HasSuffix(bodies[2], "X-Bomb: y\r\n") {
		t.Errorf("a header of %d octets is returned, its end %q", len(bodies[2]), bodies[2][len(bodies[2])-20:])
	}

	r = report()
	broken := errors.New("broken")
	r.Original = io.MultiReader(strings.NewReader("From: a"), iotest.ErrReader(broken))
	if _, err := Compose(r); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestBoundaryIsNotInTheOriginal(t *testing.T) {
	r := report()
	evil := "Subject: x\r\n\r\n--=_d17f.0\r\n\r\nforged\r\n--=_d17f.1--\r\n"
	r.Full, r.Original, r.OriginalSize = true, strings.NewReader(evil), int64(len(evil))
	if root, _, bodies := read(t, r); len(root.Children) != 3 || bodies[2] != evil {
		t.Errorf("%q", bodies)
	}
}

func TestActions(t *testing.T) {
	for _, c := range []struct {
		action                      Action
		status, want, subject, text string
	}{
		{Failed, "5.1.1", "5.1.1", "Your message could not be delivered", "will not\r\nbe tried again"},
		{Failed, "4.4.7", "4.4.7", "Your message could not be delivered", "will not\r\nbe tried again"},
		{Failed, "", "5.0.0", "Your message could not be delivered", "will not\r\nbe tried again"},
		{Delayed, "4.4.1", "4.4.1", "Your message is delayed", "tried until Tue, 03 Nov 2026 10:00:00 +0000."},
		{Delayed, "5.1.1\r\nX: y", "4.0.0", "Your message is delayed", "tried until"},
		{Delivered, "2.1.5", "2.1.5", "Your message has been delivered", "has been delivered"},
		{Delivered, "4.1.5", "2.1.5", "Your message has been delivered", "has been delivered"},
		{Relayed, "", "2.0.0", "Your message has been passed on", "do not confirm"},
	} {
		r := report()
		r.Recipients[0].Action, r.Recipients[0].Status, r.Recipients[0].RetryUntil = c.action, c.status, at.Add(24*time.Hour)
		_, header, bodies := read(t, r)
		g := fields(t, bodies[1])[1]
		if header.Get("Subject") != c.subject || g.Get("Action") != string(c.action) || g.Get("Status") != c.want || !strings.Contains(bodies[0], c.text) {
			t.Errorf("%s %q: %v %v\n%s", c.action, c.status, header, g, bodies[0])
		}
		if until := g.Get("Will-Retry-Until"); (until != "") != (c.action == Delayed) {
			t.Errorf("%s: Will-Retry-Until %q", c.action, until)
		}
	}
	r := report()
	r.Recipients = append(r.Recipients, Recipient{Address: "late@example.org", Action: Delayed, Status: "4.4.1", Diagnostic: "no host answers"}, Recipient{Address: "ok@example.org", Action: Delivered})
	_, header, bodies := read(t, r)
	if groups := fields(t, bodies[1]); len(groups) != 4 || header.Get("Subject") != "Your message could not be delivered" || groups[2].Get("Diagnostic-Code") != "X-Posthouse; no host answers" {
		t.Errorf("%v", groups)
	}
}

func TestInternationalised(t *testing.T) {
	r := report()
	r.To.Local, r.SMTPUTF8 = "jörg", true
	r.Recipients[0].Address, r.Recipients[0].ORcpt = "käthe@example.org", "utf-8;käthe@example.org"
	r.Full = true
	root, header, bodies := read(t, r)
	g := fields(t, bodies[1])[1]
	if root.Children[1].Subtype != "global-delivery-status" || root.Children[2].Subtype != "global" || root.Param("report-type") != "global-delivery-status" ||
		header.Get("To") != "<jörg@example.com>" || g.Get("Final-Recipient") != "utf-8; käthe@example.org" || g.Get("Original-Recipient") != "utf-8; käthe@example.org" {
		t.Errorf("%+v %v %v", root, header, g)
	}
	r = report()
	r.Recipients[0].Address, r.Recipients[0].Diagnostic, r.Recipients[0].ORcpt = "käthe@example.org", "550 weiß nicht", "utf-8;käthe@x"
	_, _, bodies = read(t, r)
	g = fields(t, bodies[1])[1]
	if g.Get("Final-Recipient") != `utf-8; k\x{E4}the@example.org` || g.Get("Diagnostic-Code") != "smtp; 550 wei? nicht" || g.Get("Original-Recipient") != "" || !strings.Contains(bodies[0], "weiß") {
		t.Errorf("%v\n%s", g, bodies[0])
	}
}

func TestNothingToTell(t *testing.T) {
	r := report()
	r.Recipients = nil
	if _, err := Compose(r); !fault.Is(err, fault.Internal) {
		t.Errorf("%v", err)
	}
	r = report()
	r.To = mailaddr.Address{}
	if _, err := Compose(r); !fault.Is(err, fault.Internal) {
		t.Errorf("a notification to the null reverse-path: %v", err)
	}
}

// TestForeignTexts: nothing that others said can add a field, a part or a long line.
func TestForeignTexts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		foreign := func(name string) string {
			if rapid.Bool().Draw(rt, name+" long") {
				return strings.Repeat(rapid.StringN(1, 3, -1).Draw(rt, name), 1000)
			}
			return string(rapid.SliceOf(rapid.SampledFrom([]byte("a:;+2B\r\n \t\x00\x7f\xc3\xa4--=_<>"))).Draw(rt, name))
		}
		r := report()
		r.SMTPUTF8 = rapid.Bool().Draw(rt, "utf8")
		r.EnvID = foreign("envid")
		r.Recipients[0] = Recipient{Address: foreign("address"), ORcpt: "rfc822;" + foreign("orcpt"), Action: Failed, Status: foreign("status"), RemoteMTA: foreign("mta"), Diagnostic: foreign("diagnostic")}
		root, header, bodies := read(t, r)
		groups := fields(t, bodies[1])
		if len(root.Children) != 3 || len(header) != 10 || len(groups) != 2 || len(groups[0]) > 3 || len(groups[1]) > 7 {
			rt.Fatalf("%d parts, header %v, groups %v", len(root.Children), header, groups)
		}
	})
}
