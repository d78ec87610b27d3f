package provision_test

import (
	"net/netip"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
)

// A key that may only register webhooks must not get at the partner's key by
// having it sent to itself.
func TestLimitedCallersGetNoHeader(t *testing.T) {
	w := newWorld(t)
	_, raw := w.scoped(w.a.PartnerID, partner.ScopeWebhooksWrite)
	caller, err := w.s.AuthenticateKey(w.ctx, raw, netip.MustParseAddr("192.0.2.1"))
	if err != nil || !caller.Actor.Limited {
		t.Fatal(caller, err)
	}
	_, whole := w.scoped(w.a.PartnerID, partner.ScopeTitan, partner.ScopeWebhooksWrite)
	if c, err := w.s.AuthenticateKey(w.ctx, whole, netip.MustParseAddr("192.0.2.1")); err != nil || c.Actor.Limited {
		t.Fatal(c, err)
	}
	limited := caller.Actor
	const url, elsewhere = "https://hooks.partner.example/titan", "https://thief.example/"
	theirs, err := w.s.CreateWebhook(w.ctx, w.a, outbox.CreateWebhook{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"create": func() error {
			_, err := w.s.CreateWebhook(w.ctx, limited, outbox.CreateWebhook{URL: elsewhere})
			return err
		},
		"move": func() error {
			_, err := w.s.ModifyWebhook(w.ctx, limited, outbox.ModifyWebhook{ID: theirs.ID, URL: ptr(elsewhere)})
			return err
		},
		"back to the key": func() error {
			_, err := w.s.ModifyWebhook(w.ctx, limited, outbox.ModifyWebhook{ID: theirs.ID, HeaderValue: ptr("")})
			return err
		},
	} {
		if err := call(); !fault.Is(err, fault.Forbidden) || fault.Of(err).Reason != "HEADER_VALUE_REQUIRED" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.ModifyWebhook(w.ctx, limited, outbox.ModifyWebhook{ID: theirs.ID, Paused: ptr(true)}); err != nil {
		t.Error(err)
	}
	if _, err := w.s.ModifyWebhook(w.ctx, limited, outbox.ModifyWebhook{ID: theirs.ID, URL: ptr(elsewhere), HeaderValue: ptr("mine")}); err != nil {
		t.Error(err)
	}

	// A token stands in for the key for an hour: it must not get the key itself.
	token, _, err := w.s.GenerateKeyToken(w.ctx, w.withKey(w.a))
	if err != nil {
		t.Fatal(err)
	}
	borrower, err := w.s.AuthenticateKey(w.ctx, token, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	short := borrower.Actor
	if _, err := w.s.CreateWebhook(w.ctx, short, outbox.CreateWebhook{URL: elsewhere}); !fault.Is(err, fault.Forbidden) {
		t.Error("a token has the key sent to itself:", err)
	}
	if _, err := w.s.ModifyWebhook(w.ctx, short, outbox.ModifyWebhook{ID: theirs.ID, HeaderValue: ptr("")}); !fault.Is(err, fault.Forbidden) {
		t.Error("a token has the key sent to itself:", err)
	}
	if _, err := w.s.CreateWebhook(w.ctx, short, outbox.CreateWebhook{URL: elsewhere, HeaderValue: "mine"}); err != nil {
		t.Error(err)
	}

	// A change that saw an older version is refused.
	seen, err := w.s.Webhook(w.ctx, w.a, theirs.ID)
	if err != nil {
		t.Fatal(err)
	}
	next, err := w.s.ModifyWebhook(w.ctx, w.a, outbox.ModifyWebhook{ID: theirs.ID, Paused: ptr(false), IfUpdatedAt: &seen.UpdatedAt})
	if err != nil || !next.UpdatedAt.After(seen.UpdatedAt) {
		t.Fatal(next, err)
	}
	if _, err := w.s.ModifyWebhook(w.ctx, w.a, outbox.ModifyWebhook{ID: theirs.ID, Paused: ptr(true), IfUpdatedAt: &seen.UpdatedAt}); !fault.Is(err, fault.Conflict) || fault.Of(err).Reason != "CHANGED_MEANWHILE" {
		t.Error(err)
	}
}

// Links that set passwords begin with the brand's URLs: a key for settings must
// not lead them elsewhere.
func TestLimitedCallersLeadNobodyElsewhere(t *testing.T) {
	w := newWorld(t)
	_, raw := w.scoped(w.a.PartnerID, partner.ScopeSettingsWrite)
	caller, err := w.s.AuthenticateKey(w.ctx, raw, netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	own := brand.Brand{Name: "Acme", PanelURL: "https://panel.acme.example", MX: []string{"mx.acme.example"}}
	if _, err := w.s.SetBrand(w.ctx, w.a, tenancy.SetBrand{PartnerID: w.a.PartnerID, Brand: own}); err != nil {
		t.Fatal(err)
	}
	token := w.a
	token.ViaToken = true
	for _, limited := range []audit.Actor{caller.Actor, token} {
		looks := own
		looks.Name, looks.Colour = "Acme Mail", "#112233"
		if _, err := w.s.SetBrand(w.ctx, limited, tenancy.SetBrand{PartnerID: w.a.PartnerID, Brand: looks}); err != nil {
			t.Errorf("looks: %v", err)
		}
		for name, change := range map[string]func(*brand.Brand){
			"panel":   func(b *brand.Brand) { b.PanelURL = "https://thief.example" },
			"back":    func(b *brand.Brand) { b.PanelURL = "" },
			"webmail": func(b *brand.Brand) { b.WebmailURL = "https://thief.example" },
			"payment": func(b *brand.Brand) { b.PaymentURL = "https://thief.example/pay" },
			"frames":  func(b *brand.Brand) { b.FrameOrigins = []string{"https://thief.example"} },
			"MX":      func(b *brand.Brand) { b.MX = []string{"mx.thief.example"} },
			"SPF":     func(b *brand.Brand) { b.SPFInclude = "spf.thief.example" },
		} {
			for _, reseller := range []int64{0, 7} {
				b := own
				if reseller != 0 {
					b = brand.Brand{Name: "Shop", PanelURL: own.PanelURL}
				}
				change(&b)
				if name == "back" && reseller != 0 {
					continue // falls back, as it does
				}
				_, err := w.s.SetBrand(w.ctx, limited, tenancy.SetBrand{PartnerID: w.a.PartnerID, ResellerID: reseller, Brand: b})
				if !fault.Is(err, fault.Forbidden) || fault.Of(err).Reason != "KEY_NEEDED" {
					t.Errorf("%s of reseller %d: %v", name, reseller, err)
				}
			}
		}
	}
}
