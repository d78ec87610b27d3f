package queue

import (
	"context"
	"testing"

	"posthouse/internal/fault"
)

// A purged account's mail ends without a word; others' goes on.
func TestPurge(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.dns.fail("down.test")
		waits, others := b.submit(1, "x@down.test", "bob@here.test"), b.submit(2, "x@down.test")
		held := b.submit(1, "y@down.test")
		_, err := b.Hold(ctx, held, "")
		must(t, err)
		b.drain()
		must(t, b.Purge(ctx, 1))
		b.expect(waits, "x@down.test=expired bob@here.test=delivered")
		b.expect(held, "y@down.test=expired")
		b.expect(others, "x@down.test=ready")
		if got := b.told(1); len(got) != 0 {
			t.Errorf("told %q", got)
		}
		b.check()
		must(t, b.Purge(ctx, 1))

		id := b.submit(1, "ann@here.test")
		got, _, err := b.lease(ctx, 1)
		must(t, err)
		if err := b.Purge(ctx, 1); !fault.Of(err).Temporary {
			t.Errorf("purged what is being delivered: %v", err)
		}
		b.work(ctx, got[0])
		b.ended(got[0])
		b.expect(id, "ann@here.test=delivered")
		must(t, b.Purge(ctx, 1))
		if err := b.Purge(ctx, 0); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		b.check()
	})
}
