package mailstore

import (
	"context"

	"posthouse/internal/store/sqldb"
)

// stretch is a folder's entries, or of a large folder only those asked for.
type stretch struct {
	entries []Entry
	whole   bool
}

// fewUIDs is up to how many UIDs entries are read one by one: bringing the whole
// view of a large folder up to date for them would hold all other writers up.
const fewUIDs = 64

// gapless reports that no message lies between entry i and the one before it.
func (s stretch) gapless(i int) bool {
	return i > 0 && (s.whole || s.entries[i].UID == s.entries[i-1].UID+1)
}

// run gives the place of the first of some entries of the stretch and how many
// of them follow each other without another message in between.
func (s stretch) run(chosen []Entry) (at, n int) {
	at, _ = find(s.entries, chosen[0].UID)
	for n = 1; n < len(chosen) && s.entries[at+n].UID == chosen[n].UID && s.gapless(at+n); n++ {
	}
	return at, n
}

// from is the stretch from entry i on.
func (s stretch) from(i int) stretch { return stretch{s.entries[i:], s.whole} }

// lockFolder locks a folder's account for a change and gives the folder and its
// entries, at least those with these ascending UIDs, as they were before it. Nil
// UIDs mean all.
func (s *Store) lockFolder(ctx context.Context, tx *sqldb.Tx, folderID int64, uids []uint32) (box, folderRow, stretch, error) {
	b, err := lockBoxOf(ctx, tx, folderID, 0, 0)
	if err != nil {
		return b, folderRow{}, stretch{}, err
	}
	f, err := folderByID(ctx, tx, folderID)
	if err != nil {
		return b, f, stretch{}, err
	}
	if uids != nil && len(uids) <= s.few {
		in, err := fewEntries(ctx, tx, folderID, uids)
		return b, f, in, err
	}
	v, err := viewIn(ctx, tx, f, s.views.peek(folderID), false)
	if err != nil {
		return b, f, stretch{}, err
	}
	return b, f, stretch{v.Entries, true}, nil
}

// entriesNow gives entries without locking anything.
func (s *Store) entriesNow(ctx context.Context, folderID int64, uids []uint32) (in stretch, err error) {
	if uids == nil || len(uids) > s.few {
		v, err := s.View(ctx, folderID)
		if err != nil {
			return in, err
		}
		return stretch{v.Entries, true}, nil
	}
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		if _, err := folderByID(ctx, tx, folderID); err != nil {
			return err
		}
		in, err = fewEntries(ctx, tx, folderID, uids)
		return err
	})
	return in, err
}

func fewEntries(ctx context.Context, tx *sqldb.Tx, folderID int64, uids []uint32) (in stretch, err error) {
	for i := 0; i < len(uids); {
		n := 1
		for i+n < len(uids) && uids[i+n] == uids[i]+uint32(n) {
			n++
		}
		if in.entries, err = entriesBetween(ctx, tx, folderID, uids[i], uids[i]+uint32(n), 0, in.entries); err != nil {
			return in, err
		}
		i += n
	}
	return in, nil
}
