package resellerclub

import (
	"fmt"
	"strconv"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/money"
)

// shop is a world with price lists: every reseller sells everything for 6.25 to
// add and 5.00 to renew, per account and month, and pays its parent 2.00.
type shop struct{ *world }

func newShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{newWorld(t)}
	s.branded()
	for _, r := range []seller{s.root, s.child, s.grandchild, s.sibling, s.foreign} {
		s.priced(r, price.Customers, "6.25", "5.00")
		s.priced(r, price.Resellers, "2.00", "2.00")
	}
	return s
}

func (s *shop) actor(r seller) audit.Actor {
	id := s.partner
	if r == s.foreign {
		id = s.otherPartner
	}
	return audit.Actor{PartnerID: id, Role: suspension.RolePartner, Name: "reseller", Limited: true, Limit: audit.Limit{ResellerID: r.id}}
}

func (s *shop) priced(r seller, audience price.Audience, add, renew string) {
	s.t.Helper()
	var rows []pricing.SetPrice
	for _, p := range product.All() {
		for _, unit := range price.Units(p) {
			for _, months := range []int{1, 3, 12} { // 6 months are not priced
				rows = append(rows, pricing.SetPrice{Item: price.Item{Product: p.Key, Unit: unit, Action: price.Add, Months: months}, Figure: add},
					pricing.SetPrice{Item: price.Item{Product: p.Key, Unit: unit, Action: price.Renew, Months: months}, Figure: renew})
			}
		}
	}
	if _, err := s.core.SetPrices(s.t.Context(), s.actor(r), pricing.PriceListRef{Audience: audience}, rows); err != nil {
		s.t.Fatal(err)
	}
}

// fund gives a customer money.
func (s *shop) fund(r seller, customerID int64, amount string) {
	s.t.Helper()
	v, err := money.ParseValue(amount)
	if err == nil {
		_, err = s.core.PostManually(s.t.Context(), s.actor(r), selling.PostManually{CustomerID: customerID, Type: ledger.Receipt, Amount: v, Description: "funds"})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// fundReseller is fund for a reseller, by its parent.
func (s *shop) fundReseller(parent, r seller, amount string) {
	s.t.Helper()
	v, err := money.ParseValue(amount)
	if err == nil {
		_, err = s.core.PostManually(s.t.Context(), s.actor(parent), selling.PostManually{ResellerID: r.id, Type: ledger.Receipt, Amount: v, Description: "funds"})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// order buys one of Business Email and gives its number.
func (s *shop) order(r seller, customerID int64, domain string, seats int) int64 {
	s.t.Helper()
	return idOf(s.t, s.object(s.post(r, "eelite/us/add.json", "domain-name", domain, "customer-id", customerID, "months", 1, "no-of-accounts", seats,
		"invoice-option", "NoInvoice")), "entityid")
}

func idOf(t testing.TB, o map[string]any, key string) int64 {
	t.Helper()
	text, _ := o[key].(string)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is no number in %v", key, o)
	}
	return n
}

// is wants members of a reply's object.
func (s *shop) is(r reply, pairs ...string) map[string]any {
	s.t.Helper()
	o := s.object(r)
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := fmt.Sprint(o[pairs[i]]); got != pairs[i+1] {
			s.t.Errorf("%s is %q, want %q, in %s", pairs[i], got, pairs[i+1], r.body)
		}
	}
	return o
}

// shows wants members of an order's details.
func (s *shop) shows(r seller, id int64, pairs ...string) map[string]any {
	s.t.Helper()
	return s.is(s.get(r, "eelite/us/details.json", "order-id", id), pairs...)
}

// runDue does what has fallen due for an order.
func (s *shop) runDue(id int64) {
	s.t.Helper()
	job := audit.Actor{Role: suspension.RoleTitan, Name: "job:test"}
	if err := s.core.RunDue(s.t.Context(), job, due.Item{Kind: due.Order, ObjectID: id}, s.store.Boxes); err != nil {
		s.t.Fatal(err)
	}
}
