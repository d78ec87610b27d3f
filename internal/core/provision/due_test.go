package provision_test

import (
	"posthouse/internal/core/due"
	"posthouse/internal/core/work"
)

// dueOf gives what of a kind is in the calendar.
func (w *world) dueOf(k due.Kind) []*due.Item {
	w.t.Helper()
	list, err := w.s.DueItems(w.ctx, w.op, work.DueFilter{Kind: k}, 100)
	w.must(err)
	return list
}

// fallDue does what has fallen due, as the lifecycle does it: an item that nobody
// moved is taken out.
func (w *world) fallDue(k due.Kind) {
	w.t.Helper()
	for _, i := range w.dueOf(k) {
		if i.At.After(w.clock.Now()) {
			continue
		}
		w.must(w.s.RunDue(w.ctx, w.job, *i, nil))
		for _, now := range w.dueOf(k) {
			if *now == *i {
				w.must(w.store.Write(w.ctx, func(tx work.Tx) error { return tx.ClearDue(w.ctx, i.Kind, i.ObjectID) }))
			}
		}
	}
}
