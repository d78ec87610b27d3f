package resellerclub

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/reseller"
)

// TestSeatsInUse: seats are not taken from under mailboxes.
func TestSeatsInUse(t *testing.T) {
	s := newShop(t)
	id := s.order(s.child, s.newCustomer(s.child, "owner@shop.example"), "d.example", 3)
	for _, local := range []string{"a", "b"} {
		s.ok(s.mailbox(s.child, id, local+"@d.example"))
	}
	remove := func(n int) reply {
		return s.post(s.child, "eelite/us/delete-email-account.json", "order-id", id, "no-of-accounts", n)
	}
	s.ok(remove(1))
	s.refused(remove(1), http.StatusInternalServerError, "Please delete existing email accounts before reducing the number of accounts.")
	s.shows(s.child, id, "emailaccounts", "2")
}

// TestPendingAction: what waits stops every further change, and goes on when it is paid.
func TestPendingAction(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	made := s.is(s.post(s.child, "eelite/us/add.json", "domain-name", "d.example", "customer-id", c, "months", 1, "no-of-accounts", 2, "invoice-option", "PayInvoice"),
		"status", "Success", "actionstatus", "PendingExecution", "actionstatusdesc", "Your Order is pending payment of the invoice.", "sellingamount", "-12.500", "unutilisedsellingamount", "-12.500")
	id := idOf(t, made, "entityid")
	s.shows(s.child, id, "currentstatus", "InActive", "eaqid", made["eaqid"].(string), "actiontype", "Add", "actionstatus", "PendingExecution")
	refused := func() {
		t.Helper()
		for _, r := range []reply{
			s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 1, "invoice-option", "NoInvoice"),
			s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "NoInvoice"),
			s.post(s.child, "eelite/us/delete-email-account.json", "order-id", id, "no-of-accounts", 1),
			s.post(s.child, "eelite/us/delete.json", "order-id", id),
			s.post(s.child, "orders/suspend.json", "order-id", id),
			s.post(s.child, "orders/unsuspend.json", "order-id", id),
			s.post(s.child, "products/move.json", "domain-name", "d.example", "existing-customer-id", c, "new-customer-id", s.newCustomer(s.child, fmt.Sprintf("x%d@shop.example", len(s.store.AllRecords())))),
		} {
			s.refused(r, http.StatusInternalServerError, textPending)
		}
	}
	refused()
	s.clock.Advance(48 * time.Hour)
	s.fund(s.child, c, "12.50")
	end := s.clock.Now().AddDate(0, 1, 0)
	s.shows(s.child, id, "currentstatus", "Active", "eaqid", "0", "endtime", strconv.FormatInt(end.Unix(), 10))
	s.is(s.get(s.child, "actions/search-current.json", "no-of-records", 10, "page-no", 1), "recsindb", "0")
	s.is(s.get(s.child, "actions/search-archived.json", "no-of-records", 10, "page-no", 1, "eaq-id", made["eaqid"]), "recsindb", "1")

	only := s.object(s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "OnlyAdd"))
	if len(only) != 4 || only["customercost"] != "6.25" {
		t.Errorf("%v", only)
	}
	refused()
	s.shows(s.child, id, "emailaccounts", "2", "actiontype", "AddEmailAccount")
	short := s.object(s.post(s.child, "eelite/us/add.json", "domain-name", "e.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice"))
	s.is(s.post(s.child, "eelite/us/add-email-account.json", "order-id", short["entityid"], "no-of-accounts", 4, "invoice-option", "PayInvoice"), "customercost", "25.00")
}

// TestLockedInProcessing is R-09.
func TestLockedInProcessing(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	s.changeSeller(s.child, func(r *reseller.Reseller) { r.Funds = reseller.Prepaid })
	s.withError = true
	made := s.post(s.child, "eelite/us/add.json", "domain-name", "d.example", "customer-id", c, "months", 1, "no-of-accounts", 2, "invoice-option", "KeepInvoice")
	s.golden("orders/add_locked", made)
	s.withError = false
	id := idOf(t, s.object(made), "entityid")
	s.shows(s.child, id, "currentstatus", "InActive", "actionstatus", "InvoicePaid")
	s.fundReseller(s.root, s.child, "4.00")
	s.shows(s.child, id, "currentstatus", "Active", "eaqid", "0")
}

