package basekit

import (
	"fmt"
	"reflect"
	"testing"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/money"
)

// TestInvoices: what is open, taken back or paid in is none.
func TestInvoices(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	s.priced(shop.OriginOfEnding(""), shop.Price{Months: 12, Amount: 9_995})
	post := func(kind ledger.Type, v money.Value) int64 {
		x, err := w.core.PostManually(t.Context(), operator, selling.PostManually{CustomerID: s.ref, Type: kind, Amount: v, Description: "By hand"})
		if err != nil {
			t.Fatal(err)
		}
		return x.ID
	}
	open := post(ledger.Invoice, 5_000)
	s.bought("a.example")
	if got := s.want(s.do("GET", s.at("/users/me/invoices"), nil), 200)["invoices"].([]any); len(got) != 1 || got[0].(map[string]any)["totalAmount"] != "10.00" {
		t.Errorf("%v", got)
	}
	s.want(s.do("GET", s.at(fmt.Sprintf("/users/me/invoices/%d", open)), nil), 404)
	post(ledger.Receipt, 7_000)
	if _, err := w.core.PayTransactions(t.Context(), operator, selling.NamedTransactions{Invoices: []int64{open}}); err != nil {
		t.Fatal(err)
	}
	got := s.want(s.do("GET", s.at("/users/me/invoices?limit=1"), nil), 200)["invoices"].([]any)
	if len(got) != 1 || got[0].(map[string]any)["ref"] != float64(open) || got[0].(map[string]any)["accountDomainRef"] != nil || got[0].(map[string]any)["totalAmount"] != "5.00" {
		t.Errorf("%v", got)
	}
	other := w.shopper(w.ours, "other")
	s.want(s.do("GET", other.at(fmt.Sprintf("/users/me/invoices/%d", open)), nil), 404)
}

// TestOpenInvoices: what addToBC has put on the holder's account shows in the
// billing cycle, and in the list when it is asked for, until it is paid.
func TestOpenInvoices(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	mail := s.priced("plan:premium", shop.Price{Months: 12, Amount: 60_000})
	s.want(s.do("POST", s.at("/users/me/account-packages"), object{"packageRef": mail, "billingFrequency": 12, "addToBC": 1}), 200)
	invoices := func(query string) []any {
		return s.want(s.do("GET", s.at("/users/me/invoices"+query), nil), 200)["invoices"].([]any)
	}
	cycle := func() map[string]any {
		return s.want(s.do("GET", s.at("/users/me/billing-cycles/primary"), nil), 200)["billingCycle"].(map[string]any)
	}
	if len(invoices("")) != 0 || len(invoices("?status=paid")) != 0 || len(invoices("?status=open&offset=1")) != 0 {
		t.Error("an open invoice is told as a paid one")
	}
	open := invoices("?status=open")
	if len(open) != 1 {
		t.Fatalf("%v", open)
	}
	one := open[0].(map[string]any)
	if one["status"] != "open" || one["paidDate"] != nil || one["totalAmount"] != "60.00" || one["dueAmount"] != "60.00" {
		t.Errorf("%v", one)
	}
	path := s.at(fmt.Sprintf("/users/me/invoices/%.0f", one["ref"]))
	s.want(s.do("GET", path, nil), 404)
	if got := s.want(s.do("GET", path+"?status=open", nil), 200)["invoice"]; !reflect.DeepEqual(got, open[0]) {
		t.Errorf("%v", got)
	}
	if c := cycle(); c["amountDue"] != "60.00" || !reflect.DeepEqual(c["openInvoices"], open) {
		t.Errorf("%v", c)
	}
	pay := func(v money.Value) {
		t.Helper()
		if _, err := w.core.PostManually(t.Context(), operator, selling.PostManually{CustomerID: s.ref, Type: ledger.Receipt, Amount: v, Description: "Paid"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.core.PayTransactions(t.Context(), operator, selling.NamedTransactions{Invoices: []int64{int64(one["ref"].(float64))}}); err != nil {
			t.Fatal(err)
		}
	}
	pay(60_000)
	if c := cycle(); c["amountDue"] != "0.00" || len(c["openInvoices"].([]any)) != 0 || len(invoices("?status=open")) != 0 || len(invoices("")) != 1 {
		t.Errorf("%v", c)
	}
	s.want(s.do("GET", path+"?status=open", nil), 404)
	s.wantError(s.do("GET", s.at("/users/me/invoices?status=late"), nil), 400, "status", "invalid")
	other := w.shopper(w.ours, "other")
	s.want(s.do("GET", other.at(fmt.Sprintf("/users/me/invoices/%.0f?status=open", one["ref"])), nil), 404)
}
