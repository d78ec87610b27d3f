package reseller

import (
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/product"
)

func TestParseRate(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"1", "1"}, {"1.500000", "1.5"}, {"0.0000000001", "0.0000000001"}, {"1000000", "1000000"}, {"83.1000", "83.1"},
		{"0", ""}, {"-1", ""}, {"", ""}, {"1e2", ""}, {"1000000.1", ""}, {"0.00000000001", ""}, {"NaN", ""}, {"1,1", ""}, {".5", ""}, {"1.2.3", ""}, {strings.Repeat("1", 33), ""},
	} {
		got, err := ParseRate(c.in)
		if (err != nil) != (c.want == "") || got != c.want {
			t.Errorf("%q: %q, %v", c.in, got, err)
		}
	}
}

func TestParseTaxRate(t *testing.T) {
	for _, c := range []struct{ in, want string }{{"", ""}, {"0", ""}, {"0.00", ""}, {"19", "19"}, {"7.70", "7.7"}, {"100", "100"}, {"0.0001", "0.0001"}} {
		if got, err := ParseTaxRate(c.in); err != nil || got != c.want {
			t.Errorf("%q: %q, %v", c.in, got, err)
		}
	}
	for _, in := range []string{"-1", "100.01", "0.00001", "x", "1e1", " 1"} {
		if got, err := ParseTaxRate(in); err == nil {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestCheckProducts(t *testing.T) {
	all := []product.Key{product.BusinessEmail, product.TitanGlobal}
	got, err := CheckProducts([]product.Key{product.TitanGlobal, product.BusinessEmail, product.TitanGlobal}, all)
	if err != nil || !slices.Equal(got, all) {
		t.Error(got, err)
	}
	if got, err := CheckProducts(nil, all); err != nil || got == nil || len(got) != 0 {
		t.Error(got, err)
	}
	for _, bad := range []product.Key{product.EnterpriseUS, "eelitein", ""} {
		if got, err := CheckProducts([]product.Key{bad}, all); err == nil {
			t.Error(got)
		}
	}
}
