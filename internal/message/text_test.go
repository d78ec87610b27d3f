package message

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

func checkText(t testing.TB, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%q is no UTF-8", s)
	}
}

func textOf(t testing.TB, msg string) string {
	t.Helper()
	var b strings.Builder
	if err := Text(mustScan(t, msg), strings.NewReader(msg), func(s string) {
		checkText(t, s)
		b.WriteString(s)
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	for _, c := range []struct{ name, msg, want string }{
		{"plain", "\r\nhello\r\n", "hello\r\n"},
		{"utf-8", "Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße €", "Grüße €"},
		{"latin-1 declared", "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe", "Grüße"},
		{"8 bit undeclared", "\r\nGr\xfc\xdfe \x80", "Grüße €"},
		{"unknown charset", "Content-Type: text/plain; charset=klingon\r\n\r\nGr\xfc\xdfe", "Grüße"},
		{"iso-2022-jp", "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$3$s\x1b(B", "こん"},
		{"utf-16", "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\nRwByAPwA", "Grü"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=\r\n=C3=9Fe  \r\n=zz = 3", "Grüße\r\n=zz = 3"},
		{"base64", "Content-Transfer-Encoding: base64\r\n\r\nR3LD\r\nvMOfZQ==\r\n", "Grüße"},
		{"unknown encoding", "Content-Transfer-Encoding: rot13\r\n\r\nuryyb", "uryyb"},
		{"html", "Content-Type: text/html\r\n\r\n<html><head><style>p{}</style><script>if (a<b) \"</p>\"</script></head><!-- <b>no</b> -- ><p -->\r\n<p class=\"a>b\">a&amp;b&nbsp;c&#8364;<b>d</b>e<br>f &lt;g&gt; &bogus; 1 < 2 &</p></html>",
			" a&b c€de f <g> &bogus; 1 < 2 & "},
		{"two parts, no image", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: image/png\r\n\r\nxx\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "one\ntwo"},
		{"embedded message", "Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?=C3=BC?=\r\nFrom: A <a@b>\r\n\r\nin", "ü\nA <a@b>\nin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := textOf(t, c.msg); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTextSplitsNoCharacter(t *testing.T) {
	body := strings.Repeat("€", 40_000)
	if got := textOf(t, "Content-Type: text/plain; charset=utf-8\r\n\r\nx"+body); got != "x"+body {
		t.Error("characters were lost between pieces")
	}
}

type failingAt struct{ err error }

func (f failingAt) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestTextReadError(t *testing.T) {
	broken := errors.New("broken")
	for _, msg := range []string{"\r\nx", "Content-Type: text/plain; charset=koi8-r\r\n\r\nx"} {
		if err := Text(mustScan(t, msg), failingAt{broken}, func(string) {}); !errors.Is(err, broken) || !fault.Is(err, fault.Unavailable) {
			t.Errorf("%v", err)
		}
	}
}

func TestDecodeBody(t *testing.T) {
	for _, c := range []struct{ encoding, body, want string }{
		{"7bit", "a=3D\r\n", "a=3D\r\n"},
		{"binary", "\x00\xff", "\x00\xff"},
		{"base64", "", ""},
		{"base64", "QUJD", "ABC"},
		{"base64", "Q U\r\nJ*D", "ABC"},
		{"base64", "QUI=QUI=", "ABAB"},
		{"base64", "QQ==\r\nQg==", "AB"},
		{"base64", "QUJDR", "ABC"},
		{"base64", "QUJDRA", "ABCD"},
		{"base64", "====", ""},
		{"quoted-printable", "a=3Db=3d\r\n", "a=b=\r\n"},
		{"quoted-printable", "a=\r\nb=\nc= \t\r\nd", "abcd"},
		{"quoted-printable", "a \t\r\nb  ", "a\r\nb"},
		{"quoted-printable", "a=", "a"},
		{"quoted-printable", "a=4", "a=4"},
		{"quoted-printable", "a=4g=g4=  x==41", "a=4g=g4=  x=A"},
		{"quoted-printable", "a=\rb", "ab"},
	} {
		msg := "Content-Transfer-Encoding: " + c.encoding + "\r\n\r\n" + c.body
		p := mustScan(t, msg)
		r, err := DecodeBody(p, strings.NewReader(msg))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(iotest.OneByteReader(r))
		if err != nil || string(got) != c.want {
			t.Errorf("%s %q: %q, %v; want %q", c.encoding, c.body, got, err, c.want)
		}
	}
	p := mustScan(t, "Content-Transfer-Encoding: x-uuencode\r\n\r\n")
	if _, err := DecodeBody(p, strings.NewReader("")); fault.Of(err).Reason != ReasonUnknownCTE {
		t.Errorf("%v", err)
	}
}

func TestQuotedPrintableLongSpace(t *testing.T) {
	var q quotedPrintable
	in := []byte(strings.Repeat(" ", 10_000) + "x")
	if got := q.flush(q.append(nil, in)); !bytes.Equal(got, in) || cap(q.space) > 4*maxHeldSpace {
		t.Errorf("%d octets of %d, %d held", len(got), len(in), cap(q.space))
	}
}

// TestTransferPieces: however the input is cut, the result is the same.
func TestTransferPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := []byte(rapid.StringMatching(`([A-Za-z0-9+/ \t\r\n=]|=[0-9A-F]{2}|=\r\n){0,80}`).Draw(t, "in"))
		cut := rapid.IntRange(0, len(in)).Draw(t, "cut")
		for _, pair := range [][2]transferDecoder{{&base64State{}, &base64State{}}, {&quotedPrintable{}, &quotedPrintable{}}} {
			whole := pair[0].flush(pair[0].append(nil, in))
			pieces := pair[1].flush(pair[1].append(pair[1].append(nil, in[:cut]), in[cut:]))
			if !bytes.Equal(whole, pieces) {
				t.Fatalf("%T %q cut at %d: %q, whole %q", pair[0], in, cut, pieces, whole)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	for kind, msg := range map[string][]byte{"plain": simpleMessage(100 << 10), "html": append([]byte("Content-Type: text/html\r\n\r\n"), bytes.Repeat([]byte("<p>Some <b>text</b> &amp; more of it</p>\r\n"), 2500)...)} {
		p := mustScan(b, string(msg))
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(len(msg)))
			r := bytes.NewReader(msg)
			for b.Loop() {
				if err := Text(p, r, func(string) {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
