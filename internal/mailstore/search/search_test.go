package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type line struct {
	name, value string
	f           Fields
}

// doc is a message as the index sees it.
type doc struct {
	id    int64
	lines []line
	body  []string // pieces
}

func (d doc) has(needle string, where Fields) bool {
	for _, l := range d.lines {
		text := l.value
		if where == All {
			text = l.name + ": " + text
		}
		if l.f&where != 0 && strings.Contains(text, needle) {
			return true
		}
	}
	return where&Body != 0 && strings.Contains(strings.Join(d.body, ""), needle)
}

func build(docs []doc) []byte {
	b := NewBuilder()
	for _, d := range docs {
		for _, l := range d.lines {
			b.Field(l.name, l.value)
		}
		for _, p := range d.body {
			b.Text(p)
		}
		b.Add(d.id)
	}
	return b.Encode()
}

func check(t interface{ Fatalf(string, ...any) }, s *Segment, docs []doc, needle string, where Fields) (sureCount int) {
	sure, maybe := s.Match(needle, where)
	for i, d := range docs {
		has := d.has(needle, where)
		if sure.Has(i) && !has {
			t.Fatalf("%q in %b: message %d is sure but hasn't it", needle, where, d.id)
		}
		if has && !sure.Has(i) && !maybe.Has(i) {
			t.Fatalf("%q in %b: message %d is missed: %+v", needle, where, d.id, d)
		}
	}
	return sure.Count()
}

func genDocs(t *rapid.T) []doc {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"alpha", "beta", "alphabet", "x", "<id123@host.example>", "bob@example.com", "ünïcode", "1234", "a.b", "-", "alpha,"}),
		rapid.StringMatching(`[a-z]{1,4}`),
		rapid.StringMatching(`[a-z0-9/+=]{60,90}`),
		rapid.StringMatching(`[a-z]{500,530}`),
	)
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 0, 8).Draw(t, "words"), " ")
	})
	names := rapid.SampledFrom([]string{"subject", "from", "to", "cc", "bcc", "received", "x-spam", "list-id", "message-id", "reply-to"})
	n := rapid.IntRange(0, 12).Draw(t, "docs")
	docs := make([]doc, 0, n)
	id := int64(0)
	for range n {
		id += rapid.Int64Range(1, 1000).Draw(t, "gap")
		d := doc{id: id}
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			name := names.Draw(t, "name")
			d.lines = append(d.lines, line{name, text.Draw(t, "value"), FieldOf(name)})
		}
		body := text.Draw(t, "body")
		for len(body) > 0 {
			cut := rapid.IntRange(1, len(body)).Draw(t, "cut")
			d.body = append(d.body, body[:cut])
			body = body[cut:]
		}
		docs = append(docs, d)
	}
	return docs
}

// What the index is sure of is right, and nothing that matches is missed, before
// and after a merge.
func TestMatchIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := genDocs(t)
		whole, err := Decode(build(docs))
		if err != nil {
			t.Fatal(err)
		}
		var parts []*Segment
		for rest := docs; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "part")
			s, err := Decode(build(rest[:n]))
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, s)
			rest = rest[n:]
		}
		rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		drop := rapid.Int64Range(2, 5).Draw(t, "drop")
		bytes, n := Merge(parts, func(id int64) bool { return id%drop != 0 })
		merged, err := Decode(bytes)
		if err != nil {
			t.Fatal(err)
		}
		kept := slices.DeleteFunc(slices.Clone(docs), func(d doc) bool { return d.id%drop == 0 })
		if n != len(kept) {
			t.Fatalf("%d messages after the merge, want %d", n, len(kept))
		}
		needle := rapid.OneOf(rapid.StringMatching(`[a-z0-9 @.<>:]{1,8}`), rapid.Custom(func(t *rapid.T) string {
			d := rapid.SampledFrom(append([]doc{{body: []string{"x"}}}, docs...)).Draw(t, "doc")
			all := strings.Join(d.body, "")
			for _, l := range d.lines {
				all += " " + l.name + ": " + l.value
			}
			all += " "
			from := rapid.IntRange(0, len(all)-1).Draw(t, "from")
			return all[from:rapid.IntRange(from+1, len(all)).Draw(t, "to")]
		}))
		for range 5 {
			text := needle.Draw(t, "needle")
			for _, where := range []Fields{Subject, From, To, Cc, Bcc, Header, Body, All} {
				check(t, whole, docs, text, where)
				check(t, merged, kept, text, where)
			}
		}
		for _, name := range []string{"subject", "received", "x-none"} {
			sure, maybe := whole.HasField(name)
			for i, d := range docs {
				has := slices.ContainsFunc(d.lines, func(l line) bool { return l.name == name })
				if sure.Has(i) && !has || has && !sure.Has(i) && !maybe.Has(i) {
					t.Fatalf("field %s of %+v: %v", name, d, has)
				}
			}
		}
	})
}

