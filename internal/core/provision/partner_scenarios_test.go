package provision_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var somewhere = netip.MustParseAddr("192.0.2.1")

func TestAuthenticateKey(t *testing.T) {
	w := newWorld(t)
	id := w.a.PartnerID
	first := w.keys[id]
	auth := func(raw string, from netip.Addr) (*tenancy.Caller, error) {
		return w.s.AuthenticateKey(w.ctx, raw, from)
	}
	caller, err := auth(first, somewhere)
	if err != nil || caller.Partner.ID != id || caller.Actor.PartnerID != id || caller.Actor.Role != suspension.RolePartner || caller.Actor.Address != "192.0.2.1" {
		t.Fatalf("%+v, %v", caller, err)
	}
	if caller.Actor.Name != "key:1" || strings.Contains(caller.Actor.String(), first) {
		t.Errorf("%+v", caller.Actor)
	}
	// Every key that does not work gets the same answer.
	var answers []string
	for _, raw := range []string{"", "nonsense", "Bearer " + first, first + "x", first[:len(first)-1] + "!", strings.Replace(first, "p_1", "p_2", 1), strings.Repeat("x", 1<<16), " " + first} {
		_, err := auth(raw, somewhere)
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%.40q: %v", raw, err)
			continue
		}
		answers = append(answers, err.Error())
	}
	second := w.rotate(id, time.Hour)
	for _, raw := range []string{first, second} {
		if _, err := auth(raw, somewhere); err != nil {
			t.Errorf("in the overlap: %v", err)
		}
	}
	w.signs(id, second, first)
	third := w.rotate(id, time.Hour)
	if _, err := auth(first, somewhere); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a third valid key: %v", err)
	}
	w.signs(id, third, second)
	w.clock.Advance(time.Hour)
	_, err = auth(second, somewhere)
	answers = append(answers, err.Error())
	w.signs(id, third)
	if err := w.s.RevokeKey(w.ctx, w.op, id, w.keyIDs(id)[0]); err != nil {
		t.Fatal(err)
	}
	_, err = auth(third, somewhere)
	answers = append(answers, err.Error())
	slices.Sort(answers)
	if len(slices.Compact(answers)) != 1 {
		t.Errorf("different answers: %v", answers)
	}
	if _, err := w.s.SigningKeys(w.ctx, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a partner without keys: %v", err)
	}
	// A key that is not to be found again.
	if n := w.rotate(id, 0); n == third {
		t.Error("the same key again")
	}
	for _, r := range w.store.AllRecords() {
		for _, raw := range []string{first, second, third} {
			if strings.Contains(string(r.Detail), raw) || strings.Contains(string(r.Detail), raw[5:]) {
				t.Errorf("the audit log tells a key: %s", r.Detail)
			}
		}
	}
}

func (w *world) rotate(id int64, overlap time.Duration) string {
	w.t.Helper()
	raw, err := w.s.RotateKey(w.ctx, w.op, tenancy.RotateKey{PartnerID: id, Overlap: &overlap})
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func (w *world) signs(id int64, want ...string) {
	w.t.Helper()
	if got, err := w.s.SigningKeys(w.ctx, id); err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%d keys sign, %v, want %d", len(got), err, len(want))
	}
}

