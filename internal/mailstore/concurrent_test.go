package mailstore

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// Many sessions at once: nothing is lost, given twice or miscounted.
func TestConcurrentSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a, c := b.account(1, 0), b.account(2, 0)
		inbox, trash := b.folder(a, Inbox).ID, b.folder(a, "Trash").ID
		var wg sync.WaitGroup
		const rounds = 15
		fail := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		for range 4 {
			wg.Go(func() {
				for i := range rounds {
					_, err := b.deliver(b.put(letter("c", fmt.Sprint(i))), Target{AccountID: c}, Target{AccountID: a})
					fail(err)
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				for range rounds {
					v, err := b.View(ctx, inbox)
					fail(err)
					var uids []uint32
					for i := range v.Entries {
						uids = append(uids, v.Entries[i].UID)
					}
					_, _, err = b.StoreFlags(ctx, inbox, uids, AddFlags, Flags{System: Seen}, 0)
					fail(err)
					if len(uids) > 4 {
						_, err = b.Copy(ctx, inbox, uids[:2], trash)
						fail(err)
						_, err = b.Move(ctx, inbox, uids[2:3], trash)
						fail(err)
						_, _, err = b.StoreFlags(ctx, inbox, uids[3:4], AddFlags, Flags{System: Deleted}, 0)
						fail(err)
						_, _, err = b.Expunge(ctx, inbox, nil)
						fail(err)
					}
				}
			})
		}
		wg.Wait()
		if v := b.view(b.folder(c, Inbox).ID); len(v.Entries) != 4*rounds || v.Folder.UIDNext != 4*rounds+1 {
			t.Fatalf("%+v", v.Folder)
		}
		b.verify()
	})
}
