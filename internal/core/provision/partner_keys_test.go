package provision_test

import (
	"net/netip"
	"slices"
	"testing"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
)

func (w *world) scoped(id int64, scopes ...partner.Scope) (*partner.Key, string) {
	w.t.Helper()
	k, raw, err := w.s.CreateKey(w.ctx, w.op, tenancy.CreateKey{PartnerID: id, Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return k, raw
}

func TestScopedKeys(t *testing.T) {
	w := newWorld(t)
	id, first := w.a.PartnerID, w.keys[w.a.PartnerID]
	_, reader := w.scoped(id, partner.ScopeEventsRead, partner.ScopeWebhooksWrite)
	_, dialect := w.scoped(id, partner.ScopeTitan, partner.ScopeTitan)
	_, whole := w.scoped(id)
	caller := func(raw string) *tenancy.Caller {
		t.Helper()
		c, err := w.s.AuthenticateKey(w.ctx, raw, netip.MustParseAddr("192.0.2.1"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		name, raw string
		may       []partner.Scope
	}{
		{"reader", reader, []partner.Scope{partner.ScopeEventsRead, partner.ScopeWebhooksRead, partner.ScopeWebhooksWrite}},
		{"dialect", dialect, []partner.Scope{partner.ScopeTitan}},
		{"whole", whole, partner.Scopes()},
		{"first", first, partner.Scopes()},
	} {
		got := caller(c.raw)
		for _, s := range partner.Scopes() {
			if got.May(s) != slices.Contains(c.may, s) {
				t.Errorf("%s: %s: %v", c.name, s, got.May(s))
			}
		}
	}
	// A key for less than the dialect signs nothing.
	w.signs(id, whole, dialect, first)

	// A rotation is of keys for everything.
	next := w.rotate(id, 0)
	w.signs(id, next, dialect)
	caller(reader)
	if _, err := w.s.AuthenticateKey(w.ctx, first, netip.MustParseAddr("192.0.2.1")); !fault.Is(err, fault.Unauthenticated) {
		t.Error(err)
	}

	if _, _, err := w.s.CreateKey(w.ctx, w.op, tenancy.CreateKey{PartnerID: id, Scopes: []partner.Scope{"titan "}}); err != nil {
		t.Error(err)
	}
	for _, s := range []partner.Scope{"", "Titan", "events", "events:write", "*"} {
		if _, _, err := w.s.CreateKey(w.ctx, w.op, tenancy.CreateKey{PartnerID: id, Scopes: []partner.Scope{s}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, _, err := w.s.CreateKey(w.ctx, w.a, tenancy.CreateKey{PartnerID: id}); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	if _, _, err := w.s.CreateKey(w.ctx, w.op, tenancy.CreateKey{PartnerID: 99}); !fault.Is(err, fault.PartnerNotFound) {
		t.Error(err)
	}

	keys, err := w.s.OwnKeys(w.ctx, w.b)
	if err != nil || len(keys) != 1 || keys[0].Sealed != nil || keys[0].LookupHash != nil {
		t.Error(keys, err)
	}
	for range 100 - 4 {
		w.scoped(id, partner.ScopeEventsRead)
	}
	if _, _, err := w.s.CreateKey(w.ctx, w.op, tenancy.CreateKey{PartnerID: id}); !fault.Is(err, fault.Conflict) || fault.Of(err).Reason != "TOO_MANY_KEYS" {
		t.Error(err)
	}
}
