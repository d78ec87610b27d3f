package provision_test

import (
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// TestTenants: whatever a partner does with another's ids is answered exactly as
// for ids that nobody has, and leaves nothing behind.
func TestTenants(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.FirstAccount = &ordering.FirstAccount{Email: "x@d.example", Password: "pw-1"}
	o, err := w.s.CreateMailOrder(w.ctx, w.a, cmd)
	if err != nil {
		t.Fatal(err)
	}
	deleted := w.order(w.a, proOrder("gone.example", "c-1"))
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: deleted}}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.CreateForwarder(w.ctx, w.a, routing.ForwarderMembers{
		Forwarder: work.ForwarderRef{Order: work.OrderRef{ID: o.OrderID}, Email: "team@d.example"}, Recipients: []string{"x@d.example"},
	}); err != nil {
		t.Fatal(err)
	}
	own := w.order(w.b, proOrder("mine.example", "c-9"))
	customer := w.details(o.OrderID).Customer.ID
	recordsBefore, eventsBefore := len(w.store.AllRecords()), len(w.store.AllEvents())

	type target struct {
		order     work.OrderRef
		account   int64
		customer  int64
		ownOrder  work.OrderRef
		anAccount work.AccountRef
	}
	byID := func(id, account, customer int64) target {
		ref := work.OrderRef{ID: id}
		return target{ref, account, customer, work.OrderRef{ID: own}, work.AccountRef{Order: ref, AccountID: account, Email: "x@d.example"}}
	}
	unknown := byID(99999, 88888, 77777)
	foreign := map[string]target{
		"live":    byID(o.OrderID, o.Account.AccountID, customer),
		"deleted": byID(deleted, o.Account.AccountID, customer),
	}
	pair := byID(0, o.Account.AccountID, customer)
	pair.order = work.OrderRef{Domain: "d.example", CustomerID: "c-1"}
	pair.anAccount.Order = pair.order
	foreign["pair"] = pair
	service := byID(0, o.Account.AccountID, customer)
	service.order = work.OrderRef{ServiceID: o.OrderID}
	service.anAccount.Order = service.order
	foreign["service id"] = service

	for name, call := range tenantCalls(w) {
		want := call(w.b, unknown.order, unknown.ownOrder, unknown.anAccount, unknown.customer)
		if want == nil {
			t.Errorf("%s: an unknown id was taken", name)
			continue
		}
		for kind, x := range foreign {
			if got := call(w.b, x.order, x.ownOrder, x.anAccount, x.customer); got == nil || got.Error() != want.Error() {
				t.Errorf("%s of a foreign %s: %v, unknown: %v", name, kind, got, want)
			}
		}
	}
	if len(w.store.AllRecords()) != recordsBefore || len(w.store.AllEvents()) != eventsBefore {
		t.Error("something was left behind")
	}
}

