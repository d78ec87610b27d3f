package mailstore

import (
	"context"
	"slices"
	"sync"
	"testing"

	"posthouse/internal/store/sqldb"
)

func TestFits(t *testing.T) {
	for _, c := range []struct {
		u     Usage
		bytes int64
		fits  bool
	}{
		{Usage{}, 1 << 60, true}, {Usage{UsedBytes: 5}, 1, true}, {Usage{LimitBytes: 10}, 10, true}, {Usage{LimitBytes: 10}, 11, false},
		{Usage{UsedBytes: 9, LimitBytes: 10}, 1, true}, {Usage{UsedBytes: 10, LimitBytes: 10}, 0, false}, {Usage{UsedBytes: 11, LimitBytes: 10}, 0, false},
	} {
		if c.u.Fits(c.bytes) != c.fits {
			t.Errorf("%d into %+v: %v", c.bytes, c.u, !c.fits)
		}
	}
}

func TestUsages(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a, c := b.account(7, 100), b.account(8, 0)
		st := b.put(letter("one", "text"))
		must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
			_, err := b.DeliverTx(ctx, tx, st, []Target{{AccountID: a}})
			return err
		}))
		got, err := b.Usages(ctx, []int64{c, a, 99, 0, a})
		must(t, err)
		if len(got) != 2 || got[a] != (Usage{UsedBytes: st.Size, LimitBytes: 100, Messages: 1}) || got[c] != (Usage{}) {
			t.Errorf("%+v", got)
		}
		if got, err := b.Usages(ctx, nil); err != nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// TestLockTx: transactions with several deliveries, the mailboxes in any order,
// never wait for each other in a circle.
func TestLockTx(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		accounts := []int64{b.account(7, 0), b.account(8, 0), b.account(9, 0)}
		before := b.db.Stats().Retries
		const each = 25
		var wg sync.WaitGroup
		for w := range 4 {
			order := slices.Clone(accounts)
			if w%2 == 1 {
				slices.Reverse(order)
			}
			var forms []*Stored
			for range order {
				forms = append(forms, b.put(letter("one", "text")))
			}
			wg.Go(func() {
				for range each {
					if err := b.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
						if err := b.LockTx(ctx, tx, order); err != nil {
							return err
						}
						for i, id := range order {
							if _, err := b.DeliverTx(ctx, tx, forms[i], []Target{{AccountID: id}}); err != nil {
								return err
							}
						}
						return nil
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := b.db.Stats().Retries - before; n != 0 {
			t.Errorf("%d transactions began again", n)
		}
		got, err := b.Usages(ctx, accounts)
		must(t, err)
		for _, id := range accounts {
			if got[id].Messages != 4*each {
				t.Errorf("%+v", got)
			}
		}
	})
}
