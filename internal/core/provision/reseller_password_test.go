package provision_test

import (
	"net/netip"
	"testing"

	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// A right password pays for one hash, a wrong one for one each time; what may
// not call at all costs as much as a wrong one.
func TestAuthenticateResellerPassword(t *testing.T) {
	w := newWorld(t)
	r, _, err := w.s.CreateReseller(w.ctx, w.op, reselling.CreateReseller{PartnerID: w.a.PartnerID, Username: "r@resellers.example"})
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*reseller.Reseller)) {
		t.Helper()
		f(r)
		if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.UpdateReseller(w.ctx, r) }); err != nil {
			t.Fatal(err)
		}
	}
	hashed := func(pw string) string {
		t.Helper()
		h, err := w.hash.Hash(w.ctx, pw)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if _, err := w.s.AuthenticateResellerPassword(w.ctx, r.ID, "nobody has this password", netip.Addr{}); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("one without a password: %v", err)
	}
	change(func(r *reseller.Reseller) { r.PasswordHash = hashed("Right#123") })
	try := func(id int64, pw, from string, ok bool, hashes int32) {
		t.Helper()
		before := w.hash.calls.Load()
		got, err := w.s.AuthenticateResellerPassword(w.ctx, id, pw, netip.MustParseAddr(from))
		if ok != (err == nil) || !ok && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%d %s from %s: %v", id, pw, from, err)
		}
		if ok && (got.Reseller.ID != r.ID || got.Actor.Limit.ResellerID != r.ID || !got.Actor.Limited || got.KeyID != 0) {
			t.Errorf("%+v", got)
		}
		if n := w.hash.calls.Load() - before; n != hashes {
			t.Errorf("%d %s from %s: %d hashes, want %d", id, pw, from, n, hashes)
		}
	}
	try(r.ID, "wrong", "192.0.2.1", false, 1)
	try(r.ID, "wrong", "192.0.2.1", false, 1)
	try(r.ID, "Right#123", "192.0.2.1", true, 1)
	try(r.ID, "Right#123", "192.0.2.1", true, 0)
	try(r.ID+1, "Right#123", "192.0.2.1", false, 1)
	try(r.ID, "", "192.0.2.1", false, 0)
	change(func(r *reseller.Reseller) {
		r.AllowedNetworks = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	})
	try(r.ID, "Right#123", "192.0.2.1", false, 1)
	try(r.ID, "Right#123", "198.51.100.1", true, 0)
	change(func(r *reseller.Reseller) { r.PasswordHash = hashed("Other#123") })
	try(r.ID, "Right#123", "198.51.100.1", false, 1)
	try(r.ID, "Other#123", "198.51.100.1", true, 1)
	change(func(r *reseller.Reseller) { r.Status = reseller.Suspended })
	try(r.ID, "Other#123", "198.51.100.1", false, 1)
}
