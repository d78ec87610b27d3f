package money

import (
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"
)

func TestParseValue(t *testing.T) {
	for _, c := range []struct{ in, want, cents string }{
		{"0", "0.000", "0.00"}, {"12.5", "12.500", "12.50"}, {"-48.6", "-48.600", "-48.60"}, {"0.001", "0.001", "0.001"}, {"-0.001", "-0.001", "-0.001"},
		{"1e2", "100.000", "100.00"}, {"-0", "0.000", "0.00"}, {"1.0010000", "1.001", "1.001"}, {"999999999999.999", "999999999999.999", "999999999999.999"},
		{"0.0001", "", ""}, {"1000000000001", "", ""}, {"9e17", "", ""}, {"NaN", "", ""}, {"", "", ""}, {"1,5", "", ""}, {strings.Repeat("9", 40), "", ""},
	} {
		v, err := ParseValue(c.in)
		if (err != nil) != (c.want == "") {
			t.Errorf("%.40q: %v", c.in, err)
			continue
		}
		if err == nil && (v.String() != c.want || v.Cents() != c.cents) {
			t.Errorf("%q is %s, %s", c.in, v, v.Cents())
		}
	}
}

func TestValueArithmetic(t *testing.T) {
	must := func(v Value, err error) Value {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := must(must(ParseValue("0.1")).Plus(must(ParseValue("0.2")))); v.String() != "0.300" {
		t.Error(v)
	}
	if v := must(Value(1005).Times(decimal.MustParse("1.5"))); v.String() != "1.508" { // half to even of 1.5075
		t.Error(v)
	}
	if v := must(RoundCents(decimal.MustParse("2.345"))); v.String() != "2.340" {
		t.Error(v)
	}
	if v := must(RoundValue(decimal.MustParse("-2.3455"))); v.String() != "-2.346" {
		t.Error(v)
	}
	if Value(-5).Abs() != 5 || must(Whole(-7)) != -7000 {
		t.Error("size")
	}
	if _, err := MaxValue.Plus(1); err == nil {
		t.Error("a sum beyond the bound")
	}
	if _, err := MaxValue.Times(decimal.MustParse("1000000")); err == nil {
		t.Error("a product beyond the bound")
	}
	if _, err := Whole(1 << 62); err == nil {
		t.Error("beyond the bound")
	}
}

func TestValueRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Value(rapid.Int64Range(-int64(MaxValue), int64(MaxValue)).Draw(t, "v"))
		w, err := ParseValue(v.String())
		if err != nil || w != v {
			t.Fatalf("%d became %d: %v", v, w, err)
		}
	})
}

func FuzzParseValue(f *testing.F) {
	for _, s := range []string{"0", "-12.500", "1e2", "1e999999999", "..", "٣", "-0.0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := ParseValue(s); err == nil && v.Abs() > MaxValue {
			t.Fatalf("%q became %s", s, v)
		}
	})
}
