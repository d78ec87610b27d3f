package provision_test

import (
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/selling"
	nouns "posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func aHolder(username, email string) holders.CreateHolder {
	return holders.CreateHolder{Password: "pw-holder", Data: holders.HolderData{
		FirstName: ptr("Harry"), LastName: ptr("van Lee"), Username: &username, Email: &email, Language: ptr("de"), Phone: ptr("+44.2012345"), City: ptr("London"), Country: ptr("gb"),
	}}
}

// brandOf is how an API user of the tree's partner acts.
func brandOf(w *tree) audit.Actor {
	a := w.a
	a.Name, a.Limited = "api-user:1", true
	return a
}

// Here, in Titan and with resellers it is one customer.
func TestHolderInEveryDialect(t *testing.T) {
	w := newTree(t)
	brand := brandOf(w)
	h, err := w.s.CreateHolder(w.ctx, brand, aHolder("HLee", "H@b.test"))
	w.must(err)
	if es := w.fresh(); len(es) != 1 || es[0].Type != event.AccountHolderCreated || es[0].CustomerID != h.ID {
		t.Errorf("events %+v", es)
	}
	if h.CustomerID != fmt.Sprint(h.ID) || h.ResellerID != w.root.ID || h.ResellerRef != 0 || h.Username != "hlee" || h.ShownUsername() != "HLee" || len(h.PIN) != 4 || h.Locale != "de-de" {
		t.Fatalf("%+v", h.Customer)
	}
	d, err := w.s.CustomerByUsername(w.ctx, as(w.root), "hlee")
	w.must(err)
	if d.ID != h.ID || d.Name != "Harry van Lee" || d.Contact.PhoneCC != "44" || d.City != "London" || d.Country != "GB" {
		t.Errorf("%+v", d.Customer)
	}
	found, err := w.s.SearchCustomers(w.ctx, as(w.root), customers.SearchCustomers{CustomerFilter: work.CustomerFilter{Name: "harry%"}, Limit: 10, Page: 1})
	w.must(err)
	if found.Total != 1 {
		t.Errorf("found %d", found.Total)
	}
	_, err = w.s.CustomerByUsername(w.ctx, as(w.left), "hlee")
	w.fails(err, fault.CustomerNotFound, "")
	id := w.order(w.a, proOrder("shop.example", fmt.Sprint(h.ID))) // Titan's customer
	if c := w.details(id).Customer; c.ID != h.ID || c.Name != "Harry van Lee" {
		t.Errorf("%+v", c)
	}
	w.must(w.s.ModifyMailCustomer(w.ctx, w.a, ordering.ModifyMailCustomer{Order: work.OrderRef{ID: id}, Name: ptr("Harold Lee"), Email: "harold@b.test"}))
	w.fresh()
	now, err := w.s.AccountHolder(w.ctx, brand, h.ID)
	w.must(err)
	if first, last := now.Names(); first != "Harold" || last != "Lee" || now.Email != "harold@b.test" || now.ShownUsername() != "HLee" {
		t.Errorf("%+v", now.Customer)
	}
	w.play(step{do: "change here", call: func() error {
		_, err := w.s.ModifyHolder(w.ctx, brand, holders.ModifyHolder{Ref: h.ID, Data: holders.HolderData{LastName: ptr("Leigh")}})
		return err
	}, events: []event.Type{event.MailCustomerUpdated}})
	if c := w.details(id).Customer; c.Name != "Harold Leigh" || c.City != "London" {
		t.Errorf("%+v", c)
	}
	// What resellers sign up is a user too, in the branch that it is in.
	jane := w.signUp(as(w.leaf), "jane@x.example")
	j, err := w.s.AccountHolder(w.ctx, brand, jane.ID)
	w.must(err)
	if j.ResellerRef != w.left.ID || j.ShownUsername() != "jane@x.example" {
		t.Errorf("%d %s", j.ResellerRef, j.ShownUsername())
	}
	for _, ref := range []int64{w.left.ID, w.leaf.ID} {
		list, err := w.s.ListHolders(w.ctx, brand, holders.ListHolders{ResellerRef: ref, Limit: 10})
		w.must(err)
		if list.Total != 1 || list.Page[0].ID != jane.ID {
			t.Errorf("%d has %d", ref, list.Total)
		}
	}
	w.must(w.s.DeleteCustomer(w.ctx, as(w.leaf), jane.ID)) // for good
	_, err = w.s.AccountHolder(w.ctx, brand, jane.ID)
	w.fails(err, fault.CustomerNotFound, "")
	_, err = w.s.ModifyHolder(w.ctx, brand, holders.ModifyHolder{Ref: jane.ID, Deleted: ptr(false)})
	w.fails(err, fault.CustomerNotFound, "")
	w.fails(w.s.SuspendHolder(w.ctx, w.b, h.ID), fault.CustomerNotFound, "") // another partner's
	w.noSecrets()
}

