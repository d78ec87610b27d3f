package storetest

import (
	"slices"
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/work"
)

func testMailUser(t *testing.T, b *bench) {
	o, other := b.anOrder("d.example"), b.anOrder("e.example")
	for _, l := range []string{"john.doe", "john", "Z", "a", "z_1", "~"} { // in bytes: what no collation does
		b.write(func(tx work.Tx) error {
			return tx.TakeAddress(b.ctx(), account.Address{OrderID: o.ID, Local: l, Kind: account.KindAccount, AccountID: 7})
		})
	}
	b.write(func(tx work.Tx) error {
		return tx.TakeAddress(b.ctx(), account.Address{OrderID: other.ID, Local: "b", Kind: account.KindForwarder})
	})
	after := func(local string, limit int) []string {
		list := get(b, func(tx work.Tx) ([]*account.Address, error) {
			return tx.AddressesAfter(b.ctx(), o.ID, local, limit)
		})
		var out []string
		for _, a := range list {
			if a.OrderID != o.ID || a.Kind != account.KindAccount || a.AccountID != 7 {
				t.Errorf("%+v", a)
			}
			out = append(out, a.Local)
		}
		return out
	}
	if got := after("", 10); !slices.Equal(got, []string{"Z", "a", "john", "john.doe", "z_1", "~"}) {
		t.Errorf("%q", got)
	}
	if got := after("a", 2); !slices.Equal(got, []string{"john", "john.doe"}) {
		t.Errorf("%q", got)
	}
	if got := after("~", 2); len(got) != 0 {
		t.Errorf("%q", got)
	}

	guesses := func(local string) time.Time {
		return get(b, func(tx work.Tx) (time.Time, error) { return tx.PasswordGuesses(b.ctx(), o.ID, local) })
	}
	put := func(local string, until time.Time) {
		b.write(func(tx work.Tx) error { return tx.PutPasswordGuesses(b.ctx(), o.ID, local, until) })
	}
	if !guesses("a").IsZero() {
		t.Error("guesses")
	}
	put("a", when(5))
	put("a", when(6))
	put("b", when(3))
	put("c", when(9))
	put("c", time.Time{})
	b.write(func(tx work.Tx) error { return tx.ForgetPasswordGuesses(b.ctx(), when(4)) })
	if !guesses("a").Equal(when(6)) || !guesses("b").IsZero() || !guesses("c").IsZero() {
		t.Errorf("%v %v %v", guesses("a"), guesses("b"), guesses("c"))
	}

	contact := func(id int64) string {
		return get(b, func(tx work.Tx) (string, error) { return tx.OrderContact(b.ctx(), id) })
	}
	for _, email := range []string{"x@example.com", "y@example.com"} {
		b.write(func(tx work.Tx) error { return tx.PutOrderContact(b.ctx(), o.ID, email) })
		if contact(o.ID) != email || contact(other.ID) != "" {
			t.Errorf("%q %q", contact(o.ID), contact(other.ID))
		}
	}
}
