package storetest

import (
	"testing"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/work"
)

func testLegalExport(t *testing.T, b *bench) {
	var jobs []*legalexport.Job
	for _, domain := range []string{"a.example", "b.example"} { // of two partners
		o := b.anOrder(domain)
		a := b.account(o, "x", nil)
		for range 2 {
			j := &legalexport.Job{PartnerID: o.PartnerID, OrderID: o.ID, AccountID: a.ID, State: legalexport.Queued, TryAt: when(1), LeasedUntil: when(0), CreatedAt: when(2)}
			b.write(func(tx work.Tx) error { return tx.InsertLegalExport(b.ctx(), j) })
			jobs = append(jobs, j)
		}
	}
	read := func(id int64) *legalexport.Job {
		return get(b, func(tx work.Tx) (*legalexport.Job, error) { return tx.LegalExport(b.ctx(), id) })
	}
	next := func(after int64, now int) *legalexport.Job {
		return get(b, func(tx work.Tx) (*legalexport.Job, error) { return tx.NextLegalExport(b.ctx(), after, when(now)) })
	}
	same(t, read(jobs[0].ID), jobs[0])
	absent(b, "an unknown job", func(tx work.Tx) (*legalexport.Job, error) { return tx.LegalExport(b.ctx(), 4711) })
	same(t, get(b, func(tx work.Tx) ([]*legalexport.Job, error) { return tx.LegalExports(b.ctx(), jobs[0].AccountID) }), []*legalexport.Job{jobs[1], jobs[0]})

	if next(0, 0) != nil {
		t.Error("a job runs before its time")
	}
	same(t, next(0, 5), jobs[0])
	same(t, next(jobs[0].PartnerID, 5), jobs[2])
	same(t, next(jobs[2].PartnerID, 5), jobs[0])

	// A partner with a job under way waits; a lease that has ended counts no more.
	j := jobs[0]
	j.State, j.Owner, j.LeasedUntil, j.Checkpoint, j.Attempts, j.LastError, j.Messages = legalexport.Running, "me", when(10), []byte(`{"a":1}`), 3, "ü", 7
	b.write(func(tx work.Tx) error { return tx.UpdateLegalExport(b.ctx(), j) })
	same(t, read(j.ID), j)
	same(t, next(jobs[2].PartnerID, 5), jobs[2])
	same(t, next(jobs[2].PartnerID, 10), j)

	j.State, j.SizeBytes, j.CompletedAt, j.ExpiresAt = legalexport.Completed, 1<<40, maybe(11), maybe(12)
	b.write(func(tx work.Tx) error { return tx.UpdateLegalExport(b.ctx(), j) })
	same(t, read(j.ID), j)
	same(t, next(0, 20), jobs[1])

	jobs[1].State, jobs[1].Owner, jobs[1].LeasedUntil = legalexport.Running, "me", when(30)
	b.write(func(tx work.Tx) error { return tx.UpdateLegalExport(b.ctx(), jobs[1]) })
	b.write(func(tx work.Tx) error { return tx.ReleaseLegalExports(b.ctx()) })
	if got := read(jobs[1].ID); got.Owner != "" || got.LeasedUntil.After(epoch) || got.State != legalexport.Running {
		t.Errorf("got %s", show(got))
	}
	if got := read(j.ID); got.Owner != "me" {
		t.Errorf("a job that has ended was changed: %s", show(got))
	}
}
