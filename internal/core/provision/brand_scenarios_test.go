package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
)

func TestBrands(t *testing.T) {
	w := newWorld(t)
	set := func(cmd tenancy.SetBrand) func() error {
		return func() error { _, err := w.s.SetBrand(w.ctx, w.a, cmd); return err }
	}
	own := tenancy.SetBrand{PartnerID: w.a.PartnerID, Brand: brand.Brand{Name: "Acme", MX: []string{"mx1.acme.example"}, SPFInclude: "spf.acme.example"}}
	reseller := tenancy.SetBrand{PartnerID: w.a.PartnerID, ResellerID: 7, Brand: brand.Brand{Name: "Corner Shop"}}
	var seen time.Time
	w.play(
		step{do: "set the partner's", call: set(own), then: func() {
			b, err := w.s.Brand(w.ctx, w.a, w.a.PartnerID, 0)
			if err != nil || b.Own.Name != "Acme" || b.Effective.Name != "Acme" || b.Own.UpdatedAt.IsZero() {
				t.Fatalf("%+v, %v", b, err)
			}
			seen = b.Own.UpdatedAt
		}},
		step{do: "set the reseller's", call: set(reseller), then: func() {
			b, err := w.s.Brand(w.ctx, w.op, w.a.PartnerID, 7)
			if err != nil || b.Own.SPFInclude != "" || b.Effective.SPFInclude != "spf.acme.example" || b.Effective.Name != "Corner Shop" {
				t.Fatalf("%+v, %v", b, err)
			}
		}},
		step{do: "set again at the same moment", call: set(own), then: func() {
			b, err := w.s.Brand(w.ctx, w.a, w.a.PartnerID, 0)
			if err != nil || !b.Own.UpdatedAt.After(seen) {
				t.Fatalf("the version did not change: %+v, %v", b, err)
			}
		}},
		step{do: "set what was changed meanwhile", fault: fault.Conflict, reason: "CHANGED_MEANWHILE", call: func() error {
			cmd := own
			cmd.IfUpdatedAt = &seen
			return set(cmd)()
		}},
		step{do: "set a bad one", fault: fault.Invalid, call: set(tenancy.SetBrand{PartnerID: w.a.PartnerID, Brand: brand.Brand{LogoURL: "http://x.example/l.png"}})},
		step{do: "set a foreign one", fault: fault.PartnerNotFound, call: set(tenancy.SetBrand{PartnerID: w.b.PartnerID, Brand: brand.Brand{Name: "Thief"}})},
		step{do: "set an unknown one", fault: fault.PartnerNotFound, call: set(tenancy.SetBrand{PartnerID: 99999})},
		step{do: "look at a foreign one", fault: fault.PartnerNotFound, call: func() error {
			_, err := w.s.Brand(w.ctx, w.b, w.a.PartnerID, 7)
			return err
		}},
	)
}

// TestProfileBrand: a reseller without a brand of its own appears under what its
// profile says, and its own brand goes before that; links never lead there.
func TestProfileBrand(t *testing.T) {
	w := newShop(t)
	effective := func(resellerID int64) brand.Brand {
		t.Helper()
		b, err := w.s.Brand(w.ctx, w.op, w.root.PartnerID, resellerID)
		w.must(err)
		return b.Effective
	}
	platform := effective(0)
	named := func(r *reseller.Reseller, name, page string) {
		w.changeReseller(r.ID, func(r *reseller.Reseller) { r.Profile.Brand, r.Profile.BrandURL = name, page })
	}
	named(w.left, "Left Mail", "panel.left.example")
	if b := effective(w.left.ID); b.Name != "Left Mail" || b.SenderName != "Left Mail" || b.SupportURL != "https://panel.left.example" || b.PanelURL != platform.PanelURL {
		t.Errorf("%+v", b)
	}
	if b := effective(w.right.ID); b.Name != platform.Name {
		t.Errorf("a sibling's: %+v", b)
	}
	named(w.root, "Root Mail", "https://root.example/help")
	if b := effective(w.right.ID); b.Name != "Root Mail" || b.SupportURL != "https://root.example/help" {
		t.Errorf("the root's: %+v", b)
	}
	for _, bad := range []string{"javascript:alert(1)", "javascript://x/", "https://", "a b"} {
		named(w.left, "Left\nMail", bad)
		if b := effective(w.left.ID); b.Name != "Root Mail" || b.SupportURL != "https://root.example/help" {
			t.Errorf("%q: %+v", bad, b)
		}
	}
	named(w.left, "Left Mail", "")
	_, err := w.s.SetBrand(w.ctx, w.op, tenancy.SetBrand{PartnerID: w.root.PartnerID, ResellerID: w.left.ID, Brand: brand.Brand{Name: "Left", SupportURL: "https://left.example"}})
	w.must(err)
	if b := effective(w.left.ID); b.Name != "Left" || b.SenderName != "Left Mail" || b.SupportURL != "https://left.example" {
		t.Errorf("%+v", b)
	}
	if b, err := w.s.Brand(w.ctx, w.op, w.b.PartnerID, w.left.ID); err != nil || b.Effective.Name == "Left Mail" {
		t.Errorf("another partner's number: %+v, %v", b, err)
	}
}