// A deletion takes his orders along, and his return brings back those that it took.
func TestHolderDeletedAndBack(t *testing.T) {
	w := newTree(t)
	brand := brandOf(w)
	h, err := w.s.CreateHolder(w.ctx, brand, aHolder("HLee", "H@b.test"))
	w.must(err)
	one, two := w.order(w.a, proOrder("one.example", h.CustomerID)), w.order(w.a, proOrder("two.example", h.CustomerID))
	three := w.order(w.a, proOrder("three.example", h.CustomerID))
	w.must(w.s.SuspendHolder(w.ctx, brand, h.ID))
	_, err = w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: one}})
	w.must(err)
	w.fails(w.s.DeleteHolder(w.ctx, brand, h.ID, true), fault.Forbidden, holders.ReasonHasOrders)
	w.fresh()
	w.play(step{do: "delete", call: func() error { return w.s.DeleteHolder(w.ctx, brand, h.ID, false) },
		events: []event.Type{event.MailOrderStatusUpdated, event.MailOrderStatusUpdated}})
	_, err = w.s.CustomerByID(w.ctx, as(w.root), h.ID)
	w.fails(err, fault.CustomerNotFound, "")
	w.clock.Advance(29 * 24 * time.Hour)
	w.order(w.a, proOrder("three.example", "c-other")) // took its place
	w.order(w.a, proOrder("new.example", h.CustomerID))
	w.fresh()
	w.play(step{do: "back", call: func() error {
		_, err := w.s.ModifyHolder(w.ctx, brand, holders.ModifyHolder{Ref: h.ID, Deleted: ptr(false)})
		return err
	}, events: []event.Type{event.MailOrderStatusUpdated}})
	w.status(one, "deleted")
	w.status(two, "suspended")
	w.status(three, "deleted")
	back, err := w.s.AccountHolder(w.ctx, brand, h.ID)
	w.must(err)
	if back.Status != customer.Suspended || !back.Suspended || back.CustomerID != fmt.Sprintf("rc-%d", h.ID) || back.Removed() {
		t.Errorf("%+v", back.Customer)
	}
	// For good: what he had goes at once, and nothing names him.
	w.must(w.s.DeleteHolder(w.ctx, brand, h.ID, false))
	_, err = w.s.AddHolderNote(w.ctx, brand, h.ID, "he left")
	w.must(err)
	w.must(w.s.DeleteHolder(w.ctx, brand, h.ID, true))
	_, err = w.s.AccountHolder(w.ctx, brand, h.ID)
	w.fails(err, fault.CustomerNotFound, "")
	for _, id := range []int64{one, two, three} {
		_, err := w.s.FetchOrder(w.ctx, w.a, work.OrderRef{ID: id})
		w.fails(err, fault.OrderNotFound, "")
		w.must(w.s.RunDue(w.ctx, w.job, due.Item{Kind: due.Order, ObjectID: id}, w.store.Boxes))
	}
	w.must(w.store.Read(w.ctx, func(tx work.Tx) error {
		c, err := tx.Customer(w.ctx, h.ID)
		if err != nil {
			return err
		}
		if c.Name != "" || c.Email != "" || c.Username != "" || c.City != "" || c.PIN != "" || c.PasswordHash != "" || c.Contact.Phone != "" || c.Holder.FirstName != "" || c.Status != customer.Deleted || c.DeletedAt != nil {
			t.Errorf("%+v", c)
		}
		notes, err := tx.HolderNotes(w.ctx, h.ID, 5)
		if len(notes) != 0 {
			t.Error("notes are left")
		}
		for _, id := range []int64{one, two, three} {
			if o, err := tx.Order(w.ctx, id); err != nil || o.PurgedAt == nil {
				t.Errorf("order %d is not purged: %v", id, err)
			}
		}
		return err
	}))
}