func (w *world) keyIDs(id int64) (out []int64) {
	w.t.Helper()
	d, err := w.s.ShowPartner(w.ctx, w.op, id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range d.Keys {
		out = append(out, k.ID)
	}
	return out
}

func TestKeysAreStoredSealed(t *testing.T) {
	w := newWorld(t)
	raw := w.keys[w.a.PartnerID]
	d, err := w.s.ShowPartner(w.ctx, w.op, w.a.PartnerID)
	if err != nil || len(d.Keys) != 1 {
		t.Fatal(d, err)
	}
	if k := d.Keys[0]; strings.Contains(string(k.Sealed), raw) || !strings.HasSuffix(raw, k.Hint) || len(k.Hint) != 4 {
		t.Errorf("%+v", k)
	}
	// A sealed key of one partner is no key of another.
	if err := w.store.Write(w.ctx, func(tx work.Tx) error {
		all, err := tx.Keys(w.ctx, w.b.PartnerID)
		if err != nil {
			return err
		}
		all[0].Sealed = d.Keys[0].Sealed
		return tx.UpdateKey(w.ctx, all[0])
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.SigningKeys(w.ctx, w.b.PartnerID); !fault.Is(err, fault.Internal) {
		t.Errorf("a moved key opens: %v", err)
	}
}

func TestAllowListAndSuspension(t *testing.T) {
	w := newWorld(t)
	id, raw := w.a.PartnerID, w.keys[w.a.PartnerID]
	allow := func(list ...string) {
		t.Helper()
		var networks []netip.Prefix
		for _, s := range list {
			networks = append(networks, netip.MustParsePrefix(s))
		}
		if err := w.s.SetAllowedNetworks(w.ctx, w.op, id, networks); err != nil {
			t.Fatal(err)
		}
	}
	allow("192.0.2.77/24", "2001:db8::/32")
	for from, want := range map[string]fault.Code{
		"192.0.2.1": "", "::ffff:192.0.2.1": "", "198.51.100.1": fault.Forbidden, "2001:db8::1": "", "2001:db9::1": fault.Forbidden,
	} {
		_, err := w.s.AuthenticateKey(w.ctx, raw, netip.MustParseAddr(from))
		if (want == "" && err != nil) || (want != "" && (!fault.Is(err, want) || fault.Of(err).Reason != "ADDRESS_NOT_ALLOWED")) {
			t.Errorf("%s: %v", from, err)
		}
	}
	if _, err := w.s.AuthenticateKey(w.ctx, raw+"x", netip.MustParseAddr("198.51.100.1")); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the list is checked before the key: %v", err)
	}
	allow()
	if _, err := w.s.AuthenticateKey(w.ctx, raw, netip.MustParseAddr("198.51.100.1")); err != nil {
		t.Error(err)
	}
	if err := w.s.SuspendPartner(w.ctx, w.op, id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.AuthenticateKey(w.ctx, raw, somewhere); !fault.Is(err, fault.PartnerNotFound) {
		t.Error(err)
	}
	if err := w.s.UnsuspendPartner(w.ctx, w.op, id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.AuthenticateKey(w.ctx, raw, somewhere); err != nil {
		t.Error(err)
	}
}

func TestPartnerCommandsAreTheOperators(t *testing.T) {
	w := newWorld(t)
	id := w.a.PartnerID
	forged := audit.Actor{Role: suspension.RolePartner} // a tenant that somebody forgot to name
	named := w.a
	named.Role = suspension.RoleTitanSupport
	for _, actor := range []audit.Actor{w.a, forged, named, {}} {
		for name, call := range map[string]func() error{
			"create": func() error {
				_, _, err := w.s.CreatePartner(w.ctx, actor, tenancy.CreatePartner{Name: "x"})
				return err
			},
			"list":     func() error { _, err := w.s.Partners(w.ctx, actor); return err },
			"show":     func() error { _, err := w.s.ShowPartner(w.ctx, actor, id); return err },
			"suspend":  func() error { return w.s.SuspendPartner(w.ctx, actor, id) },
			"networks": func() error { return w.s.SetAllowedNetworks(w.ctx, actor, id, nil) },
			"settings": func() error { return w.s.SetPartnerSettings(w.ctx, actor, id, partner.Settings{}) },
			"rotate":   func() error { _, err := w.s.RotateKey(w.ctx, actor, tenancy.RotateKey{PartnerID: id}); return err },
			"revoke":   func() error { return w.s.RevokeKey(w.ctx, actor, id, 1) },
		} {
			if err := call(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s by %+v: %v", name, actor, err)
			}
		}
	}
	if _, err := w.s.FetchOrder(w.ctx, forged, work.OrderRef{ID: 1}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a query by nobody's tenant: %v", err)
	}
	for name, err := range map[string]error{
		"name":     func() error { _, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{}); return err }(),
		"currency": w.s.SetPartnerSettings(w.ctx, w.op, id, partner.Settings{Currency: "??"}),
		"rate":     w.s.SetPartnerSettings(w.ctx, w.op, id, partner.Settings{RateBurst: ptr(-1)}),
		"owner":    w.s.SetPartnerSettings(w.ctx, w.op, id, partner.Settings{BillingOwner: "x"}),
		"networks": w.s.SetAllowedNetworks(w.ctx, w.op, id, []netip.Prefix{{}}),
		"overlap": func() error {
			_, err := w.s.RotateKey(w.ctx, w.op, tenancy.RotateKey{PartnerID: id, Overlap: ptr(-time.Second)})
			return err
		}(),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"suspend": w.s.SuspendPartner(w.ctx, w.op, 99), "rotate": func() error {
			_, err := w.s.RotateKey(w.ctx, w.op, tenancy.RotateKey{PartnerID: 99})
			return err
		}(),
	} {
		if !fault.Is(err, fault.PartnerNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.s.RevokeKey(w.ctx, w.op, w.b.PartnerID, w.keyIDs(id)[0]); !fault.Is(err, fault.NotFound) {
		t.Errorf("a key of another partner was revoked: %v", err)
	}
	if list, err := w.s.Partners(w.ctx, w.op); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}
