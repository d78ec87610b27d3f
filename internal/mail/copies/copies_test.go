package copies

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"posthouse/internal/core/routing"
	"posthouse/internal/mailaddr"
	"posthouse/internal/message"
)

func TestPlan(t *testing.T) {
	var p Plan
	if p.Len() != 0 || p.Has(1) || p.Variants() != nil {
		t.Error("the empty plan")
	}
	p.Add(1, "team@d.example")
	p.Add(2, "team@d.example")
	p.Add(3, "a@d.example")
	p.Add(1, "")              // direct goes before
	p.Add(1, "all@d.example") // and stays
	p.Add(3, "all@d.example") // the first way counts
	p.Add(4, "")
	want := []Variant{{"", []int64{1, 4}}, {"team@d.example", []int64{2}}, {"a@d.example", []int64{3}}}
	if got := p.Variants(); !reflect.DeepEqual(got, want) || p.Len() != 4 || !p.Has(3) || p.Has(5) {
		t.Errorf("%+v", got)
	}
}

func TestDeliveredTo(t *testing.T) {
	a, err := mailaddr.Parse("Team@D.example")
	if err != nil {
		t.Fatal(err)
	}
	for via, want := range map[routing.Via]string{
		routing.ViaDirect: "", routing.ViaAlias: "team@d.example", routing.ViaForwarder: "team@d.example", routing.ViaCatchAll: "team@d.example",
	} {
		if got := DeliveredTo(a, via); got != want {
			t.Errorf("%s: %q", via, got)
		}
	}
	if Field("") != "" || Field("team@d.example") != "Delivered-To: team@d.example\r\n" {
		t.Error("Field")
	}
}

func TestVisited(t *testing.T) {
	const a = "team@d.example"
	for name, c := range map[string]struct {
		header string
		want   bool
	}{
		"ours":               {Field(a), true},
		"after others":       {"Return-Path: <x@y>\r\nReceived: from a\r\n\tby b\r\n" + Field(a), true},
		"case and space":     {"DELIVERED-to :  Team@D.Example \r\n", true},
		"brackets":           {"Delivered-To: <team@d.example>\r\n", true},
		"folded":             {"Delivered-To:\r\n team@d.example\r\n", true},
		"bare line feeds":    {"X: y\nDelivered-To: team@d.example\n\n", true},
		"no end":             {"Delivered-To: team@d.example", true},
		"quoted":             {"Delivered-To: \"team\"@d.example\r\n", true},
		"another address":    {"Delivered-To: other@d.example\r\n", false},
		"in another field":   {"Subject: Delivered-To: team@d.example\r\n", false},
		"folded in another":  {"Subject: x\r\n Delivered-To: team@d.example\r\n", false},
		"another name":       {"X-Delivered-To: team@d.example\r\n", false},
		"in the body":        {"Subject: x\r\n\r\nDelivered-To: team@d.example\r\n", false},
		"no address":         {"Delivered-To: team\r\n", false},
		"a list":             {"Delivered-To: team@d.example, x@d.example\r\n", false},
		"a long value":       {"Delivered-To: " + strings.Repeat(" ", 5000) + a + "\r\n", false},
		"behind a long line": {"X: " + strings.Repeat("x", 100_000) + "\r\n" + Field(a), true},
		"nothing":            {"", false},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.header), iotest.OneByteReader(strings.NewReader(c.header))} {
			got, err := Visited(r, "", "x@d.example", a)
			if err != nil || slices.Contains(got, a) != c.want || len(got) > 1 {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
	if got, err := Visited(iotest.ErrReader(io.ErrUnexpectedEOF), a); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Visited(iotest.ErrReader(io.ErrUnexpectedEOF), ""); got != nil || err != nil {
		t.Errorf("it reads when nothing is asked: %v, %v", got, err)
	}
}

// FuzzVisited compares with the parser that other packages use.
func FuzzVisited(f *testing.F) {
	for _, s := range []string{
		"Delivered-To: a@b.example\r\n\r\n", "delivered-to:\r\n\ta@b.example\r\nX: y\r\n\r\nDelivered-To: a@b.example", " x\r\nDelivered-To: <a@b.example>",
		"Delivered-To: A@B.example\nY:\n", "\r\nDelivered-To: a@b.example", "Delivered-To: a@b.example\r\n\r\r\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Visited(bytes.NewReader(b), "a@b.example")
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := Visited(iotest.HalfReader(bytes.NewReader(b)), "a@b.example"); !slices.Equal(got, again) {
			t.Fatalf("%v, in pieces %v", got, again)
		}
		if bytes.Contains(bytes.ReplaceAll(b, []byte("\r\n"), nil), []byte("\r")) || len(b) > maxHeader {
			return // a bare CR is no line's end elsewhere
		}
		header := b
		if i := bytes.Index(header, []byte("\n\r\n")); i >= 0 {
			header = header[:i+1]
		}
		if i := bytes.Index(header, []byte("\n\n")); i >= 0 {
			header = header[:i+1]
		}
		if bytes.HasPrefix(b, []byte("\n")) || bytes.HasPrefix(b, []byte("\r\n")) {
			header = nil
		}
		want := false
		for _, v := range message.FieldValues(header, "Delivered-To") {
			want = want || len(v) < maxValue/2 && address(v) == "a@b.example"
		}
		if want && len(got) == 0 {
			t.Fatalf("%q: not found", b)
		}
	})
}
