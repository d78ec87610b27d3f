package plan

import "testing"

func TestUpgrades(t *testing.T) {
	c := DefaultCatalogue()
	for _, x := range []struct {
		from, to Plan
		want     bool
	}{
		{Free, Pro, true}, {Pro, Premium, true}, {Premium, Ultra, true}, {Pro, Pro, false}, {Ultra, Pro, false}, {Pro, Free, false},
		{UltraTrial, Pro, true}, {Pro, UltraTrial, false}, {Free, ProTrial, true}, {ProTrial, Free, false}, {ProTrial, PremiumTrial, true},
		{PremiumTrial, ProTrial, false}, {ProTrial, UltraTrial, true},
	} {
		if got := c.Upgrades(x.from, x.to); got != x.want {
			t.Errorf("%s to %s: %v", x.from, x.to, got)
		}
	}
}

func TestDefaultCatalogue(t *testing.T) {
	c := DefaultCatalogue()
	for _, p := range []Plan{Free, Pro, Premium, Ultra, ProTrial, PremiumTrial, UltraTrial} {
		if !c.Valid(p) || c.QuotaBytes(p) <= 0 || c[p].Paid == (c[p].DefaultSeats > 0) {
			t.Errorf("%s: %+v", p, c[p])
		}
	}
	if c.Valid("gold") || c.Valid("") || c.QuotaBytes(Pro) != 5<<30 {
		t.Error("catalogue")
	}
}
