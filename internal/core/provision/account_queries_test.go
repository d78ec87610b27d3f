package provision_test

import (
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func TestEmailAvailability(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Seats = ptr(2)
	id := w.order(w.a, cmd)
	x := w.account(w.a, id, "x@d.example")
	ref := work.OrderRef{ID: id}
	if err := w.s.AddEmailAlias(w.ctx, w.a, mailboxes.AddEmailAlias{Account: work.AccountRef{Order: ref, AccountID: x}, Alias: "al@d.example"}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Write(w.ctx, func(tx work.Tx) error {
		return tx.TakeAddress(w.ctx, account.Address{OrderID: id, Local: "fw", Kind: account.KindForwarder})
	}); err != nil {
		t.Fatal(err)
	}
	check := func(email, reason string, accountID int64) {
		t.Helper()
		a, err := w.s.CheckEmailAccountAvailability(w.ctx, w.a, ref, email)
		if err != nil || a.Available != (reason == "") || a.Reason != reason || a.AccountID != accountID {
			t.Errorf("%s: %+v, %v", email, a, err)
		}
	}
	check("new@d.example", "", 0)
	check("X@d.example", "EXISTS_AS_EMAIL_ACCOUNT", x)
	check("al@d.example", "EXISTS_AS_ALIAS", x)
	check("fw@d.example", "EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT", 0)
	check("new@e.example", "DOMAIN_MISMATCH", 0)
	check("nonsense", "INVALID_EMAIL", 0)
	w.account(w.a, id, "y@d.example")
	check("new@d.example", "ACCOUNT_LIMIT_REACHED", 0)
	check("x@d.example", "EXISTS_AS_EMAIL_ACCOUNT", x)
}

func TestFetchAndListEmailAccounts(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x, y := w.account(w.a, id, "x@d.example"), w.account(w.a, id, "y@d.example")
	w.store.SetUsed(x, 1234)
	fetch := func(ref work.AccountRef) (*work.AccountDetails, error) {
		return w.s.FetchEmailAccount(w.ctx, w.a, ref)
	}
	for name, ref := range map[string]work.AccountRef{
		"id": {AccountID: x}, "order and address": {Order: work.OrderRef{ID: id}, Email: " X@d.example"}, "address": {Email: "x@D.example"},
		"all": {Order: work.OrderRef{ID: id}, AccountID: x, Email: "x@d.example"},
	} {
		if d, err := fetch(ref); err != nil || d.Account.ID != x || d.StorageUsed != 1234 || d.StorageLimitMB != 5120 || d.CustomerID != "c-1" {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for name, c := range map[string]struct {
		ref  work.AccountRef
		code fault.Code
	}{
		"nothing":       {work.AccountRef{}, fault.Invalid},
		"unknown":       {work.AccountRef{Email: "z@d.example"}, fault.AccountNotFound},
		"nonsense":      {work.AccountRef{Email: "z"}, fault.AccountNotFound},
		"unknown id":    {work.AccountRef{AccountID: 99}, fault.AccountNotFound},
		"negative id":   {work.AccountRef{AccountID: -1}, fault.AccountNotFound},
		"contradiction": {work.AccountRef{AccountID: x, Email: "y@d.example"}, fault.AccountNotFound},
		"other order":   {work.AccountRef{Order: work.OrderRef{ID: 99}, AccountID: x}, fault.OrderNotFound},
	} {
		if _, err := fetch(c.ref); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Several live accounts of one address: in a deleted and in a new order.
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}); err != nil {
		t.Fatal(err)
	}
	again := w.order(w.a, proOrder("d.example", "c-1"))
	w.account(w.a, again, "x@d.example")
	if _, err := fetch(work.AccountRef{Email: "x@d.example"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if d, err := fetch(work.AccountRef{Email: "y@d.example"}); err != nil || d.Account.ID != y {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := w.s.DeleteEmailAccount(w.ctx, w.a, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: again}, Email: "x@d.example"}}); err != nil {
		t.Fatal(err)
	}
	w.account(w.a, again, "n@d.example")
	for includeDeleted, want := range map[bool]int{false: 1, true: 2} {
		list, err := w.s.ListEmailAccounts(w.ctx, w.a, mailboxes.ListEmailAccounts{Order: work.OrderRef{ID: again}, IncludeDeleted: includeDeleted})
		if err != nil || len(list) != want {
			t.Errorf("%v: %d, %v", includeDeleted, len(list), err)
		}
	}
}
