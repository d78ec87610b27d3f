package storetest

import (
	"net/netip"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func testPartner(t *testing.T, b *bench) {
	absent(b, "Partner", func(tx work.Tx) (*partner.Partner, error) { return tx.Partner(b.ctx(), 1) })
	if list := get(b, func(tx work.Tx) ([]*partner.Partner, error) { return tx.Partners(b.ctx()) }); len(list) != 0 {
		t.Errorf("an empty store has %d partners", len(list))
	}
	rate, burst := 0, 7
	full := &partner.Partner{
		Name: "Full", Status: partner.Suspended, Sandbox: true,
		AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		Settings: partner.Settings{BillingOwner: partner.BilledByPlatform, Currency: "EUR", ChargedAmountOptional: true,
			ServerScoped: true, CollateHosts: true, NoSetupMail: true, RatePerSecond: &rate, RateBurst: &burst},
		CreatedAt: when(1), UpdatedAt: when(2),
	}
	plain := &partner.Partner{Name: "", Status: partner.Active, CreatedAt: when(3), UpdatedAt: when(4)}
	b.write(func(tx work.Tx) error {
		if err := tx.InsertPartner(b.ctx(), full); err != nil {
			return err
		}
		return tx.InsertPartner(b.ctx(), plain)
	})
	if full.ID == 0 || plain.ID <= full.ID {
		t.Fatalf("ids %d and %d, want growing ones", full.ID, plain.ID)
	}
	for _, want := range []*partner.Partner{full, plain} {
		same(t, get(b, func(tx work.Tx) (*partner.Partner, error) { return tx.Partner(b.ctx(), want.ID) }), want)
	}
	same(t, get(b, func(tx work.Tx) ([]*partner.Partner, error) { return tx.Partners(b.ctx()) }), []*partner.Partner{full, plain})

	full.Name, full.Status, full.Sandbox, full.AllowedNetworks = "New", partner.Active, false, nil
	full.Settings, full.UpdatedAt = partner.Settings{Currency: "USD"}, when(9)
	b.write(func(tx work.Tx) error { return tx.UpdatePartner(b.ctx(), full) })
	same(t, get(b, func(tx work.Tx) ([]*partner.Partner, error) { return tx.Partners(b.ctx()) }), []*partner.Partner{full, plain})

	b.refused(fault.NotFound, func(tx work.Tx) error {
		return tx.UpdatePartner(b.ctx(), &partner.Partner{ID: 999})
	})
}

func testKey(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	keys := []*partner.Key{
		{PartnerID: p.ID, LookupHash: []byte{0, 1, 255}, Sealed: []byte("sealed\x00"), Hint: "abcd", CreatedAt: when(1), ExpiresAt: maybe(2), RevokedAt: maybe(3)},
		{PartnerID: p.ID, LookupHash: []byte("hash"), CreatedAt: when(4), Scopes: []partner.Scope{partner.ScopeTitan, partner.ScopeEventsRead}},
		{PartnerID: other.ID, LookupHash: []byte("hash2"), CreatedAt: when(4)},
	}
	b.write(func(tx work.Tx) error {
		for _, k := range keys {
			if err := tx.InsertKey(b.ctx(), k); err != nil {
				return err
			}
		}
		return nil
	})
	list := func() []*partner.Key {
		return get(b, func(tx work.Tx) ([]*partner.Key, error) { return tx.Keys(b.ctx(), p.ID) })
	}
	same(t, list(), keys[:2])
	for _, k := range keys {
		same(t, get(b, func(tx work.Tx) (*partner.Key, error) { return tx.KeyByHash(b.ctx(), k.LookupHash) }), k)
	}
	absent(b, "KeyByHash", func(tx work.Tx) (*partner.Key, error) { return tx.KeyByHash(b.ctx(), []byte("HASH")) })

	keys[0].Sealed, keys[0].ExpiresAt, keys[0].RevokedAt = []byte("again"), nil, maybe(8)
	keys[1].ExpiresAt = maybe(9)
	b.write(func(tx work.Tx) error {
		if err := tx.UpdateKey(b.ctx(), keys[0]); err != nil {
			return err
		}
		return tx.UpdateKey(b.ctx(), keys[1])
	})
	same(t, list(), keys[:2])

	b.refused(fault.Conflict, func(tx work.Tx) error {
		return tx.InsertKey(b.ctx(), &partner.Key{PartnerID: p.ID, LookupHash: []byte("hash"), CreatedAt: when(1)})
	})
	b.refused(fault.Conflict, func(tx work.Tx) error {
		return tx.InsertKey(b.ctx(), &partner.Key{PartnerID: 999, LookupHash: []byte("nobody's"), CreatedAt: when(1)})
	})
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.UpdateKey(b.ctx(), &partner.Key{ID: 999}) })
	same(t, list(), keys[:2])
}

func testCustomer(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	full := &customer.Customer{PartnerID: p.ID, CustomerID: "c-1", ServerHost: "host.example", Name: "Ålice", Email: "a@example.com",
		AlternateEmail: "b@example.com", Country: "IN", Locale: "en-IN", PasswordHash: "$argon2id$x", Status: customer.Suspended,
		CreatedAt: when(1), UpdatedAt: when(2)}
	b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), full) })
	one := func() *customer.Customer {
		return get(b, func(tx work.Tx) (*customer.Customer, error) { return tx.Customer(b.ctx(), full.ID) })
	}
	same(t, one(), full)
	plain := b.customer(p, "c-1") // the same id without a server host
	elsewhere := b.customer(other, "c-1")
	b.customer(p, "C-1") // letters count
	find := func(partnerID int64, id string) []*customer.Customer {
		return get(b, func(tx work.Tx) ([]*customer.Customer, error) {
			return tx.CustomersByPartnerID(b.ctx(), partnerID, id)
		})
	}
	same(t, find(p.ID, "c-1"), []*customer.Customer{full, plain})
	same(t, find(other.ID, "c-1"), []*customer.Customer{elsewhere})
	if got := find(p.ID, "c-2"); len(got) != 0 {
		t.Errorf("found %s for an unknown id", show(got))
	}
	absent(b, "Customer", func(tx work.Tx) (*customer.Customer, error) { return tx.Customer(b.ctx(), 999) })

	full.Name, full.Email, full.AlternateEmail, full.Country, full.Locale = "B", "c@example.com", "", "DE", "de"
	full.PasswordHash, full.Status, full.UpdatedAt, full.ServerHost = "", customer.Active, when(7), "other.example"
	b.write(func(tx work.Tx) error { return tx.UpdateCustomer(b.ctx(), full) })
	same(t, one(), full)

	b.refused(fault.Conflict, func(tx work.Tx) error {
		return tx.InsertCustomer(b.ctx(), &customer.Customer{PartnerID: p.ID, CustomerID: "c-1", Status: customer.Active})
	})
	b.refused(fault.Conflict, func(tx work.Tx) error {
		moved := *full
		moved.ServerHost = ""
		return tx.UpdateCustomer(b.ctx(), &moved)
	})
	b.refused(fault.NotFound, func(tx work.Tx) error {
		return tx.UpdateCustomer(b.ctx(), &customer.Customer{ID: 999, PartnerID: p.ID})
	})
	same(t, one(), full)
}
