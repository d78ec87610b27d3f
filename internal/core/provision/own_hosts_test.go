package provision_test

import (
	"testing"

	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Who had the mail of the platform's own host could get certificates for it.
func TestNoOrderForThePlatformItself(t *testing.T) {
	w := newWorld(t)
	for _, domain := range []string{"mx.platform.example", " MX.PLATFORM.example. "} {
		_, err := w.s.CreateMailOrder(w.ctx, w.a, proOrder(domain, "c-1"))
		if !fault.Is(err, fault.InvalidDomain) || fault.Of(err).Reason != work.ReasonOwnHost {
			t.Errorf("%q: %v", domain, err)
		}
		if _, err := w.s.CheckMailOrderAvailability(w.ctx, w.a, domain); !fault.Is(err, fault.InvalidDomain) {
			t.Errorf("%q is available: %v", domain, err)
		}
	}
	w.order(w.a, proOrder("platform.example", "c-1")) // the operator's own domain may well be one
}