// TestHolderMoves: with orders he stays with his reseller.
func TestHolderMoves(t *testing.T) {
	w := newTree(t)
	brand := brandOf(w)
	cmd := aHolder("HLee", "H@b.test")
	cmd.Data.ResellerRef = &w.left.ID
	h, err := w.s.CreateHolder(w.ctx, brand, cmd)
	w.must(err)
	move := func(ref int64) error {
		_, err := w.s.ModifyHolder(w.ctx, brand, holders.ModifyHolder{Ref: h.ID, Data: holders.HolderData{ResellerRef: &ref}})
		return err
	}
	if h.ResellerRef != w.left.ID {
		t.Errorf("he is %d's", h.ResellerRef)
	}
	w.must(move(w.right.ID))
	w.must(move(0))
	w.must(move(w.left.ID))
	w.order(w.a, proOrder("one.example", h.CustomerID))
	w.must(move(w.left.ID))
	w.fails(move(w.right.ID), fault.Invalid, work.FieldPrefix+"resellerRef")
	w.must(w.s.SuspendReseller(w.ctx, w.op, w.right.ID, ""))
	cmd = aHolder("other", "o@b.test")
	cmd.Data.ResellerRef = &w.right.ID
	_, err = w.s.CreateHolder(w.ctx, brand, cmd)
	w.fails(err, fault.Invalid, work.FieldPrefix+"resellerRef")
}

// TestHolderMovesWithAClosedBook: neither what he owes nor the prices of what he
// is about to buy go over into another book.
func TestHolderMovesWithAClosedBook(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	yen, err := w.s.CreateBrandReseller(w.ctx, w.api, retail.BrandResellerChange{Name: ptr("j"), DisplayName: ptr("J"), CurrencyRef: ptr(int64(392)), LanguageRef: ptr(int64(1))})
	w.must(err)
	move := func(ref int64) error {
		_, err := w.s.ModifyHolder(w.ctx, w.api, holders.ModifyHolder{Ref: w.jane.ID, Data: holders.HolderData{ResellerRef: &ref}})
		return err
	}
	domains := w.pack(nouns.OriginOfEnding(""), year("9.99"))
	o, err := w.s.CreateShopOrder(w.ctx, w.api, retail.CreateShopOrder{CustomerID: w.jane.ID})
	w.must(err)
	_, err = w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: domains, Months: 12, Domain: "a.example"})
	w.must(err)
	w.fails(move(yen.Reseller.ID), fault.Invalid, work.FieldPrefix+"resellerRef")
	w.must(move(w.left.ID)) // the same currency
	_, err = w.s.PostManually(w.ctx, as(w.left), selling.PostManually{CustomerID: w.jane.ID, Type: ledger.Debit, Amount: value("3.00"), Description: "Fee"})
	w.must(err)
	w.must(w.s.DeleteShopOrder(w.ctx, w.api, o.ID))
	w.fails(move(0), fault.Invalid, work.FieldPrefix+"resellerRef")
	w.fails(move(yen.Reseller.ID), fault.Invalid, work.FieldPrefix+"resellerRef")
	w.must(move(w.left.ID))
}