// tenantCalls is every command and query that takes an id.
func tenantCalls(w *world) map[string]func(who audit.Actor, o, own work.OrderRef, a work.AccountRef, customer int64) error {
	type call = func(audit.Actor, work.OrderRef, work.OrderRef, work.AccountRef, int64) error
	onOrder := func(f func(audit.Actor, work.OrderRef) error) call {
		return func(who audit.Actor, o, _ work.OrderRef, _ work.AccountRef, _ int64) error {
			return f(who, o)
		}
	}
	onAccount := func(f func(audit.Actor, work.AccountRef) error) call {
		return func(who audit.Actor, _, _ work.OrderRef, a work.AccountRef, _ int64) error {
			return f(who, a)
		}
	}
	s, ctx := w.s, w.ctx
	onForwarder := func(f func(audit.Actor, work.ForwarderRef) error) call {
		return func(who audit.Actor, o, _ work.OrderRef, _ work.AccountRef, _ int64) error {
			return f(who, work.ForwarderRef{Order: o, Email: "team@d.example"})
		}
	}
	members := func(r work.ForwarderRef) routing.ForwarderMembers {
		return routing.ForwarderMembers{Forwarder: r, Recipients: []string{"x@d.example"}}
	}
	return map[string]call{
		"CreateForwarder": onForwarder(func(w audit.Actor, r work.ForwarderRef) error { return s.CreateForwarder(ctx, w, members(r)) }),
		"AddForwarderMembers": onForwarder(func(w audit.Actor, r work.ForwarderRef) error {
			return s.AddForwarderMembers(ctx, w, members(r))
		}),
		"RemoveForwarderMembers": onForwarder(func(w audit.Actor, r work.ForwarderRef) error {
			return s.RemoveForwarderMembers(ctx, w, members(r))
		}),
		"DeleteForwarder": onForwarder(func(w audit.Actor, r work.ForwarderRef) error { return s.DeleteForwarder(ctx, w, r) }),
		"FetchForwarder":  onForwarder(func(w audit.Actor, r work.ForwarderRef) error { _, err := s.FetchForwarder(ctx, w, r); return err }),
		"AddMailUser": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.AddMailUser(ctx, w, mailboxes.AddMailUser{Order: o, Email: "y@d.example", Password: "pw-secret", NotificationEmail: "y@e.example", Country: "GB", Language: "en"})
			return err
		}),
		"ModifyMailUser": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.ModifyMailUser(ctx, w, mailboxes.ModifyEmailAccount{Account: a, Name: ptr("thief")})
		}),
		"FindMailUser": onAccount(func(w audit.Actor, a work.AccountRef) error { _, err := s.FindMailUser(ctx, w, a); return err }),
		"SearchMailUsers": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.SearchMailUsers(ctx, w, mailboxes.SearchMailUsers{Order: o, Page: 1})
			return err
		}),
		"CountMailUsers": onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.CountMailUsers(ctx, w, o); return err }),
		"SuspendMailUsers": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.SuspendMailUsers(ctx, w, mailboxes.MailUsers{Order: a.Order, Emails: []string{a.Email}})
		}),
		"UnsuspendMailUsers": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.UnsuspendMailUsers(ctx, w, mailboxes.MailUsers{Order: a.Order, Emails: []string{a.Email}})
		}),
		"DeleteMailUsers": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.DeleteMailUsers(ctx, w, mailboxes.MailUsers{Order: a.Order, Emails: []string{a.Email}})
		}),
		"ResetMailPassword": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.ResetMailPassword(ctx, w, a)
			return err
		}),
		"ChangeMailPassword": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.ChangeMailPassword(ctx, w, mailboxes.ChangeMailPassword{Account: a, Old: "pw-1", New: "pw-stolen"})
		}),
		"AuthenticateMailUser": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.AuthenticateMailUser(ctx, w, a, "pw-1")
			return err
		}),
		"SetOrderContact": onOrder(func(w audit.Actor, o work.OrderRef) error {
			return s.SetOrderContact(ctx, w, o, "thief@e.example")
		}),
		"SetMailUserCatchAll": onAccount(func(w audit.Actor, a work.AccountRef) error { return s.SetMailUserCatchAll(ctx, w, a) }),
		"SetMailUserAutoresponder": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.SetMailUserAutoresponder(ctx, w, routing.SetAutoresponder{Account: a})
		}),
		"ListForwarders":   onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.ListForwarders(ctx, w, o); return err }),
		"SetCatchAll":      onAccount(func(w audit.Actor, a work.AccountRef) error { return s.SetCatchAll(ctx, w, a) }),
		"RemoveCatchAll":   onOrder(func(w audit.Actor, o work.OrderRef) error { return s.RemoveCatchAll(ctx, w, o) }),
		"FetchCatchAll":    onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.FetchCatchAll(ctx, w, o); return err }),
		"FetchOrder":       onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.FetchOrder(ctx, w, o); return err }),
		"OrderSuspensions": onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.OrderSuspensions(ctx, w, o); return err }),
		"MailOrderReactivation": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.MailOrderReactivation(ctx, w, o)
			return err
		}),
		"ReactivateMailOrder": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.ReactivateMailOrder(ctx, w, o)
			return err
		}),
		"ModifyMailOrder": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.ModifyMailOrder(ctx, w, ordering.ModifyMailOrder{Order: o, Plan: ptr(plan.Ultra), Payment: billing.PaymentDetails{TxnID: "t", Charged: amount("1")}})
			return err
		}),
		"SuspendMailOrder": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.SuspendMailOrder(ctx, w, ordering.SuspendMailOrder{Order: o})
			return err
		}),
		"UnsuspendMailOrder": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.UnsuspendMailOrder(ctx, w, ordering.UnsuspendMailOrder{Order: o})
			return err
		}),
		"DeleteMailOrder": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.DeleteMailOrder(ctx, w, ordering.DeleteMailOrder{Order: o})
			return err
		}),
		"TransferMailOrder": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.TransferMailOrder(ctx, w, ordering.TransferMailOrder{Order: o, To: work.CustomerProfile{CustomerID: "thief"}})
			return err
		}),
		"VerifyDNS":      onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.VerifyDNS(ctx, w, o); return err }),
		"CheckDNSCached": onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.CheckDNSCached(ctx, w, o); return err }),
		"LastDNSCheck":   onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.LastDNSCheck(ctx, w, o); return err }),
		"DNSRecords":     onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.DNSRecords(ctx, w, o); return err }),
		"DKIMKeys":       onOrder(func(w audit.Actor, o work.OrderRef) error { _, err := s.DKIMKeys(ctx, w, o); return err }),
		"GenerateDKIMKeys": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.GenerateDKIMKeys(ctx, w, o)
			return err
		}),
		"RotateDKIMKeys": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.RotateDKIMKeys(ctx, w, dnssetup.RotateDKIMKeys{Order: o, Now: true})
			return err
		}),
		"ProveOwnership": onOrder(func(w audit.Actor, o work.OrderRef) error {
			if o.ID == 0 {
				o.ID = 99999 // takes no other reference
			}
			return s.ProveOwnership(ctx, w, o.ID)
		}),
		"OrderEvents": onOrder(func(w audit.Actor, o work.OrderRef) error {
			if o.ID == 0 {
				o.ID = 99999
			}
			_, err := s.OrderEvents(ctx, w, o.ID, 10)
			return err
		}),
		"CreateEmailAccount": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.CreateEmailAccount(ctx, w, mailboxes.CreateEmailAccount{Order: o, Email: "n@d.example", Password: "pw-1"})
			return err
		}),
		"ListEmailAccounts": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.ListEmailAccounts(ctx, w, mailboxes.ListEmailAccounts{Order: o, IncludeDeleted: true})
			return err
		}),
		"CheckEmailAccountAvailability": onOrder(func(w audit.Actor, o work.OrderRef) error {
			_, err := s.CheckEmailAccountAvailability(ctx, w, o, "x@d.example")
			return err
		}),
		"ListMailOrders": func(who audit.Actor, _, _ work.OrderRef, _ work.AccountRef, customer int64) error {
			_, err := s.ListMailOrders(ctx, who, ordering.ListMailOrders{CustomerNumber: customer})
			return err
		},
		"ListMailOrders by the partner's id": func(who audit.Actor, _, _ work.OrderRef, _ work.AccountRef, _ int64) error {
			_, err := s.ListMailOrders(ctx, who, ordering.ListMailOrders{CustomerID: "c-1"})
			return err
		},
		"FetchEmailAccount": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.FetchEmailAccount(ctx, w, a)
			return err
		}),
		"FetchEmailAccount by id": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.FetchEmailAccount(ctx, w, work.AccountRef{AccountID: a.AccountID})
			return err
		}),
		"FetchEmailAccount by address": onAccount(func(w audit.Actor, _ work.AccountRef) error {
			_, err := s.FetchEmailAccount(ctx, w, work.AccountRef{Email: "x@d.example"})
			return err
		}),
		"FetchEmailAccount in the own order": func(who audit.Actor, _, own work.OrderRef, a work.AccountRef, _ int64) error {
			_, err := s.FetchEmailAccount(ctx, who, work.AccountRef{Order: own, AccountID: a.AccountID})
			return err
		},
		"ModifyEmailAccount in the own order": func(who audit.Actor, _, own work.OrderRef, a work.AccountRef, _ int64) error {
			_, err := s.ModifyEmailAccount(ctx, who, mailboxes.ModifyEmailAccount{Account: work.AccountRef{Order: own, AccountID: a.AccountID}, Password: ptr("pw-2")})
			return err
		},
		"EmailAliases": onAccount(func(w audit.Actor, a work.AccountRef) error { _, err := s.EmailAliases(ctx, w, a); return err }),
		"EmailAccountReactivation": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.EmailAccountReactivation(ctx, w, a)
			return err
		}),
		"ModifyEmailAccount": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.ModifyEmailAccount(ctx, w, mailboxes.ModifyEmailAccount{Account: a, Password: ptr("pw-2"), PurgeAt: date("2026-12-01")})
			return err
		}),
		"SuspendEmailAccount": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.SuspendEmailAccount(ctx, w, mailboxes.SuspendEmailAccount{Account: a})
			return err
		}),
		"UnsuspendEmailAccount": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.UnsuspendEmailAccount(ctx, w, mailboxes.UnsuspendEmailAccount{Account: a})
			return err
		}),
		"DeleteEmailAccount": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.DeleteEmailAccount(ctx, w, mailboxes.DeleteEmailAccount{Account: a})
			return err
		}),
		"ReactivateEmailAccount": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.ReactivateEmailAccount(ctx, w, mailboxes.ReactivateEmailAccount{Account: a})
			return err
		}),
		"CreateLegalExport": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.CreateLegalExport(ctx, w, a)
			return err
		}),
		"LegalExport": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.LegalExport(ctx, w, a, "job-1")
			return err
		}),
		"LegalExports": onAccount(func(w audit.Actor, a work.AccountRef) error {
			_, err := s.LegalExports(ctx, w, a)
			return err
		}),
		"AddEmailAlias": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.AddEmailAlias(ctx, w, mailboxes.AddEmailAlias{Account: a, Alias: "al@d.example"})
		}),
		"RemoveEmailAliases": onAccount(func(w audit.Actor, a work.AccountRef) error {
			return s.RemoveEmailAliases(ctx, w, mailboxes.RemoveEmailAliases{Account: a, Aliases: []string{"al@d.example"}})
		}),
	}
}
