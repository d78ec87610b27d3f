package resellerclub

import (
	"strconv"
	"testing"
	"time"

	"posthouse/internal/core/order"
)

// TestOrderSearch is every filter of 7.8.
func TestOrderSearch(t *testing.T) {
	s := newShop(t)
	rootCustomer, childCustomer, leafCustomer := s.newCustomer(s.root, "r@shop.example"), s.newCustomer(s.child, "c@shop.example"), s.newCustomer(s.grandchild, "g@shop.example")
	other := s.newCustomer(s.foreign, "f@shop.example")
	var ids []int64
	for i, x := range []struct {
		by       seller
		customer int64
		domain   string
	}{{s.root, rootCustomer, "a_b.example"}, {s.child, childCustomer, "axb.example"}, {s.child, childCustomer, "c.example"}, {s.grandchild, leafCustomer, "g.example"}, {s.foreign, other, "f.example"}} {
		if i == 0 {
			x.domain = "a.example"
		}
		ids = append(ids, s.order(x.by, x.customer, x.domain, 1))
		s.clock.Advance(time.Hour)
	}
	s.ok(s.post(s.child, "eelite/us/delete.json", "order-id", ids[2]))
	s.ok(s.post(s.grandchild, "orders/suspend.json", "order-id", ids[3]))
	at := func(h int) int64 { return start.Add(time.Duration(h) * time.Hour).Unix() }
	end := func(h int) int64 { return order.AddMonths(start, 1).Add(time.Duration(h) * time.Hour).Unix() }
	found := func(by seller, want []int64, pairs ...any) {
		t.Helper()
		r := s.get(by, "eelite/us/search.json", append([]any{"no-of-records", 10, "page-no", 1}, pairs...)...)
		o := s.is(r, "recsindb", strconv.Itoa(len(want)), "recsonpage", strconv.Itoa(len(want)))
		for i, id := range want {
			row, _ := o[strconv.Itoa(i+1)].(map[string]any)
			if row["orders.orderid"] != strconv.FormatInt(id, 10) {
				t.Errorf("%v: row %d is %v, want %d", pairs, i+1, row["orders.orderid"], id)
			}
		}
		if len(o) != len(want)+2 {
			t.Errorf("%v: %s", pairs, r.body)
		}
	}
	pick := func(n ...int) (out []int64) {
		for _, i := range n {
			out = append(out, ids[i])
		}
		return out
	}
	found(s.root, pick(0))
	found(s.root, pick(0, 1, 2, 3), "show-child-orders", "true")
	found(s.child, pick(1, 2))
	found(s.child, pick(1, 2, 3), "show-child-orders", "1")
	found(s.grandchild, pick(3), "show-child-orders", "true")
	found(s.sibling, nil, "show-child-orders", "true")
	found(s.root, pick(1, 2), "reseller-id", s.child.id)
	found(s.root, pick(1, 2, 3), "reseller-id", s.child.id, "reseller-id", s.grandchild.id)
	found(s.root, pick(1, 2, 3), "reseller-id", s.child.id, "show-child-orders", "true")
	for _, beyond := range []seller{s.root, s.sibling, s.foreign} {
		found(s.child, nil, "reseller-id", beyond.id, "show-child-orders", "true")
	}
	found(s.child, nil, "order-id", ids[0], "show-child-orders", "true")
	found(s.child, nil, "order-id", ids[4], "show-child-orders", "true")
	found(s.child, nil, "customer-id", rootCustomer, "show-child-orders", "true")
	found(s.root, pick(3), "customer-id", leafCustomer, "show-child-orders", "true")
	found(s.root, pick(1, 3), "order-id", ids[1], "order-id", ids[3], "show-child-orders", "true")
	found(s.child, pick(2), "status", "Deleted")
	found(s.child, pick(1), "status", "Active")
	found(s.root, pick(2, 3), "status", "Deleted", "status", "Suspended", "show-child-orders", "true")
	found(s.child, nil, "status", "Archived", "status", "InActive", "status", "Pending Delete Restorable")
	found(s.child, pick(2), "domain-name", "C.example")
	found(s.child, pick(1), "domain-name", "a%")
	found(s.child, nil, "domain-name", "a_b.example%")
	found(s.child, pick(1, 2), "domain-name", "%.exam%ple")
	found(s.root, pick(1, 2), "creation-date-start", at(0), "creation-date-end", at(3), "show-child-orders", "true")
	found(s.root, pick(2), "expiry-date-start", end(1), "expiry-date-end", end(3), "show-child-orders", "true")
	found(s.child, pick(2, 1), "order-by", "orderid desc")
	found(s.child, pick(2, 1), "order-by", "entity.description DESC", "order-by", "orders.orderid")
	found(s.root, pick(1, 2, 0), "order-by", "customerid desc", "reseller-id", s.root.id, "reseller-id", s.child.id)
	found(s.child, pick(1, 2), "order-by", "endtime", "order-by", "creationtime", "order-by", "creationdt", "order-by", "entity.customerid")
	s.is(s.get(s.child, "eelite/us/search.json", "no-of-records", 1, "page-no", 2), "recsindb", "2", "recsonpage", "1")
	s.is(s.get(s.child, "eelite/us/search.json", "no-of-records", 1, "page-no", 1_000_000_000), "recsindb", "2", "recsonpage", "0")

	actions := func(by seller, total string, pairs ...any) {
		t.Helper()
		s.is(s.get(by, "actions/search-archived.json", append([]any{"no-of-records", 10, "page-no", 1}, pairs...)...), "recsindb", total)
	}
	actions(s.root, "6")
	actions(s.child, "5")
	actions(s.sibling, "0")
	actions(s.child, "0", "order-id", ids[0])
	actions(s.child, "2", "order-id", ids[2])
	actions(s.child, "1", "order-id", ids[2], "action-type", "Delete")
	actions(s.child, "0", "action-status", "Failed")
	actions(s.child, "5", "action-status", "Success", "entity-type-id", 283)
	actions(s.child, "0", "entity-type-id", 284)
	actions(s.child, "0", "entity-type-id", 1)
}
