package main

import (
	"bytes"
	"strings"
	"testing"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
)

// What is not set says what counts then.
func TestPrintShop(t *testing.T) {
	show := func(s shop.Settings) string {
		var b bytes.Buffer
		d := &tenancy.ShopDetails{Partner: &partner.Partner{ID: 2, Name: "Shop"}, Root: &reseller.Reseller{ID: 100000, SellingCurrency: "EUR"}, Settings: &s}
		if err := printShop(&output{Writer: &b}, d, false); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	got := show(shop.Settings{})
	for _, want := range []string{"link hosts         any\n", "endings            any\n", "default package    the cheapest\n", "preferred package  none\n", "hosts              none: only"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, " -\n") || strings.Contains(got, "%!") {
		t.Error(got)
	}
	if got := show(shop.Settings{LinkHosts: []string{"a.example", "b.example"}, DefaultPackage: 1002}); !strings.Contains(got, " a.example b.example\n") || !strings.Contains(got, " 1002\n") {
		t.Error(got)
	}
}
