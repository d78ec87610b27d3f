package storetest

import (
	"fmt"
	"slices"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

func customerIDs(list []*customer.Customer) []int64 {
	return ids(list, func(c *customer.Customer) int64 { return c.ID })
}

func testHolder(t *testing.T, b *bench) {
	p := b.partner()
	c := &customer.Customer{PartnerID: p.ID, CustomerID: "h", Username: "hlee", Name: "Harry van Lee", Email: "H@B.test", Status: customer.Active, CreatedAt: when(1), UpdatedAt: when(1),
		Holder: customer.Holder{Username: "HLee", FirstName: "Harry", LastName: "van Lee", CurrencyRef: 826, Metadata: map[string]string{"a <b>": "ä"}, Beta: true}}
	at := when(9)
	c.Holder.LastLogin, c.Holder.VerifiedEmail = &at, "H@B.test"
	b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), c) })
	read := func() *customer.Customer {
		return get(b, func(tx work.Tx) (*customer.Customer, error) { return tx.Customer(b.ctx(), c.ID) })
	}
	same(t, read(), c)
	c.Status, c.DeletedAt, c.Holder = customer.Deleted, &at, customer.Holder{}
	b.write(func(tx work.Tx) error { return tx.UpdateCustomer(b.ctx(), c) })
	same(t, read(), c)

	var want []*work.HolderNote
	for i, text := range []string{"one", "two\n<b>ä"} {
		n := &work.HolderNote{PartnerID: p.ID, CustomerID: c.ID, Note: text, Author: "api-user:1", CreatedAt: when(i)}
		b.write(func(tx work.Tx) error { n.ID = 0; return tx.InsertHolderNote(b.ctx(), n) })
		want = append(want, n)
	}
	notes := func(limit int) []*work.HolderNote {
		return get(b, func(tx work.Tx) ([]*work.HolderNote, error) {
			return tx.HolderNotes(b.ctx(), c.ID, limit)
		})
	}
	same(t, notes(5), want)
	same(t, notes(1), want[:1])
	b.write(func(tx work.Tx) error { return tx.DropHolderNotes(b.ctx(), c.ID) })
	if len(notes(5)) != 0 {
		t.Error("notes are left")
	}
}

// testFindHolders compares every page with a filter in memory, over more ids
// than a span of the counters has.
func testFindHolders(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	var rows []*customer.Customer
	for from := 0; from < 2600; from += 650 {
		b.write(func(tx work.Tx) error {
			rows = rows[:from]
			for i := from; i < from+650; i++ {
				c := &customer.Customer{PartnerID: p.ID, CustomerID: fmt.Sprint(i), ResellerID: int64(i % 3), Username: fmt.Sprint("u", i), Status: customer.Active,
					CreatedAt: when(i / 2), UpdatedAt: when(1)}
				if i%7 == 0 {
					c.PartnerID = other.ID
				}
				if err := tx.InsertCustomer(b.ctx(), c); err != nil {
					return err
				}
				rows = append(rows, c)
			}
			return nil
		})
	}
	b.write(func(tx work.Tx) error { // they change after they were counted
		for i, c := range rows {
			c := *c
			switch at := when(5000); {
			case i%5 == 0:
				c.Status, c.DeletedAt = customer.Deleted, &at
			case i%11 == 0:
				c.Status = customer.Deleted
			case i%13 == 0:
				c.Status = customer.Suspended
			case i%17 == 0:
				c.ResellerID = 2
			default:
				continue
			}
			if err := tx.UpdateCustomer(b.ctx(), &c); err != nil {
				return err
			}
		}
		for i, c := range rows {
			if i%10 == 0 { // and come back
				c := *c
				if err := tx.UpdateCustomer(b.ctx(), &c); err != nil {
					return err
				}
			}
		}
		return nil
	})
	b.read(func(tx work.Tx) error {
		for i, c := range rows {
			now, err := tx.Customer(b.ctx(), c.ID)
			if err != nil {
				return err
			}
			rows[i] = now
		}
		return nil
	})
	from, to, late := when(300), when(900), when(9999)
	for name, f := range map[string]work.HolderFilter{
		"all": {}, "deleted": {Deleted: true}, "reseller": {Resellers: []int64{2}}, "resellers": {Resellers: []int64{0, 1}, Deleted: true}, "none": {Resellers: []int64{}},
		"from": {From: &from}, "to": {To: &to}, "range": {From: &from, To: &to, Deleted: true}, "range of a reseller": {Resellers: []int64{1}, From: &from, To: &to},
		"late": {From: &late}, "name": {Username: "u13"}, "deleted name": {Username: "u5"}, "deleted name shown": {Username: "u5", Deleted: true}, "wrong way": {From: &to, To: &from},
	} {
		f.PartnerID = p.ID
		var want []int64
		for _, c := range rows {
			if c.PartnerID == p.ID && (c.Status != customer.Deleted || f.Deleted && c.DeletedAt != nil) && (f.Resellers == nil || slices.Contains(f.Resellers, c.ResellerID)) &&
				(f.Username == "" || c.Username == f.Username) && (f.From == nil || !c.CreatedAt.Before(*f.From)) && (f.To == nil || !c.CreatedAt.After(*f.To)) {
				want = append(want, c.ID)
			}
		}
		if n := get(b, func(tx work.Tx) (int, error) { return tx.CountHolders(b.ctx(), f) }); n != len(want) {
			t.Errorf("%s: %d, want %d", name, n, len(want))
		}
		for _, page := range []struct {
			offset int64
			limit  int
		}{{0, 20}, {990, 100}, {int64(len(want)) - 3, 20}, {1 << 40, 20}, {int64(len(want)) / 2, 1}} {
			lo := min(max(page.offset, 0), int64(len(want)))
			got := get(b, func(tx work.Tx) ([]*customer.Customer, error) { return tx.FindHolders(b.ctx(), f, lo, page.limit) })
			if part := want[lo:min(int(lo)+page.limit, len(want))]; !slices.Equal(customerIDs(got), part) {
				t.Errorf("%s from %d: %v, want %v", name, lo, customerIDs(got), part)
			}
		}
	}
}

