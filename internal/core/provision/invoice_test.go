package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// posted puts an invoice into a customer's ledger.
func (w *world) posted(customerID, resellerID int64, amount money.Value) int64 {
	w.t.Helper()
	t, err := w.s.PostManually(w.ctx, w.op, selling.PostManually{CustomerID: customerID, ResellerID: resellerID, Type: ledger.Invoice, Amount: amount, Description: "Advice"})
	if err != nil {
		w.t.Fatal(err)
	}
	return t.ID
}

// Who sees an invoice: who is above it, and whom it is for when that is a reseller.
func TestInvoiceTenants(t *testing.T) {
	tr := newTree(t)
	c := tr.customerOf(tr.left.PartnerID, tr.left.ID, "jane@left.example")
	own, up := tr.posted(c.ID, 0, 5000), tr.posted(0, tr.left.ID, 700)
	page := audit.Actor{Role: suspension.RoleTitan, Name: "link"}
	for name, a := range map[string]audit.Actor{"itself": as(tr.left), "above": as(tr.root), "the partner": tr.a, "the operator": tr.op, "a link": page} {
		for _, id := range []int64{own, up} {
			if _, err := tr.s.Invoice(tr.ctx, a, id); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for name, a := range map[string]audit.Actor{"beside": as(tr.right), "below": as(tr.leaf), "another partner": tr.b, "its root": as(tr.other)} {
		_, unknown := tr.s.Invoice(tr.ctx, a, 99999999)
		for _, id := range []int64{own, up} {
			_, err := tr.s.Invoice(tr.ctx, a, id)
			if !fault.Is(err, fault.NotFound) || err.Error() != unknown.Error() {
				t.Errorf("%s: %v", name, err)
			}
			kind := ledger.OfCustomer
			if id == up {
				kind = ledger.OfReseller
			}
			if list, err := tr.s.TransactionDetails(tr.ctx, a, kind, []int64{id}); err == nil && len(list) != 0 {
				t.Errorf("%s sees %+v", name, list[0])
			}
		}
	}
	// A session of a customer's is nobody here.
	for _, role := range []suspension.Role{suspension.RoleAccountAdmin, suspension.RoleAccount} {
		if _, err := tr.s.Invoice(tr.ctx, audit.Actor{PartnerID: c.PartnerID, Role: role, Limited: true, Limit: audit.Limit{CustomerID: c.ID}}, own); err == nil {
			t.Errorf("%s sees it", role)
		}
	}
}

func TestInvoiceShowsWhatWasPaid(t *testing.T) {
	tr := newTree(t)
	c := tr.customerOf(tr.left.PartnerID, tr.left.ID, "jane@left.example")
	id := tr.posted(c.ID, 0, 5000)
	d, err := tr.s.Invoice(tr.ctx, as(tr.left), id)
	if err != nil || d.Due != 5000 || d.Paid != 0 || d.Issuer.ID != tr.left.ID || d.Customer.ID != c.ID || d.Invoice.Currency != "GBP" {
		t.Fatalf("%+v %v", d, err)
	}
	if _, err := tr.s.ModifyReseller(tr.ctx, tr.op, reselling.ModifyReseller{ResellerID: tr.left.ID, Profile: &reseller.Profile{Name: "Lee", Company: "Left Ltd"}}); err != nil {
		t.Fatal(err)
	}
	if d, err = tr.s.Invoice(tr.ctx, as(tr.left), id); err != nil || d.Brand.Name != "Left Ltd" {
		t.Errorf("without a brand of its own the invoice is headed %q, %v", d.Brand.Name, err)
	}
	receipt, err := tr.s.PostManually(tr.ctx, as(tr.left), selling.PostManually{CustomerID: c.ID, Type: ledger.Receipt, Amount: 9000, Description: "Cash"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.s.PayTransactions(tr.ctx, as(tr.left), selling.NamedTransactions{Invoices: []int64{id}}); err != nil {
		t.Fatal(err)
	}
	d, err = tr.s.Invoice(tr.ctx, as(tr.left), id)
	if err != nil || d.Due != 0 || d.Paid != 5000 || len(d.Payments) != 1 || d.Payments[0].Match.PayingID != receipt.ID || d.Payments[0].Description != "Cash" || d.Invoice.BalancedAt == nil {
		t.Fatalf("%+v %v", d, err)
	}
}

// What is open is never archived, however old.
func TestOpenIsNotArchived(t *testing.T) {
	tr := newTree(t)
	c := tr.customerOf(tr.left.PartnerID, tr.left.ID, "jane@left.example")
	tr.posted(c.ID, 0, 5000)
	if _, err := tr.s.PostManually(tr.ctx, as(tr.left), selling.PostManually{CustomerID: c.ID, Type: ledger.Receipt, Amount: 5000, Description: "Cash"}); err != nil {
		t.Fatal(err)
	}
	total := func(archived bool) int64 {
		t.Helper()
		found, err := tr.s.Transactions(tr.ctx, as(tr.left), billing.TransactionFilter{Archived: archived, Page: 1, PerPage: 10})
		if err != nil {
			t.Fatal(err)
		}
		return found.Total
	}
	if total(false) != 2 || total(true) != 0 {
		t.Errorf("%d and %d", total(false), total(true))
	}
	tr.clock.Advance(181 * 24 * time.Hour)
	if total(false) != 2 || total(true) != 0 { // both are open: only old
		t.Errorf("%d and %d", total(false), total(true))
	}
}