// Ordinary questions are answered without looking into messages.
func TestMatchIsSure(t *testing.T) {
	var docs []doc
	for i := range 500 {
		docs = append(docs, doc{
			id: int64(i + 1),
			lines: []line{
				{"subject", fmt.Sprintf("invoice number %d", i), Subject},
				{"received", fmt.Sprintf("from mx by relay id %x", uint64(i)*0x9E3779B97F4A7C15), Header},
			},
			body: []string{fmt.Sprintf("hello customer%d your parcel arrived", i%10)},
		})
	}
	s, err := Decode(build(docs))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		needle     string
		where      Fields
		sure, most int
	}{
		{"voice", Subject, 500, 0}, {"customer7", Body, 50, 0}, {"parcel", All, 500, 0}, {"zebra", All, 0, 10},
		{"hello", Subject, 0, 0}, {"e", All, 500, 0}, {"your parcel", Body, 0, 500}, {"nothing parcel", Body, 0, 0},
	} {
		if got := check(t, s, docs, c.needle, c.where); got != c.sure {
			t.Errorf("%q: %d sure, want %d", c.needle, got, c.sure)
		}
		if _, maybe := s.Match(c.needle, c.where); maybe.Count() > c.most {
			t.Errorf("%q: %d to look at, at most %d expected", c.needle, maybe.Count(), c.most)
		}
	}
}

// A message beyond the bounds stays a candidate.
func TestBounds(t *testing.T) {
	var many strings.Builder
	for i := range maxWords + 10 {
		fmt.Fprintf(&many, "w%d ", i)
	}
	docs := []doc{
		{id: 1, body: []string{many.String()}},
		{id: 2, body: []string{strings.Repeat("x", maxTail/2), strings.Repeat("y", maxTail/2), "z"}},
		{id: 3, lines: []line{{"subject", strings.Repeat("s", maxNamedWord+1), Subject}}},
		{id: 4, lines: []line{{strings.Repeat("n", 100), "v", Header}}},
	}
	s, err := Decode(build(docs))
	if err != nil {
		t.Fatal(err)
	}
	for _, needle := range []string{fmt.Sprintf("w%d", maxWords+5), "xy", "yz", "sss", "nnn: v"} {
		for _, where := range []Fields{Body, Subject, All} {
			check(t, s, docs, needle, where)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain text": "plain text", "Two  SPACES\r\n\tand": "two spaces and", " x ": " x ", "ÄÖ\u00a0Σςσ": "äö σσσ", "K\u212A": "kk",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
		if again := Fold(Fold(in)); again != Fold(in) {
			t.Errorf("Fold is not idempotent on %q", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(build(nil))
	f.Add(build([]doc{{id: 5, lines: []line{{"subject", "hello world", Subject}, {"received", "id 123", Header}}, body: []string{"some text"}}, {id: 9}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		for _, needle := range []string{"e", "hello wor", "a b c", ""} {
			s.Match(needle, All)
		}
		s.HasField("subject")
		Merge([]*Segment{s, s}, func(id int64) bool { return id%2 == 1 })
	})
}
