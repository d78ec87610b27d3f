package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/schedule"
	"posthouse/internal/core/work"
	"posthouse/internal/lifecycle"
)

// settled is a core that takes what is due of the ledger and keeps no item itself.
type settled struct {
	watched
	ran chan due.Kind
}

func (s settled) RunDue(_ context.Context, _ audit.Actor, i due.Item, _ schedule.Purger) error {
	s.ran <- i.Kind
	s.b.step()
	return nil
}

// TestLedgerKinds: what the core does of the ledger needs no handler, and what it
// has done and not moved is taken out.
func TestLedgerKinds(t *testing.T) {
	onBoth(t, func(b *bench) {
		kinds := []due.Kind{due.Renewal, due.CustomerFunds, due.ResellerFunds}
		p := b.partner(false)
		if err := b.store.Write(b.ctx, func(tx work.Tx) error {
			for n, k := range kinds {
				if err := tx.SetDue(b.ctx, due.Item{Kind: k, ObjectID: int64(n + 1), PartnerID: p.PartnerID, At: time.Now().Add(-time.Hour)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.t.Fatal(err)
		}
		core := settled{watched{b.core, b}, make(chan due.Kind, 100)}
		stop := b.run(func(c *lifecycle.Config) { c.Core, c.Handlers = core, nil })
		b.until("all done", func() bool {
			for n, k := range kinds {
				if b.item(k, int64(n+1)) != nil {
					return false
				}
			}
			return true
		})
		stop()
		if n := len(core.ran); n != len(kinds) {
			b.t.Errorf("%d were done, want each once", n)
		}
	})
}

// TestHandlers: other kinds are done by who registered for them; a success takes
// the item out unless it was moved, a failure or a panic keeps it.
func TestHandlers(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(false)
		set := func(i due.Item) {
			i.PartnerID = p.PartnerID
			if err := b.store.Write(b.ctx, func(tx work.Tx) error { return tx.SetDue(b.ctx, i) }); err != nil {
				b.t.Error(err)
			}
		}
		later := time.Now().Add(day)
		for id := range int64(3) {
			set(due.Item{Kind: due.DNS, ObjectID: id + 1, At: time.Now().Add(-time.Hour)})
		}
		set(due.Item{Kind: due.Export, ObjectID: 9, At: time.Now().Add(-time.Hour)})
		b.run(func(c *lifecycle.Config) {
			c.Handlers = map[due.Kind]func(context.Context, due.Item) error{due.DNS: func(_ context.Context, i due.Item) error {
				defer b.step()
				switch i.ObjectID {
				case 2:
					set(due.Item{Kind: due.DNS, ObjectID: 2, At: later})
				case 3:
					panic("no answer")
				}
				return nil
			}}
		})
		b.until("done", func() bool { return b.item(due.DNS, 1) == nil })
		b.until("moved", func() bool { return b.item(due.DNS, 2).At.After(time.Now()) })
		b.until("kept", func() bool { return b.item(due.DNS, 3).Attempts == 1 })
		b.until("nobody's", func() bool { return b.item(due.Export, 9).Attempts == 1 })
	})
}

// TestSweepAtStart: what was made before there was a calendar gets into it.
func TestSweepAtStart(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(false)
		id := b.order(p, "d.example", time.Now().Add(-3*day))
		if err := b.store.Write(b.ctx, func(tx work.Tx) error { return tx.ClearDue(b.ctx, due.Order, id) }); err != nil {
			b.t.Fatal(err)
		}
		b.run(func(c *lifecycle.Config) { c.SweepStep = 1 })
		b.until("found and suspended", func() bool { return b.status(id) == order.Suspended })
	})
}
