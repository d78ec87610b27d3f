package mailstore

import (
	"context"
	"slices"
	"sort"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// View gives a folder as of now. When nothing has changed it costs one look at
// the folder's row; after a change only what changed is read.
func (s *Store) View(ctx context.Context, folderID int64) (*View, error) {
	slot := s.views.slot(folderID)
	slot.refresh.Lock()
	defer slot.refresh.Unlock()
	var v *View
	old := slot.view.Load()
	err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		f, err := folderByID(ctx, tx, folderID)
		if err != nil {
			return err
		}
		v, err = viewIn(ctx, tx, f, old, true)
		return err
	})
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			s.views.forget(folderID)
		}
		return nil, err
	}
	if v != old {
		slot.view.Store(v)
	}
	s.views.used(slot, v)
	return v, nil
}

// viewIn brings old (which may be nil) up to the folder row f of the same
// transaction. own says that the caller holds old's slot and may append to the
// memory behind its entries.
func viewIn(ctx context.Context, tx *sqldb.Tx, f folderRow, old *View, own bool) (*View, error) {
	if old != nil {
		was := &old.Folder
		switch {
		case was.HighestModSeq == f.HighestModSeq && was.UIDNext == f.UIDNext:
			if *was == f.Folder {
				return old, nil
			}
			return &View{Folder: f.Folder, Entries: old.Entries}, nil
		case was.HighestModSeq < f.HighestModSeq && was.HighestModSeq >= f.changeFloor:
			entries, err := catchUp(ctx, tx, f, old, own)
			if err != nil {
				return nil, err
			}
			if len(entries) == int(f.Messages) {
				return &View{Folder: f.Folder, Entries: entries}, nil
			}
		}
	}
	entries, err := entriesBetween(ctx, tx, f.ID, 1, f.UIDNext, 0, make([]Entry, 0, int(f.Messages)+int(f.Messages)/8+4))
	return &View{Folder: f.Folder, Entries: entries}, err
}

// catchUp applies what has happened since old.
func catchUp(ctx context.Context, tx *sqldb.Tx, f folderRow, old *View, own bool) ([]Entry, error) {
	since := old.Folder.HighestModSeq
	ranges, err := uidRanges(ctx, tx, `SELECT uid_from, uid_to FROM mail_change WHERE folder_id = ? AND modseq > ?`, f.ID, int64(since))
	if err != nil {
		return nil, err
	}
	var changed []Entry
	for _, r := range ranges.merged() {
		// New messages are read below, also if they were changed already.
		if changed, err = entriesBetween(ctx, tx, f.ID, r.from, min(r.to+1, old.Folder.UIDNext), since, changed); err != nil {
			return nil, err
		}
	}
	vanished, err := vanishedSince(ctx, tx, f, since)
	if err != nil {
		return nil, err
	}
	entries := old.Entries
	if !own {
		entries = slices.Clip(entries)
	}
	if len(changed) > 0 || len(vanished) > 0 {
		room := int(f.Messages) + int(f.Messages)/8 + 4
		entries = patch(old.Entries, changed, vanished.merged(), make([]Entry, 0, room))
	}
	return entriesBetween(ctx, tx, f.ID, old.Folder.UIDNext, f.UIDNext, 0, entries)
}

// patch appends old to dst, with changed entries in place of the old ones and
// without vanished ones.
func patch(old, changed []Entry, vanished uidSet, dst []Entry) []Entry {
	for len(old) > 0 {
		// Copy up to the next entry that is touched.
		stop := uint32(1<<32 - 1)
		if len(changed) > 0 {
			stop = changed[0].UID
		}
		if len(vanished) > 0 {
			stop = min(stop, vanished[0].from)
		}
		n := sort.Search(len(old), func(i int) bool { return old[i].UID >= stop })
		dst = append(dst, old[:n]...)
		if old = old[n:]; len(old) == 0 {
			break
		}
		if len(vanished) > 0 && vanished[0].from == stop {
			n := sort.Search(len(old), func(i int) bool { return old[i].UID > vanished[0].to })
			old, vanished = old[n:], vanished[1:]
			continue
		}
		if len(changed) == 0 {
			return append(dst, old...)
		}
		if old[0].UID == changed[0].UID {
			dst = append(dst, changed[0])
			old = old[1:]
		}
		changed = changed[1:]
	}
	return dst
}

