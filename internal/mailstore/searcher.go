package mailstore

import (
	"context"
)

// searcher answers MatchText.
type searcher struct {
	s *Store
}

func newSearcher(s *Store) *searcher { return &searcher{s: s} }

func (x *searcher) touched(int64) {}

func (x *searcher) run(ctx context.Context) { <-ctx.Done() }

func (x *searcher) match(ctx context.Context, v *View, q query) ([]uint32, error) {
	var uids []uint32
	err := x.read(ctx, v.Folder.AccountID, v.Entries, q, func(i int) { uids = append(uids, v.Entries[i].UID) })
	return uids, err
}

// read looks into the messages themselves.
func (x *searcher) read(ctx context.Context, account int64, entries []Entry, q query, hit func(i int)) error {
	return x.s.Contents(ctx, account, entries, func(i int, c *Content) error {
		if c == nil {
			return nil
		}
		defer c.Close()
		ok, err := q.matches(c)
		if ok {
			hit(i)
		}
		return err
	})
}

// forget drops what is remembered of an account.
func (x *searcher) forget(int64) {}
