package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// sold is an order with whom it belongs to.
type sold struct {
	*order.Order
	seller int64
}

// sells reports whether a customer of seller is meant; above gives the path of each.
func sells(s work.Sellers, seller int64, tree map[int64]*reseller.Reseller) bool {
	return slices.ContainsFunc(s.Of, func(r *reseller.Reseller) bool {
		return seller == r.ID || r.Root() && seller == 0 || s.Below && (seller == 0 && r.Root() || seller != 0 && r.Above(tree[seller]))
	})
}

// matches is a domain filter, by backtracking.
func matchesDomain(pattern, domain string) bool {
	before, after, wild := strings.Cut(pattern, "%")
	if !wild {
		return pattern == domain
	}
	rest, ok := strings.CutPrefix(domain, before)
	for ok {
		if matchesDomain(after, rest) {
			return true
		}
		if rest == "" {
			return false
		}
		rest = rest[1:]
	}
	return false
}

func selectsOrder(f work.OrderSearchFilter, o sold, tree map[int64]*reseller.Reseller) bool {
	in := func(t *time.Time, after, before *time.Time) bool {
		return (after == nil || t != nil && t.After(*after)) && (before == nil || t != nil && t.Before(*before))
	}
	return sells(f.Sellers, o.seller, tree) && (f.Products == nil || slices.Contains(f.Products, o.ProductKey)) &&
		(f.OrderIDs == nil || slices.Contains(f.OrderIDs, o.ID)) && (f.CustomerIDs == nil || slices.Contains(f.CustomerIDs, o.CustomerID)) &&
		(f.States == nil || slices.Contains(f.States, o.Shown(f.At))) && (f.Domain == "" || matchesDomain(f.Domain, o.Domain)) &&
		in(&o.CreatedAt, f.CreatedAfter, f.CreatedBefore) && in(o.ExpiresAt, f.ExpiresAfter, f.ExpiresBefore)
}

func orderedOrders(by []work.OrderBy) func(a, b sold) int {
	unix := func(t *time.Time) int64 {
		if t == nil {
			return 0
		}
		return t.UnixMicro()
	}
	return func(a, b sold) int {
		for _, o := range by {
			c := 0
			switch o.Column {
			case work.ByOrderID:
				c = cmp.Compare(a.ID, b.ID)
			case work.ByCustomerID:
				c = cmp.Compare(a.CustomerID, b.CustomerID)
			case work.ByDomain:
				c = strings.Compare(a.Domain, b.Domain)
			case work.ByCreation:
				c = a.CreatedAt.Compare(b.CreatedAt)
			case work.ByExpiry:
				c = cmp.Compare(unix(a.ExpiresAt), unix(b.ExpiresAt))
			}
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.ID, b.ID)
	}
}