// entriesBetween appends the folder's entries with from <= UID < until and a
// MODSEQ above since to dst.
func entriesBetween(ctx context.Context, tx *sqldb.Tx, folderID int64, from, until uint32, since uint64, dst []Entry) ([]Entry, error) {
	if from >= until {
		return dst, nil
	}
	query := `SELECT uid, message_id, modseq, flags, keywords, internal_date, saved_at, size_bytes FROM mail_entry
		WHERE folder_id = ? AND uid >= ? AND uid < ?`
	args := []any{folderID, int64(from), int64(until)}
	if since > 0 {
		query += ` AND modseq > ?`
		args = append(args, int64(since))
	}
	rows, err := tx.Query(ctx, query+` ORDER BY uid`, args...)
	if err != nil {
		return dst, err
	}
	defer rows.Close()
	var (
		col      [8]any // scanning into interfaces skips database/sql's conversions
		keywords = map[string][]string{}
	)
	for rows.Next() {
		if err := rows.Scan(&col[0], &col[1], &col[2], &col[3], &col[4], &col[5], &col[6], &col[7]); err != nil {
			return dst, sqldb.Fault(err)
		}
		e := Entry{
			UID: uint32(number(col[0])), MessageID: number(col[1]), ModSeq: uint64(number(col[2])),
			InternalDate: fromUnix(number(col[5])), SavedAt: fromUnix(number(col[6])), Size: number(col[7]),
		}
		e.Flags.System = SystemFlags(number(col[3]))
		if text, ok := col[4].(string); ok {
			k := keywords[text]
			if k == nil {
				k = strings.Split(text, " ")
				keywords[text] = k
			}
			e.Flags.Keywords = k
		}
		dst = append(dst, e)
	}
	return dst, sqldb.Fault(rows.Err())
}

// number is the integer that a driver gave for a BIGINT column.
func number(v any) int64 {
	n, _ := v.(int64)
	return n
}

// uidRange is a range of UIDs, both ends included.
type uidRange struct{ from, to uint32 }

// uidSet is a list of ranges; merged makes it ascending and without overlap.
type uidSet []uidRange

func (u uidSet) merged() uidSet {
	slices.SortFunc(u, func(a, b uidRange) int {
		if a.from < b.from {
			return -1
		}
		return 1
	})
	out := u[:0]
	for _, r := range u {
		if n := len(out); n > 0 && uint64(r.from) <= uint64(out[n-1].to)+1 {
			out[n-1].to = max(out[n-1].to, r.to)
			continue
		}
		out = append(out, r)
	}
	return out
}

func uidRanges(ctx context.Context, tx *sqldb.Tx, query string, args ...any) (uidSet, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out uidSet
	for rows.Next() {
		var r uidRange
		if err := rows.Scan(&r.from, &r.to); err != nil {
			return nil, sqldb.Fault(err)
		}
		out = append(out, r)
	}
	return out, sqldb.Fault(rows.Err())
}

func vanishedSince(ctx context.Context, tx *sqldb.Tx, f folderRow, since uint64) (uidSet, error) {
	return uidRanges(ctx, tx, `SELECT uid_from, uid_to FROM mail_vanished WHERE account_id = ? AND folder_id = ? AND modseq > ?`,
		f.AccountID, f.ID, int64(since))
}

// find gives the index of a UID, or false.
func find(entries []Entry, uid uint32) (int, bool) {
	i := sort.Search(len(entries), func(i int) bool { return entries[i].UID >= uid })
	return i, i < len(entries) && entries[i].UID == uid
}
