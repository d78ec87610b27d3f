package smtpclient

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func FuzzReply(f *testing.F) {
	for _, s := range []string{
		"220 x\r\n", "250-a\r\n250-SIZE 10\r\n250 STARTTLS\r\n", "550 5.1.1 no\r\n", "550-5.1.1 a\r\n550 5.1.1 b\r\n", "250\r\n",
		"25", "999 x\r\n", "250-a\r\n251 b\r\n", "250 \x00\xff\r\n", strings.Repeat("250-x\r\n", 200),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readReply(bufio.NewReaderSize(bytes.NewReader(b), 64))
		if err != nil {
			return
		}
		if r.Code < 200 || r.Code > 599 || len(r.Lines) == 0 || len(r.Lines) > maxReplyLines {
			t.Errorf("%+v", r)
		}
		for _, c := range []byte(r.String()) {
			if c < 0x20 || c > 0x7e {
				t.Errorf("unprintable in %q", r.String())
			}
		}
		if r.Enhanced != "" && int(r.Enhanced[0]-'0') != r.Code/100 {
			t.Errorf("class of %+v", r)
		}
		if e := parseExtensions(r.Lines); e.SizeLimit < 0 {
			t.Errorf("%+v", e)
		}
	})
}

// FuzzDot checks that no content can end the data early or hold a bare CR or LF.
func FuzzDot(f *testing.F) {
	for _, s := range []string{"", ".", "\r\n.\r\n", "a\n.\nb", "a\r.\rb", "\n.\r\n", "\r.\n", "x\r\n.y\r\n", "\r", "\n"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		var out bytes.Buffer
		d := &dotWriter{w: bufio.NewWriter(&out)}
		at = max(0, min(at, len(b)))
		for _, p := range [][]byte{b[:at], b[at:]} {
			if n, err := d.Write(p); n != len(p) || err != nil {
				t.Fatal(n, err)
			}
		}
		if err := d.end(); err != nil {
			t.Fatal(err)
		}
		if err := d.w.Flush(); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		if strings.Count("\r\n"+got, "\r\n.\r\n") != 1 || !strings.HasSuffix("\r\n"+got, "\r\n.\r\n") {
			t.Errorf("%q gives %q", b, got)
		}
		if rest := strings.ReplaceAll(got, "\r\n", ""); strings.ContainsAny(rest, "\r\n") {
			t.Errorf("%q gives %q", b, got)
		}
		plain := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(b))
		back := strings.ReplaceAll(strings.TrimSuffix(got, ".\r\n"), "\r\n", "\n")
		back = strings.ReplaceAll("\n"+back, "\n..", "\n.")[1:]
		if plain != "" && !strings.HasSuffix(plain, "\n") {
			plain += "\n"
		}
		if back != plain {
			t.Errorf("%q gives %q, not %q", b, back, plain)
		}
	})
}
