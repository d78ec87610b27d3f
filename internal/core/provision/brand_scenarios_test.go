package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
)

func TestBrands(t *testing.T) {
	w := newWorld(t)
	set := func(cmd provision.SetBrand) func() error {
		return func() error { _, err := w.s.SetBrand(w.ctx, w.a, cmd); return err }
	}
	own := provision.SetBrand{PartnerID: w.a.PartnerID, Brand: brand.Brand{Name: "Acme", MX: []string{"mx1.acme.example"}, SPFInclude: "spf.acme.example"}}
	reseller := provision.SetBrand{PartnerID: w.a.PartnerID, ResellerID: 7, Brand: brand.Brand{Name: "Corner Shop"}}
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
		step{do: "set a bad one", fault: fault.Invalid, call: set(provision.SetBrand{PartnerID: w.a.PartnerID, Brand: brand.Brand{LogoURL: "http://x.example/l.png"}})},
		step{do: "set a foreign one", fault: fault.PartnerNotFound, call: set(provision.SetBrand{PartnerID: w.b.PartnerID, Brand: brand.Brand{Name: "Thief"}})},
		step{do: "set an unknown one", fault: fault.PartnerNotFound, call: set(provision.SetBrand{PartnerID: 99999})},
		step{do: "look at a foreign one", fault: fault.PartnerNotFound, call: func() error {
			_, err := w.s.Brand(w.ctx, w.b, w.a.PartnerID, 7)
			return err
		}},
	)
}
