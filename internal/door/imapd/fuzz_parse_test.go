package imapd

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FuzzParse gives the parsers of all commands the same text. What is accepted
// must obey the bounds.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		` 1:*,3,$ (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (a "b c")]<0.1>) (CHANGEDSINCE 1 VANISHED)`,
		` 1 (UNCHANGEDSINCE 9) +FLAGS.SILENT (\Seen x)`,
		` RETURN (MIN MAX) CHARSET UTF-8 OR NOT SEEN (UID 1:2 SENTSINCE 1-Feb-2020) HEADER a {2}` + "\r\n" + `bc MODSEQ "/flags/\\seen" all 1`,
		` (1 2 3 (4 5)) (QRESYNC (1 2 3:4 (1 2)))`,
		` "a\"b" {3+}` + "\r\nabc",
		` (SUBSCRIBED RECURSIVEMATCH) "" ("%" *) RETURN (STATUS (MESSAGES) CHILDREN)`,
		` "17-Jul-1996 02:44:25 -0700"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p := func() *parser { return &parser{b: in} }
		if c, err := p().fetchCommand(); err == nil {
			if len(c.items) == 0 || len(c.items) > maxFetchItems+1 {
				t.Errorf("%d items", len(c.items))
			}
			for i := range c.items {
				if it := &c.items[i]; it.offset < 0 || it.length < 0 || len(it.path) > maxPath || strings.ContainsAny(it.label, "\x00") {
					t.Errorf("%+v", it)
				}
			}
			checkSet(t, c.set)
		}
		if c, err := p().storeCommand(); err == nil {
			checkSet(t, c.set)
		}
		if c, err := p().searchCommand(); err == nil && (c.key == nil || c.keys > maxSearchKeys) {
			t.Error("search key")
		}
		q := p()
		if q.take(' ') {
			if d, err := q.dateTime(); err == nil && (d.Year() < 0 || d.Year() > 9999) {
				t.Errorf("%v", d)
			}
		}
		if r, err := p().resync(); err == nil && (r.modSeq == 0 || r.uidValidity == 0) {
			t.Error("resync of 0")
		}
		if _, _, _, at, ok := literalSuffix(in); ok && in[at] != '{' && in[at] != '~' {
			t.Errorf("literal at %d of %q", at, in)
		}
		for _, isUTF8 := range []bool{false, true} {
			name, err := decodeMailbox(string(in), isUTF8)
			if err != nil {
				continue
			}
			if !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) || strings.ContainsAny(name, "\r\n\x00") {
				t.Errorf("name %q", name)
			}
			if back, ok := decodeUTF7(encodeUTF7(name)); !ok || back != name {
				t.Errorf("%q comes back as %q", name, back)
			}
		}
		var o output
		o.borrow()
		o.string(string(in))
		if o.buf[0] == '"' {
			back, err := (&parser{b: o.buf}).quoted()
			if err != nil || back != string(in) {
				t.Errorf("%q comes back as %q, %v", in, back, err)
			}
		}
		o.buf = o.buf[:0]
		o.text(string(in))
		if bytes.ContainsAny(o.buf, "\r\n") {
			t.Errorf("text %q", o.buf)
		}
	})
}

func checkSet(t *testing.T, s numSet) {
	rs := s.normal(1<<32 - 1)
	for i, r := range rs {
		if r.lo > r.hi || i > 0 && r.lo <= rs[i-1].hi+1 && rs[i-1].hi != 1<<32-1 {
			t.Errorf("%v becomes %v", s.ranges, rs)
		}
	}
}

// FuzzListPattern compares the matcher with a plain recursive one.
func FuzzListPattern(f *testing.F) {
	f.Add("a%b*c", "axb/c")
	f.Add("%/%", "a/b")
	f.Add("*%*%x", "a/b/x")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 12 || len(name) > 12 || name == "INBOX" {
			return
		}
		if got, want := compilePattern(pattern).match(name), slowMatch(pattern, name); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, name, got, want)
		}
	})
}

func slowMatch(p, n string) bool {
	if p == "" {
		return n == ""
	}
	if p[0] == '*' || p[0] == '%' {
		return slowMatch(p[1:], n) || n != "" && (p[0] == '*' || n[0] != '/') && slowMatch(p, n[1:])
	}
	return n != "" && p[0] == n[0] && slowMatch(p[1:], n[1:])
}
