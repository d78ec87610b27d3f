package storetest

import (
	"maps"
	"net/netip"
	"testing"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func (b *bench) apiUser(a *partner.APIUser) bool {
	b.t.Helper()
	var ok bool
	b.write(func(tx work.Tx) (err error) {
		ok, err = tx.InsertAPIUser(b.ctx(), a)
		return err
	})
	return ok
}

func testAPIUser(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	full := &partner.APIUser{PartnerID: p.ID, Username: "acme", PasswordHash: []byte{0, 1, 255}, Sealed: []byte("sealed\x00"), Rights: partner.RightsAdministrator,
		AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, CreatedAt: when(1)}
	plain := &partner.APIUser{PartnerID: p.ID, Username: "Acme", Rights: partner.RightsBrand, CreatedAt: when(2)}
	foreign := &partner.APIUser{PartnerID: other.ID, Username: "other", Rights: partner.RightsBrand, CreatedAt: when(3)}
	for _, a := range []*partner.APIUser{full, plain, foreign} {
		if !b.apiUser(a) || a.ID == 0 {
			t.Fatalf("%+v", a)
		}
	}
	byName := func(name string) *partner.APIUser {
		return get(b, func(tx work.Tx) (*partner.APIUser, error) { return tx.APIUserByName(b.ctx(), name) })
	}
	list := func(id int64) []*partner.APIUser {
		return get(b, func(tx work.Tx) ([]*partner.APIUser, error) { return tx.APIUsers(b.ctx(), id) })
	}
	same(t, byName("acme"), full)
	same(t, get(b, func(tx work.Tx) (*partner.APIUser, error) { return tx.APIUser(b.ctx(), plain.ID) }), plain)
	absent(b, "APIUser", func(tx work.Tx) (*partner.APIUser, error) { return tx.APIUser(b.ctx(), 999) })
	absent(b, "APIUserByName", func(tx work.Tx) (*partner.APIUser, error) { return tx.APIUserByName(b.ctx(), "nobody") })
	same(t, list(p.ID), []*partner.APIUser{full, plain})

	again := &partner.APIUser{PartnerID: other.ID, Username: "acme", Rights: partner.RightsBrand, CreatedAt: when(4)}
	if b.apiUser(again) {
		t.Error("another partner takes a name")
	}
	full.PasswordHash, full.Sealed, full.Rights, full.AllowedNetworks, full.RevokedAt = nil, nil, partner.RightsOperator, nil, maybe(5)
	b.write(func(tx work.Tx) error { return tx.UpdateAPIUser(b.ctx(), full) })
	same(t, list(p.ID), []*partner.APIUser{full, plain})
	if byName("acme") != nil {
		t.Error("a revoked user has its name still")
	}
	if !b.apiUser(again) {
		t.Error("a revoked user's name is not free")
	}
	same(t, byName("acme"), again)
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.UpdateAPIUser(b.ctx(), &partner.APIUser{ID: 999}) })
}

func testOAuthCredentials(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	ours, theirs := &partner.APIUser{PartnerID: p.ID, Username: "a", CreatedAt: when(1)}, &partner.APIUser{PartnerID: other.ID, Username: "b", CreatedAt: when(1)}
	b.apiUser(ours)
	b.apiUser(theirs)
	one := &partner.OAuthCredentials{APIUserID: ours.ID, ConsumerKey: "key", Token: "token", Sealed: []byte{0, 255}, CreatedAt: when(2)}
	two := &partner.OAuthCredentials{APIUserID: ours.ID, ConsumerKey: "KEY", Token: "TOKEN", Sealed: []byte("x"), CreatedAt: when(3)}
	foreign := &partner.OAuthCredentials{APIUserID: theirs.ID, ConsumerKey: "k3", Token: "t3", Sealed: []byte("x"), CreatedAt: when(3)}
	insert := func(c *partner.OAuthCredentials) func(work.Tx) error {
		return func(tx work.Tx) error { return tx.InsertOAuthCredentials(b.ctx(), c) }
	}
	for _, c := range []*partner.OAuthCredentials{one, two, foreign} {
		b.write(insert(c))
	}
	byKey := func(key string) *partner.OAuthCredentials {
		return get(b, func(tx work.Tx) (*partner.OAuthCredentials, error) { return tx.OAuthByConsumerKey(b.ctx(), key) })
	}
	same(t, byKey("key"), one)
	same(t, byKey("KEY"), two)
	same(t, get(b, func(tx work.Tx) (*partner.OAuthCredentials, error) {
		return tx.OAuthCredentials(b.ctx(), foreign.ID)
	}), foreign)
	absent(b, "OAuthByConsumerKey", func(tx work.Tx) (*partner.OAuthCredentials, error) { return tx.OAuthByConsumerKey(b.ctx(), "Key") })
	absent(b, "OAuthCredentials", func(tx work.Tx) (*partner.OAuthCredentials, error) { return tx.OAuthCredentials(b.ctx(), 999) })
	one.RevokedAt = maybe(7)
	b.write(func(tx work.Tx) error { return tx.UpdateOAuthCredentials(b.ctx(), one) })
	same(t, get(b, func(tx work.Tx) ([]*partner.OAuthCredentials, error) { return tx.OAuthOfPartner(b.ctx(), p.ID) }), []*partner.OAuthCredentials{one, two})
	b.refused(fault.Conflict, insert(&partner.OAuthCredentials{APIUserID: ours.ID, ConsumerKey: "key", Token: "t4", Sealed: []byte("x"), CreatedAt: when(3)}))
	b.refused(fault.Conflict, insert(&partner.OAuthCredentials{APIUserID: ours.ID, ConsumerKey: "k4", Token: "token", Sealed: []byte("x"), CreatedAt: when(3)}))
}

