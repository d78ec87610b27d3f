package provision_test

import (
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
)

// TestTenants: whatever a partner does with another's ids is answered exactly as
// for ids that nobody has, and leaves nothing behind.
func TestTenants(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.FirstAccount = &provision.FirstAccount{Email: "x@d.example", Password: "pw-1"}
	o, err := w.s.CreateMailOrder(w.ctx, w.a, cmd)
	if err != nil {
		t.Fatal(err)
	}
	deleted := w.order(w.a, proOrder("gone.example", "c-1"))
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, provision.DeleteMailOrder{Order: provision.OrderRef{ID: deleted}}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.CreateForwarder(w.ctx, w.a, provision.ForwarderMembers{
		Forwarder: provision.ForwarderRef{Order: provision.OrderRef{ID: o.OrderID}, Email: "team@d.example"}, Recipients: []string{"x@d.example"},
	}); err != nil {
		t.Fatal(err)
	}
	own := w.order(w.b, proOrder("mine.example", "c-9"))
	customer := w.details(o.OrderID).Customer.ID
	recordsBefore, eventsBefore := len(w.store.AllRecords()), len(w.store.AllEvents())

	type target struct {
		order     provision.OrderRef
		account   int64
		customer  int64
		ownOrder  provision.OrderRef
		anAccount provision.AccountRef
	}
	byID := func(id, account, customer int64) target {
		ref := provision.OrderRef{ID: id}
		return target{ref, account, customer, provision.OrderRef{ID: own}, provision.AccountRef{Order: ref, AccountID: account, Email: "x@d.example"}}
	}
	unknown := byID(99999, 88888, 77777)
	foreign := map[string]target{
		"live":    byID(o.OrderID, o.Account.AccountID, customer),
		"deleted": byID(deleted, o.Account.AccountID, customer),
	}
	pair := byID(0, o.Account.AccountID, customer)
	pair.order = provision.OrderRef{Domain: "d.example", CustomerID: "c-1"}
	pair.anAccount.Order = pair.order
	foreign["pair"] = pair
	service := byID(0, o.Account.AccountID, customer)
	service.order = provision.OrderRef{ServiceID: o.OrderID}
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
func tenantCalls(w *world) map[string]func(who audit.Actor, o, own provision.OrderRef, a provision.AccountRef, customer int64) error {
	type call = func(audit.Actor, provision.OrderRef, provision.OrderRef, provision.AccountRef, int64) error
	onOrder := func(f func(audit.Actor, provision.OrderRef) error) call {
		return func(who audit.Actor, o, _ provision.OrderRef, _ provision.AccountRef, _ int64) error {
			return f(who, o)
		}
	}
	onAccount := func(f func(audit.Actor, provision.AccountRef) error) call {
		return func(who audit.Actor, _, _ provision.OrderRef, a provision.AccountRef, _ int64) error {
			return f(who, a)
		}
	}
	s, ctx := w.s, w.ctx
	onForwarder := func(f func(audit.Actor, provision.ForwarderRef) error) call {
		return func(who audit.Actor, o, _ provision.OrderRef, _ provision.AccountRef, _ int64) error {
			return f(who, provision.ForwarderRef{Order: o, Email: "team@d.example"})
		}
	}
	members := func(r provision.ForwarderRef) provision.ForwarderMembers {
		return provision.ForwarderMembers{Forwarder: r, Recipients: []string{"x@d.example"}}
	}
	return map[string]call{
		"CreateForwarder": onForwarder(func(w audit.Actor, r provision.ForwarderRef) error { return s.CreateForwarder(ctx, w, members(r)) }),
		"AddForwarderMembers": onForwarder(func(w audit.Actor, r provision.ForwarderRef) error {
			return s.AddForwarderMembers(ctx, w, members(r))
		}),
		"RemoveForwarderMembers": onForwarder(func(w audit.Actor, r provision.ForwarderRef) error {
			return s.RemoveForwarderMembers(ctx, w, members(r))
		}),
		"DeleteForwarder": onForwarder(func(w audit.Actor, r provision.ForwarderRef) error { return s.DeleteForwarder(ctx, w, r) }),
		"FetchForwarder":  onForwarder(func(w audit.Actor, r provision.ForwarderRef) error { _, err := s.FetchForwarder(ctx, w, r); return err }),
		"AddMailUser": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.AddMailUser(ctx, w, provision.AddMailUser{Order: o, Email: "y@d.example", Password: "pw-secret", NotificationEmail: "y@e.example", Country: "GB", Language: "en"})
			return err
		}),
		"ModifyMailUser": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.ModifyMailUser(ctx, w, provision.ModifyEmailAccount{Account: a, Name: ptr("thief")})
		}),
		"FindMailUser": onAccount(func(w audit.Actor, a provision.AccountRef) error { _, err := s.FindMailUser(ctx, w, a); return err }),
		"SearchMailUsers": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.SearchMailUsers(ctx, w, provision.SearchMailUsers{Order: o, Page: 1})
			return err
		}),
		"CountMailUsers": onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.CountMailUsers(ctx, w, o); return err }),
		"SuspendMailUsers": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.SuspendMailUsers(ctx, w, provision.MailUsers{Order: a.Order, Emails: []string{a.Email}})
		}),
		"UnsuspendMailUsers": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.UnsuspendMailUsers(ctx, w, provision.MailUsers{Order: a.Order, Emails: []string{a.Email}})
		}),
		"DeleteMailUsers": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.DeleteMailUsers(ctx, w, provision.MailUsers{Order: a.Order, Emails: []string{a.Email}})
		}),
		"ResetMailPassword": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.ResetMailPassword(ctx, w, a)
			return err
		}),
		"ChangeMailPassword": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.ChangeMailPassword(ctx, w, provision.ChangeMailPassword{Account: a, Old: "pw-1", New: "pw-stolen"})
		}),
		"AuthenticateMailUser": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.AuthenticateMailUser(ctx, w, a, "pw-1")
			return err
		}),
		"SetOrderContact": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			return s.SetOrderContact(ctx, w, o, "thief@e.example")
		}),
		"SetMailUserCatchAll": onAccount(func(w audit.Actor, a provision.AccountRef) error { return s.SetMailUserCatchAll(ctx, w, a) }),
		"SetMailUserAutoresponder": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.SetMailUserAutoresponder(ctx, w, provision.SetAutoresponder{Account: a})
		}),
		"ListForwarders":   onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.ListForwarders(ctx, w, o); return err }),
		"SetCatchAll":      onAccount(func(w audit.Actor, a provision.AccountRef) error { return s.SetCatchAll(ctx, w, a) }),
		"RemoveCatchAll":   onOrder(func(w audit.Actor, o provision.OrderRef) error { return s.RemoveCatchAll(ctx, w, o) }),
		"FetchCatchAll":    onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.FetchCatchAll(ctx, w, o); return err }),
		"FetchOrder":       onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.FetchOrder(ctx, w, o); return err }),
		"OrderSuspensions": onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.OrderSuspensions(ctx, w, o); return err }),
		"MailOrderReactivation": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.MailOrderReactivation(ctx, w, o)
			return err
		}),
		"ReactivateMailOrder": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.ReactivateMailOrder(ctx, w, o)
			return err
		}),
		"ModifyMailOrder": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.ModifyMailOrder(ctx, w, provision.ModifyMailOrder{Order: o, Plan: ptr(plan.Ultra), Payment: provision.PaymentDetails{TxnID: "t", Charged: amount("1")}})
			return err
		}),
		"SuspendMailOrder": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.SuspendMailOrder(ctx, w, provision.SuspendMailOrder{Order: o})
			return err
		}),
		"UnsuspendMailOrder": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.UnsuspendMailOrder(ctx, w, provision.UnsuspendMailOrder{Order: o})
			return err
		}),
		"DeleteMailOrder": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.DeleteMailOrder(ctx, w, provision.DeleteMailOrder{Order: o})
			return err
		}),
		"TransferMailOrder": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.TransferMailOrder(ctx, w, provision.TransferMailOrder{Order: o, To: provision.CustomerProfile{CustomerID: "thief"}})
			return err
		}),
		"VerifyDNS":      onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.VerifyDNS(ctx, w, o); return err }),
		"CheckDNSCached": onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.CheckDNSCached(ctx, w, o); return err }),
		"LastDNSCheck":   onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.LastDNSCheck(ctx, w, o); return err }),
		"DNSRecords":     onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.DNSRecords(ctx, w, o); return err }),
		"DKIMKeys":       onOrder(func(w audit.Actor, o provision.OrderRef) error { _, err := s.DKIMKeys(ctx, w, o); return err }),
		"GenerateDKIMKeys": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.GenerateDKIMKeys(ctx, w, o)
			return err
		}),
		"RotateDKIMKeys": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.RotateDKIMKeys(ctx, w, provision.RotateDKIMKeys{Order: o, Now: true})
			return err
		}),
		"ProveOwnership": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			if o.ID == 0 {
				o.ID = 99999 // takes no other reference
			}
			return s.ProveOwnership(ctx, w, o.ID)
		}),
		"OrderEvents": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			if o.ID == 0 {
				o.ID = 99999
			}
			_, err := s.OrderEvents(ctx, w, o.ID, 10)
			return err
		}),
		"CreateEmailAccount": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.CreateEmailAccount(ctx, w, provision.CreateEmailAccount{Order: o, Email: "n@d.example", Password: "pw-1"})
			return err
		}),
		"ListEmailAccounts": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.ListEmailAccounts(ctx, w, provision.ListEmailAccounts{Order: o, IncludeDeleted: true})
			return err
		}),
		"CheckEmailAccountAvailability": onOrder(func(w audit.Actor, o provision.OrderRef) error {
			_, err := s.CheckEmailAccountAvailability(ctx, w, o, "x@d.example")
			return err
		}),
		"ListMailOrders": func(who audit.Actor, _, _ provision.OrderRef, _ provision.AccountRef, customer int64) error {
			_, err := s.ListMailOrders(ctx, who, provision.ListMailOrders{CustomerNumber: customer})
			return err
		},
		"ListMailOrders by the partner's id": func(who audit.Actor, _, _ provision.OrderRef, _ provision.AccountRef, _ int64) error {
			_, err := s.ListMailOrders(ctx, who, provision.ListMailOrders{CustomerID: "c-1"})
			return err
		},
		"FetchEmailAccount": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.FetchEmailAccount(ctx, w, a)
			return err
		}),
		"FetchEmailAccount by id": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.FetchEmailAccount(ctx, w, provision.AccountRef{AccountID: a.AccountID})
			return err
		}),
		"FetchEmailAccount by address": onAccount(func(w audit.Actor, _ provision.AccountRef) error {
			_, err := s.FetchEmailAccount(ctx, w, provision.AccountRef{Email: "x@d.example"})
			return err
		}),
		"FetchEmailAccount in the own order": func(who audit.Actor, _, own provision.OrderRef, a provision.AccountRef, _ int64) error {
			_, err := s.FetchEmailAccount(ctx, who, provision.AccountRef{Order: own, AccountID: a.AccountID})
			return err
		},
		"ModifyEmailAccount in the own order": func(who audit.Actor, _, own provision.OrderRef, a provision.AccountRef, _ int64) error {
			_, err := s.ModifyEmailAccount(ctx, who, provision.ModifyEmailAccount{Account: provision.AccountRef{Order: own, AccountID: a.AccountID}, Password: ptr("pw-2")})
			return err
		},
		"EmailAliases": onAccount(func(w audit.Actor, a provision.AccountRef) error { _, err := s.EmailAliases(ctx, w, a); return err }),
		"EmailAccountReactivation": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.EmailAccountReactivation(ctx, w, a)
			return err
		}),
		"ModifyEmailAccount": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.ModifyEmailAccount(ctx, w, provision.ModifyEmailAccount{Account: a, Password: ptr("pw-2"), PurgeAt: date("2026-12-01")})
			return err
		}),
		"SuspendEmailAccount": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.SuspendEmailAccount(ctx, w, provision.SuspendEmailAccount{Account: a})
			return err
		}),
		"UnsuspendEmailAccount": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.UnsuspendEmailAccount(ctx, w, provision.UnsuspendEmailAccount{Account: a})
			return err
		}),
		"DeleteEmailAccount": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.DeleteEmailAccount(ctx, w, provision.DeleteEmailAccount{Account: a})
			return err
		}),
		"ReactivateEmailAccount": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.ReactivateEmailAccount(ctx, w, provision.ReactivateEmailAccount{Account: a})
			return err
		}),
		"CreateLegalExport": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.CreateLegalExport(ctx, w, a)
			return err
		}),
		"LegalExport": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.LegalExport(ctx, w, a, "job-1")
			return err
		}),
		"LegalExports": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			_, err := s.LegalExports(ctx, w, a)
			return err
		}),
		"AddEmailAlias": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.AddEmailAlias(ctx, w, provision.AddEmailAlias{Account: a, Alias: "al@d.example"})
		}),
		"RemoveEmailAliases": onAccount(func(w audit.Actor, a provision.AccountRef) error {
			return s.RemoveEmailAliases(ctx, w, provision.RemoveEmailAliases{Account: a, Aliases: []string{"al@d.example"}})
		}),
	}
}