// TestOrderRepeats: what a repeated call does.
func TestOrderRepeats(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	id := s.order(s.child, c, "d.example", 1)
	renew := func(months int) reply {
		return s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", months, "invoice-option", "NoInvoice")
	}
	suspend := func(reason string) reply {
		return s.post(s.child, "orders/suspend.json", "order-id", id, "reason", reason)
	}
	s.is(renew(1), "actiontype", "Renew")
	s.refused(renew(1), http.StatusInternalServerError, textRenewed)
	s.ok(renew(3))
	s.clock.Advance(11 * time.Minute)
	s.ok(renew(3))
	first := s.is(suspend("unpaid"), "status", "Success", "actionstatus", "ExecutionStarted")
	again := s.is(suspend("unpaid"), "status", "Success")
	if first["eaqid"] == again["eaqid"] {
		t.Error("two suspensions are one action")
	}
	s.shows(s.child, id, "currentstatus", "Suspended")
	s.refused(s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "NoInvoice"), 500, textNotAllowed)
	for range 2 {
		s.is(s.post(s.child, "orders/unsuspend.json", "order-id", id), "status", "Success", "actiontype", "Unsuspend")
		s.shows(s.child, id, "currentstatus", "Active")
	}
	gone := s.ok(s.post(s.child, "eelite/us/delete.json", "order-id", id))
	s.clock.Advance(time.Hour)
	if twice := s.ok(s.post(s.child, "eelite/us/delete.json", "order-id", id)); twice != gone {
		t.Errorf("%s, then %s", gone, twice)
	}
	s.shows(s.child, id, "currentstatus", "Deleted")
	for _, r := range []reply{renew(1), suspend(""), s.post(s.child, "orders/unsuspend.json", "order-id", id),
		s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "NoInvoice"),
		s.post(s.child, "eelite/us/delete-email-account.json", "order-id", id, "no-of-accounts", 1)} {
		s.refused(r, http.StatusInternalServerError, textNotAllowed)
	}
	// The domain is free again; its number is that of the new order, and of the deleted one no more.
	next := s.order(s.child, c, "d.example", 1)
	if got := s.bare(s.get(s.child, "eelite/us/orderid.json", "domain-name", "D.Example.")); got != next {
		t.Errorf("%d, want %d", got, next)
	}
	s.ok(s.post(s.child, "eelite/us/delete.json", "order-id", id))
	s.shows(s.child, next, "currentstatus", "Active")
	s.ok(s.post(s.child, "eelite/us/delete.json", "order-id", next))
	if got := s.bare(s.get(s.child, "domains/orderid.json", "domain-name", "d.example")); got != next {
		t.Errorf("%d, want the newest, %d", got, next)
	}
}

// TestSuspendedByParent is R-24 through the tree.
func TestSuspendedByParent(t *testing.T) {
	s := newShop(t)
	id := s.order(s.child, s.newCustomer(s.child, "owner@shop.example"), "d.example", 1)
	s.ok(s.post(s.root, "orders/suspend.json", "order-id", id, "reason", "abuse"))
	s.shows(s.child, id, "currentstatus", "Suspended", "orderSuspendedByParent", "true", "allowdeletion", "false", "isOrderSuspendedUponExpiry", "false")
	s.shows(s.root, id, "orderSuspendedByParent", "false", "allowdeletion", "true")
	s.refused(s.post(s.child, "orders/unsuspend.json", "order-id", id), 500, textNotAllowed)
	s.refused(s.post(s.child, "eelite/us/delete.json", "order-id", id), 500, textNotAllowed)
	s.ok(s.post(s.child, "orders/suspend.json", "order-id", id))
	s.refused(s.post(s.root, "orders/suspend.json", "order-id", id, "reason", strings.Repeat("x", 3000)), 500, "{reason=reason is invalid}")
	// What the child made itself is lifted, though something stays.
	s.refused(s.post(s.child, "orders/unsuspend.json", "order-id", id), 500, textNotAllowed)
	s.ok(s.post(s.root, "orders/unsuspend.json", "order-id", id))
	s.shows(s.child, id, "currentstatus", "Active", "orderSuspendedByParent", "false", "allowdeletion", "true")
}