// testOrderSearch compares searches with the same written down naively.
func testOrderSearch(t *testing.T, b *bench) {
	p := b.partner()
	root := b.reseller(p, nil, "root")
	left := b.reseller(p, root, "left")
	leaf := b.reseller(p, left, "leaf")
	right := b.reseller(p, root, "right")
	tree := map[int64]*reseller.Reseller{root.ID: root, left.ID: left, leaf.ID: leaf, right.ID: right}
	var customers []*customer.Customer
	for i, sellerID := range []int64{0, root.ID, left.ID, leaf.ID, right.ID, left.ID} {
		c := &customer.Customer{PartnerID: p.ID, CustomerID: fmt.Sprintf("c%d", i), ResellerID: sellerID, Status: customer.Active, CreatedAt: epoch, UpdatedAt: epoch}
		b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), c) })
		customers = append(customers, c)
	}
	b.anOrder("another.example") // of another partner
	var list []sold
	var actions []*action.Action
	for i := range 60 {
		c := customers[i%len(customers)]
		o := newOrder(c, fmt.Sprintf("%c_%d.example", 'a'+i%3, i/7))
		o.Serviceable = false
		o.CreatedAt = when(i % 9)
		if i%4 != 0 {
			o.ExpiresAt = maybe(20 + i%11)
		}
		o.ProductKey = []product.Key{"", product.BusinessEmail, product.TitanGlobal}[i%3]
		switch i % 10 {
		case 1:
			o.PendingPayment = true
		case 2:
			o.Suspensions = suspension.Set{{Type: "expiry", Role: suspension.RoleTitan, On: when(1)}}
		case 3:
			o.DeletedAt, o.PurgeAt = maybe(3), maybe(1000)
		case 4:
			o.DeletedAt, o.PurgeAt, o.Expired = maybe(3), maybe(1000), true
		case 5:
			o.DeletedAt, o.PurgeAt, o.Expired = maybe(3), maybe(50), true
		case 6:
			o.DeletedAt, o.PurgeAt, o.PurgeBegunAt = maybe(3), maybe(1000), maybe(9)
		case 7:
			o.DeletedAt, o.PurgeAt, o.PurgeBegunAt, o.PurgedAt = maybe(3), maybe(4), maybe(5), maybe(6)
		case 8:
			o.PendingPayment, o.Suspensions = true, suspension.Set{{Type: "partner", Role: suspension.RolePartner, On: when(1)}}
		}
		a := &action.Action{PartnerID: p.ID, ResellerID: max(c.ResellerID, root.ID), CustomerID: c.ID, ProductKey: product.OrDefault(o.ProductKey),
			Type: []action.Type{action.Add, action.Renew}[i%2], Status: []action.Status{action.Success, action.PendingExecution, action.Failed}[i%3], AddedAt: when(i)}
		b.write(func(tx work.Tx) error {
			if err := tx.InsertOrder(b.ctx(), o); err != nil {
				return err
			}
			a.OrderID = o.ID
			return tx.InsertAction(b.ctx(), a)
		})
		list, actions = append(list, sold{o, c.ResellerID}), append(actions, a)
	}
	columns := []work.OrderColumn{work.ByOrderID, work.ByCustomerID, work.ByDomain, work.ByCreation, work.ByExpiry}
	some := func(rt *rapid.T, name string) bool { return rapid.IntRange(0, 3).Draw(rt, name) == 0 }
	sellers := func(rt *rapid.T) work.Sellers {
		s := work.Sellers{PartnerID: p.ID, Below: rapid.Bool().Draw(rt, "below")}
		s.Of = rapid.SliceOfNDistinct(rapid.SampledFrom([]*reseller.Reseller{root, left, leaf, right}), 1, 3, func(r *reseller.Reseller) int64 { return r.ID }).Draw(rt, "sellers")
		return s
	}
	someIDs := func(rt *rapid.T, name string, from []int64) []int64 {
		if !some(rt, name) {
			return nil
		}
		return rapid.SliceOfN(rapid.SampledFrom(append(from, 999)), 1, 9).Draw(rt, name)
	}
	moment := func(rt *rapid.T, name string) *time.Time {
		if !some(rt, name) {
			return nil
		}
		return maybe(rapid.IntRange(0, 35).Draw(rt, name))
	}
	var orderIDList, customerIDList []int64
	for _, o := range list {
		orderIDList = append(orderIDList, o.ID)
	}
	for _, c := range customers {
		customerIDList = append(customerIDList, c.ID)
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := work.OrderSearchFilter{
			Sellers: sellers(rt), At: when(100), OrderIDs: someIDs(rt, "orders", orderIDList), CustomerIDs: someIDs(rt, "customers", customerIDList),
			CreatedAfter: moment(rt, "created after"), CreatedBefore: moment(rt, "created before"), ExpiresAfter: moment(rt, "expires after"), ExpiresBefore: moment(rt, "expires before"),
			Offset: rapid.IntRange(0, 20).Draw(rt, "offset"), Limit: rapid.IntRange(1, 20).Draw(rt, "limit"),
		}
		if some(rt, "products") {
			f.Products = []product.Key{product.TitanGlobal, ""}
		}
		if some(rt, "states") {
			f.States = rapid.SliceOfN(rapid.SampledFrom(order.AllShown), 1, 3).Draw(rt, "states")
		}
		if some(rt, "domain") {
			f.Domain = rapid.SampledFrom([]string{"a_0.example", "a%", "%_1%", "%.example", "a\\%", "b_%.example", "nobody"}).Draw(rt, "domain")
		}
		for _, c := range rapid.SliceOfN(rapid.SampledFrom(columns), 0, 3).Draw(rt, "by") {
			f.OrderBy = append(f.OrderBy, work.OrderBy{Column: c, Desc: rapid.Bool().Draw(rt, "desc")})
		}
		naive := slices.DeleteFunc(slices.Clone(list), func(o sold) bool { return !selectsOrder(f, o, tree) })
		slices.SortFunc(naive, orderedOrders(f.OrderBy))
		var want []int64
		for _, o := range naive[min(f.Offset, len(naive)):min(f.Offset+f.Limit, len(naive))] {
			want = append(want, o.ID)
		}
		b.read(func(tx work.Tx) error {
			total, page, err := tx.SearchOrders(b.ctx(), f)
			if got := orderIDs(page); err == nil && (total != len(naive) || !slices.Equal(got, want)) {
				rt.Fatalf("%s\ngot  %d: %v\nwant %d: %v", show(f), total, got, len(naive), want)
			}
			return err
		})

		q := work.ActionSearchFilter{Sellers: sellers(rt), Pending: rapid.Bool().Draw(rt, "pending"), OrderIDs: someIDs(rt, "orders of actions", orderIDList), Offset: f.Offset, Limit: f.Limit}
		if some(rt, "types") {
			q.Types = []action.Type{action.Add}
		}
		if some(rt, "statuses") {
			q.Statuses = []action.Status{action.Failed, action.PendingExecution}
		}
		if some(rt, "keys") {
			q.Products = []product.Key{product.BusinessEmail}
		}
		want = nil
		for _, a := range actions {
			if sells(q.Sellers, a.ResellerID, tree) && a.Status.Pending() == q.Pending && (q.OrderIDs == nil || slices.Contains(q.OrderIDs, a.OrderID)) &&
				(q.Types == nil || slices.Contains(q.Types, a.Type)) && (q.Statuses == nil || slices.Contains(q.Statuses, a.Status)) && (q.Products == nil || slices.Contains(q.Products, a.ProductKey)) {
				want = append(want, a.ID)
			}
		}
		all := len(want)
		want = want[min(q.Offset, all):min(q.Offset+q.Limit, all)]
		b.read(func(tx work.Tx) error {
			total, page, err := tx.SearchActions(b.ctx(), q)
			if got := ids(page, func(a *action.Action) int64 { return a.ID }); err == nil && (total != all || !slices.Equal(got, want)) {
				rt.Fatalf("%s\ngot  %d: %v\nwant %d: %v", show(q), total, got, all, want)
			}
			return err
		})
	})
}