func testSearchHolders(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	var all []int64
	add := func(c customer.Customer) {
		c.CustomerID, c.CreatedAt, c.UpdatedAt = fmt.Sprint(len(all)), when(1), when(1)
		if c.Status == "" {
			c.Status = customer.Active
		}
		b.write(func(tx work.Tx) error { c.ID = 0; return tx.InsertCustomer(b.ctx(), &c) })
		all = append(all, c.ID)
	}
	add(customer.Customer{PartnerID: p.ID, Username: "hlee", Email: "H@B.test", Name: "Harry van Lee", Holder: customer.Holder{FirstName: "Harry", LastName: "van Lee"}})
	add(customer.Customer{PartnerID: p.ID, Email: "lee@x.example", Name: "Åsa Öz", Company: "Lee & Co"})
	add(customer.Customer{PartnerID: p.ID, Username: "lee2", Status: customer.Deleted})
	add(customer.Customer{PartnerID: other.ID, Username: "lee"})
	for text, want := range map[string][]int{"lee": {1}, "h@b": {0}, "harry": {0}, "van": {0}, "öz": {1}, "ås": {1}, "ee": nil, "lee_": nil, "%": nil, "hlee": {0}} {
		got := get(b, func(tx work.Tx) ([]*customer.Customer, error) { return tx.SearchHolders(b.ctx(), p.ID, text, 10) })
		var ref []int64
		for _, i := range want {
			ref = append(ref, all[i])
		}
		if !slices.Equal(customerIDs(got), ref) {
			t.Errorf("%q: %v, want %v", text, customerIDs(got), ref)
		}
	}
	byEmail := func(email string, except int64) int64 {
		c := get(b, func(tx work.Tx) (*customer.Customer, error) {
			return tx.HolderByEmail(b.ctx(), p.ID, email, except)
		})
		if c == nil {
			return 0
		}
		return c.ID
	}
	if byEmail("h@b.TEST", 0) != all[0] || byEmail("h@b.test", all[0]) != 0 || byEmail("", 0) != 0 || byEmail("lee@y.example", 0) != 0 {
		t.Error("addresses are found wrongly")
	}
}

func testHolderFigures(t *testing.T, b *bench) {
	p := b.partner()
	c, idle := b.customer(p, "c"), b.customer(p, "idle")
	now := when(5)
	for i, change := range []func(*order.Order){
		func(o *order.Order) { o.Plan, o.Seats = plan.Pro, 3 },
		func(o *order.Order) {
			o.Plan, o.Seats = plan.Pro, 7
			o.Suspensions = suspension.Set{{Type: suspension.TypePartner, Role: suspension.RolePartner, On: when(1)}}
		},
		func(o *order.Order) { o.Plan, o.Seats, o.DeletedAt, o.PurgeAt = plan.Premium, 9, &now, &now },
		func(o *order.Order) { o.DeletedAt, o.PurgeAt, o.PurgedAt = &now, &now, &now },
		func(o *order.Order) { o.Plan, o.Seats = plan.Free, 2 },
	} {
		o := newOrder(c, fmt.Sprintf("figures%d-%d.example", p.ID, i))
		change(o)
		b.write(func(tx work.Tx) error { return tx.InsertOrder(b.ctx(), o) })
		b.account(o, "a", nil)
	}
	got := get(b, func(tx work.Tx) (map[int64]work.HolderFigures, error) {
		return tx.HolderFigures(b.ctx(), []int64{c.ID, idle.ID})
	})
	if f := got[c.ID]; f.Live != 3 || f.Suspended != 1 || f.Bytes != 0 || f.Seats != 7 || !slices.Equal(f.Plans, []plan.Plan{plan.Free, plan.Pro}) {
		t.Errorf("got %+v", f)
	}
	if _, there := got[idle.ID]; there {
		t.Error("a customer without orders has figures")
	}
}

func testFirstOrdersOf(t *testing.T, b *bench) {
	p := b.partner()
	many, one, none := b.customer(p, "many"), b.customer(p, "one"), b.customer(p, "none")
	now := when(5)
	put := func(c *customer.Customer, no int, gone bool) int64 {
		o := newOrder(c, fmt.Sprintf("first%d-%d.example", c.ID, no))
		if gone {
			o.DeletedAt, o.PurgeAt = &now, &now
		}
		b.write(func(tx work.Tx) error { return tx.InsertOrder(b.ctx(), o) })
		return o.ID
	}
	put(many, 0, true)
	a, z := put(many, 1, false), put(one, 1, false)
	c := put(many, 2, false)
	put(many, 3, false)
	got := get(b, func(tx work.Tx) (map[int64][]*order.Order, error) {
		return tx.FirstOrdersOf(b.ctx(), []int64{none.ID, one.ID, many.ID}, 2)
	})
	of := func(c *customer.Customer) []int64 { return ids(got[c.ID], func(o *order.Order) int64 { return o.ID }) }
	if !slices.Equal(of(many), []int64{a, c}) || !slices.Equal(of(one), []int64{z}) || len(of(none)) != 0 {
		t.Errorf("%v, %v, %v", of(many), of(one), of(none))
	}
}
