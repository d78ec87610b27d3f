package money

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"0", "0.00"},
		{"12.50", "12.50"},
		{"12.5", "12.50"},
		{"1e2", "100.00"},
		{"1.005", "1.00"},
		{"1.015", "1.02"},
		{"+3", "3.00"},
		{"99999999999999.99", "99999999999999.99"},
		{"-1", ""},
		{"-0.00", "0.00"},
		{"", ""},
		{"NaN", ""},
		{"1,50", ""},
		{"0x10", ""},
		{"99999999999999999999", ""},
		{"9999999999999999999", ""},
		{"1e400", ""},
		{strings.Repeat("1", 1<<16), ""},
	} {
		a, err := Parse(c.in)
		if (err != nil) != (c.want == "") {
			t.Errorf("Parse(%.40q): %v", c.in, err)
			continue
		}
		if err == nil && a.String() != c.want {
			t.Errorf("Parse(%q) = %s, want %s", c.in, a, c.want)
		}
	}
}

func TestJSONIsANumberWithTwoPlaces(t *testing.T) {
	var zero Amount
	b, err := json.Marshal(map[string]any{"amount": zero})
	if err != nil || string(b) != `{"amount":0.00}` {
		t.Fatalf("%s, %v", b, err)
	}
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := Parse(rapid.StringMatching(`[0-9]{1,12}(\.[0-9]{0,4})?`).Draw(t, "s"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := Parse(a.String())
		if err != nil || b.String() != a.String() {
			t.Fatalf("%s became %s: %v", a, b, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0", "12.50", "-1", "1e2", "1e999999999", "..", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := Parse(s); err == nil && !strings.Contains(a.String(), ".") {
			t.Fatalf("%q became %s", s, a)
		}
	})
}

func TestSums(t *testing.T) {
	amount := func(s string) Amount {
		a, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a, err := amount("0.10").Plus(amount("0.20")); err != nil || a.String() != "0.30" {
		t.Error(a, err)
	}
	if a, err := amount("12.35").Times(3); err != nil || a.String() != "37.05" {
		t.Error(a, err)
	}
	if a, err := amount("12.35").Times(0); err != nil || a.String() != "0.00" {
		t.Error(a, err)
	}
	large := amount("99999999999999999.99")
	if a, err := large.Plus(large); err == nil {
		t.Error("a sum that is too large is", a)
	}
	if a, err := large.Times(1000); err == nil {
		t.Error("a product that is too large is", a)
	}
	if a, err := large.Times(-1); err == nil {
		t.Error("less than nothing is", a)
	}
}