func testOAuthNonce(t *testing.T, b *bench) {
	take := func(id int64, at time.Time, nonce string) (ok bool) {
		b.write(func(tx work.Tx) (err error) {
			ok, err = tx.TakeOAuthNonce(b.ctx(), work.OAuthNonce{CredentialsID: id, SignedAt: at, Hash: []byte(nonce)})
			return err
		})
		return ok
	}
	early, late := time.Unix(1000, 0), time.Unix(1001, 0)
	for _, c := range []struct {
		id    int64
		at    time.Time
		nonce string
		want  bool
	}{
		{1, early, "n", true}, {1, early, "n", false}, {2, early, "n", true}, {1, late, "n", true}, {1, early, "N", true}, {1, late, "n", false},
	} {
		if got := take(c.id, c.at, c.nonce); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	b.write(func(tx work.Tx) error { return tx.ForgetOAuthNonces(b.ctx(), late) })
	if !take(1, early, "n") || take(1, late, "n") {
		t.Error("others are forgotten than those of before")
	}
}

func testShopSettings(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	settings := func(id int64) *shop.Settings {
		return get(b, func(tx work.Tx) (*shop.Settings, error) { return tx.ShopSettings(b.ctx(), id) })
	}
	hosts := func(id int64, names ...string) (taken string) {
		_ = b.s.Write(b.ctx(), func(tx work.Tx) (err error) {
			if taken, err = tx.SetShopHosts(b.ctx(), id, names); err == nil && taken != "" {
				err = fault.New(fault.Conflict, "taken")
			}
			return err
		})
		return taken
	}
	if settings(p.ID) != nil {
		t.Error("settings of nobody")
	}
	full := &shop.Settings{Hosts: []string{"a.example"}, LinkHosts: []string{"b.example"}, TimeZone: "Europe/London", DNSProviderRef: 4, MailboxArray: true,
		DefaultPackage: 1 << 40, PreferredPackage: 2, Endings: []string{"co.uk"}, Languages: []string{"de"}}
	b.write(func(tx work.Tx) error { return tx.PutShopSettings(b.ctx(), p.ID, &shop.Settings{}, when(1)) })
	same(t, settings(p.ID), &shop.Settings{})
	b.write(func(tx work.Tx) error { return tx.PutShopSettings(b.ctx(), p.ID, full, when(2)) })
	same(t, settings(p.ID), full)
	if settings(other.ID) != nil {
		t.Error("another's settings")
	}

	if hosts(p.ID, "a.example", "b.example") != "" || hosts(p.ID, "b.example", "c.example") != "" || hosts(other.ID, "a.example") != "" {
		t.Error("hosts are taken that are free")
	}
	if got := hosts(other.ID, "d.example", "c.example"); got != "c.example" {
		t.Errorf("taken: %q", got)
	}
	want := map[string]int64{"b.example": p.ID, "c.example": p.ID, "a.example": other.ID}
	if got := get(b, func(tx work.Tx) (map[string]int64, error) { return tx.ShopHosts(b.ctx()) }); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
