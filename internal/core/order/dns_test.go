package order

import (
	"testing"
	"time"
)

func TestNextDNSCheck(t *testing.T) {
	made := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	proven := made
	const h, d = time.Hour, 24 * time.Hour
	for _, tc := range []struct {
		name  string
		o     Order
		now   time.Duration
		keys  time.Duration // since when they wait; -1 = none do
		want  time.Duration // after made
		never bool
	}{
		{name: "new", now: 0, keys: -1, want: 4 * h},
		{name: "after the first", now: 4 * h, keys: -1, want: 24 * h},
		{name: "a late first", now: 6 * h, keys: -1, want: 24 * h},
		{name: "unproven", now: 24 * h, keys: -1, want: 48 * h},
		{name: "unproven for long", now: 14 * d, keys: -1, want: 21 * d},
		{name: "proven, but not serving", o: Order{ProvenAt: &proven}, now: 2 * d, keys: -1, want: 3 * d},
		{name: "proven and serving", o: Order{ProvenAt: &proven, Serviceable: true}, now: 5 * h, keys: -1, want: 24 * h},
		{name: "nothing to gain", o: Order{ProvenAt: &proven, Serviceable: true}, now: 24 * h, keys: -1, never: true},
		{name: "new keys", o: Order{ProvenAt: &proven, Serviceable: true}, now: 30 * d, keys: 30 * d, want: 30*d + h},
		{name: "old keys", o: Order{ProvenAt: &proven, Serviceable: true}, now: 31 * d, keys: 30 * d, want: 32 * d},
		{name: "deleted", o: Order{DeletedAt: &made}, now: 0, keys: -1, never: true},
		{name: "local", o: Order{MailService: ServiceLocal}, now: 0, keys: -1, never: true},
	} {
		o := tc.o
		o.CreatedAt = made
		var keys *time.Time
		if tc.keys >= 0 {
			k := made.Add(tc.keys)
			keys = &k
		}
		got := o.NextDNSCheck(made.Add(tc.now), keys)
		if (got == nil) != tc.never || got != nil && !got.Equal(made.Add(tc.want)) {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
