package smtpd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func decodeSplit(chunked bool, in string, cuts []int) (out string, n int, end bool, flaws flaw) {
	d := decoder{chunked: chunked}
	var b bytes.Buffer
	sink := func(p []byte) { b.Write(p) }
	from := 0
	for _, c := range append(cuts, len(in)) {
		if c < from || c > len(in) {
			continue
		}
		m, done := d.decode([]byte(in[from:c]), sink)
		n += m
		if done {
			return b.String(), n, true, d.flaws
		}
		from = c
	}
	return b.String(), n, false, d.flaws
}

func TestDecoder(t *testing.T) {
	for _, c := range []struct {
		in, out, rest string
		flaws         flaw
		open          bool
	}{
		{in: ".\r\n", out: ""},
		{in: "a\r\n.\r\nQUIT\r\n", out: "a\r\n", rest: "QUIT\r\n"},
		{in: "..\r\n.\r\n", out: ".\r\n"},
		{in: "...a\r\n.\r\n", out: "..a\r\n"},
		{in: ".a\r\n.\r\n", out: "a\r\n"},
		{in: "a.\r\n.\r\n", out: "a.\r\n"},
		{in: "\r\n\r\n.\r\n", out: "\r\n\r\n"},
		{in: "a\r\n.", out: "a\r\n", open: true},
		{in: "a\r\n.\r", out: "a\r\n", open: true},
		{in: "a\r", out: "a", open: true},
		{in: "a\x00b\r\n.\r\n", flaws: nul},
		{in: "ok\r\na\rb\r\n.\r\nx", flaws: bareCR, rest: "x"},
		{in: "a\r\r\n.\r\n", flaws: bareCR},
		{in: ".\r\r\n.\r\n", flaws: bareCR},
	} {
		out, n, end, flaws := decodeSplit(false, c.in, nil)
		if flaws != c.flaws || end == c.open || c.in[n:] != c.rest || (flaws == 0 && out != c.out) {
			t.Errorf("%q: out %q rest %q end %v flaws %b", c.in, out, c.in[n:], end, flaws)
		}
	}
}

// Every <x>.<y> with line ends and near line ends around the dot: one form ends
// the message, all others neither end it nor get through.
func TestDecoderSmuggling(t *testing.T) {
	ends := []string{"\r\n", "\n", "\r", "\n\r", "\r\r\n", "\n\n", "\r\r", "\r\n\x00", "\x00\r\n", "\x00", "\r\n\r", "\x0b", "\x0c", "\u0085", "\u2028", "\r\x00\n", "\n\x00"}
	injected := "MAIL FROM:<evil@example.net>\r\nRCPT TO:<x@example.net>\r\nDATA\r\n"
	for _, x := range ends {
		for _, y := range ends {
			t.Run(fmt.Sprintf("%q.%q", x, y), func(t *testing.T) {
				in := "Subject: a\r\n\r\nfirst" + x + "." + y + injected + "\r\n.\r\nNOOP\r\n"
				// What the strict reading is, by a different method.
				want := strings.Index(in, "\r\n.\r\n") + 5
				for cut := range len(in) {
					out, n, end, flaws := decodeSplit(false, in, []int{cut})
					if !end || n != want {
						t.Fatalf("cut %d: end %v at %d, want %d", cut, end, n, want)
					}
					content := in[:want-3]
					if odd := oddities(content); (odd != 0) != (flaws != 0) {
						t.Fatalf("cut %d: flaws %b, want like %b", cut, flaws, odd)
					}
					if flaws == 0 && out != strings.ReplaceAll(content, "\r\n.", "\r\n") {
						t.Fatalf("cut %d: out %q", cut, out)
					}
				}
			})
		}
	}
}

// oddities finds flaws in the simplest way.
func oddities(s string) (f flaw) {
	s = strings.ReplaceAll(s, "\r\n", "")
	if strings.Contains(s, "\r") {
		f |= bareCR
	}
	if strings.Contains(s, "\n") {
		f |= bareLF
	}
	if strings.Contains(s, "\x00") {
		f |= nul
	}
	return f
}

func TestDecoderSplitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"\r", "\n", "\r\n", ".", "a", "bc", "\x00", "\r\n.\r\n", "\r\n.."}), 0, 40).Draw(t, "in"), "")
		chunked := rapid.Bool().Draw(t, "chunked")
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(in)), 0, 8).Draw(t, "cuts")
		compareSplits(t, chunked, in, cuts)
	})
}

type failer interface{ Fatalf(string, ...any) }

func compareSplits(t failer, chunked bool, in string, cuts []int) {
	out1, n1, end1, f1 := decodeSplit(chunked, in, nil)
	out2, n2, end2, f2 := decodeSplit(chunked, in, cuts)
	if n1 != n2 || end1 != end2 || f1 != f2 {
		t.Fatalf("%q cut at %v: %d %v %b, whole: %d %v %b", in, cuts, n2, end2, f2, n1, end1, f1)
	}
	if f1 == 0 && out1 != out2 {
		t.Fatalf("%q cut at %v: %q, whole: %q", in, cuts, out2, out1)
	}
	// A CR held back at the end is not yet known to be bare.
	if odd := oddities(strings.TrimSuffix(out1, "\r")); f1 == 0 && odd != 0 {
		t.Fatalf("%q: output %q has %b", in, out1, odd)
	}
	if end1 && !chunked {
		if at := strings.Index("\r\n"+in, "\r\n.\r\n"); at+3 != n1 {
			t.Fatalf("%q: ended at %d, not at %d", in, n1, at+3)
		}
	}
	if end1 && chunked {
		t.Fatalf("%q: a dot ended a chunk", in)
	}
}

func FuzzDecoder(f *testing.F) {
	for _, s := range []string{"a\r\n.\r\n", "a\n.\r\nb\r\n.\n", "..\r\n.\r", "\r\r\n.\r\n", "x\x00\r\n", ".\r.\r\n"} {
		f.Add(false, []byte(s), 1, 3)
		f.Add(true, []byte(s), 2, 5)
	}
	f.Fuzz(func(t *testing.T, chunked bool, in []byte, a, b int) {
		compareSplits(t, chunked, string(in), []int{min(a, b), max(a, b)})
	})
}

func BenchmarkDecoder(b *testing.B) {
	body := []byte(strings.Repeat(strings.Repeat("x", 76)+"\r\n", 800))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d := decoder{}
		d.decode(body, func([]byte) {})
	}
}
