package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/store/sqldb"
)

// A DueLane is a partner's items by one clock: runners take turns by lanes.
type DueLane struct{ ClockID, PartnerID int64 }

func (l DueLane) beyond(o DueLane) bool {
	return l.ClockID > o.ClockID || l.ClockID == o.ClockID && l.PartnerID > o.PartnerID
}

// DueLease says what LeaseDue may take.
type DueLease struct {
	Owner     string
	Until     time.Duration // from now on, by the item's clock
	Now       time.Time     // the platform's
	After     DueLane       // the lane that was last served
	PerLane   int
	Max       int
	OnlyClock int64 // only this partner's own clock, though it is being moved; 0 = all others
}

// maxLanes bounds the lanes that one LeaseDue looks at.
const maxLanes = 500

// LeaseDue takes items that are due, a few of each lane in turn, and gives the
// lane that was served last. more says that there may be more.
func (s *Store) LeaseDue(ctx context.Context, l DueLease) (items []due.Item, last DueLane, more bool, err error) {
	err = s.db.WriteRows(ctx, func(sq *sqldb.Tx) error {
		t := &tx{Tx: sq, store: s}
		items, last, more = nil, l.After, true
		wrapped, before := false, 0
		for range maxLanes {
			lane, offset, moving, err := t.laneAfter(ctx, last, l.OnlyClock)
			if err != nil {
				return err
			}
			if lane == nil && !wrapped {
				wrapped, last = true, DueLane{}
				continue
			}
			if lane == nil || wrapped && lane.beyond(l.After) { // once round
				if more = len(items) > before; !more {
					return nil
				}
				wrapped, before, last = false, len(items), l.After
				continue
			}
			last = *lane
			if moving != (l.OnlyClock != 0) {
				continue
			}
			now := l.Now.Add(offset)
			got, err := t.leaseLane(ctx, *lane, l, now)
			if err != nil {
				return err
			}
			if items = append(items, got...); len(items) >= l.Max {
				return nil
			}
		}
		return nil
	})
	return items, last, more, err
}

// laneAfter gives the next lane, how far its clock is ahead, and whether that is on its way.
func (t *tx) laneAfter(ctx context.Context, after DueLane, onlyClock int64) (*DueLane, time.Duration, bool, error) {
	var l DueLane
	query, args := "SELECT clock_id, partner_id FROM due WHERE (clock_id, partner_id) > (?, ?) ORDER BY clock_id, partner_id LIMIT 1", []any{after.ClockID, after.PartnerID}
	if onlyClock != 0 {
		query, args = "SELECT clock_id, partner_id FROM due WHERE clock_id = ? AND partner_id > ? ORDER BY partner_id LIMIT 1", []any{onlyClock, after.PartnerID}
	}
	err := t.ScanRow(ctx, []any{&l.ClockID, &l.PartnerID}, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, false, nil
	}
	if err != nil || l.ClockID == 0 {
		return &l, 0, false, err
	}
	c, err := t.PartnerClock(ctx, l.ClockID)
	if err != nil || c == nil {
		return &l, 0, false, err
	}
	return &l, c.Offset, c.Target != nil, nil
}

func (t *tx) leaseLane(ctx context.Context, lane DueLane, l DueLease, now time.Time) ([]due.Item, error) {
	rows, err := all(ctx, t, scanDue, "SELECT "+dueColumns+" FROM due WHERE clock_id = ? AND partner_id = ? AND try_at <= ? ORDER BY try_at LIMIT ?"+t.SkipLocked(),
		lane.ClockID, lane.PartnerID, micros(now), min(l.PerLane, l.Max))
	if err != nil {
		return nil, err
	}
	out := make([]due.Item, 0, len(rows))
	byKind := map[due.Kind][]int64{}
	for _, i := range rows {
		out = append(out, *i)
		byKind[i.Kind] = append(byKind[i.Kind], i.ObjectID)
	}
	for k, ids := range byKind {
		err := chunks(ids, func(marks string, args []any) error {
			_, err := t.Exec(ctx, "UPDATE due SET try_at = ?, lease_owner = ? WHERE kind = ? AND object_id IN ("+marks+")",
				append([]any{micros(now.Add(l.Until)), l.Owner, k}, args...)...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// EndDue takes an item out that its handler has done and neither moved nor taken
// out itself.
func (s *Store) EndDue(ctx context.Context, owner string, i due.Item) error {
	return s.db.WriteRows(ctx, func(t *sqldb.Tx) error {
		_, err := t.Exec(ctx, "DELETE FROM due WHERE kind = ? AND object_id = ? AND due_at = ? AND lease_owner = ?", i.Kind, i.ObjectID, micros(i.At), owner)
		return err
	})
}

// FailDue keeps what went wrong and when to try again: after a span of the
// item's clock. An item that was moved to a later day meanwhile is left alone.
func (s *Store) FailDue(ctx context.Context, i due.Item, after time.Duration, text string, now time.Time) error {
	return s.db.WriteRows(ctx, func(sq *sqldb.Tx) error {
		t := &tx{Tx: sq, store: s}
		try := now
		if i.ClockID != 0 {
			c, err := t.PartnerClock(ctx, i.ClockID)
			if err != nil {
				return err
			}
			try = c.Now(now)
		}
		_, err := t.Exec(ctx, `UPDATE due SET attempts = attempts + 1, last_error = ?, try_at = ?, lease_owner = ''
			WHERE kind = ? AND object_id = ? AND due_at <= ?`, text, micros(try.Add(after)), i.Kind, i.ObjectID, micros(try))
		return err
	})
}

// ReleaseDue gives back what a node has taken, at its end. With "" it is
// everybody's, for the start of the only node that there can be (SQLite).
func (s *Store) ReleaseDue(ctx context.Context, owner string) (n int64, err error) {
	if owner == "" && s.db.Engine() != sqldb.SQLite {
		return 0, nil
	}
	err = s.db.WriteRows(ctx, func(t *sqldb.Tx) (err error) {
		if n, err = t.Exec(ctx, "UPDATE due SET try_at = due_at, lease_owner = '' WHERE lease_owner <> '' AND (lease_owner = ? OR ? = '')", owner, owner); err != nil {
			return err
		}
		_, err = t.Exec(ctx, "UPDATE partner_clock SET lease_owner = '', lease_until = 0 WHERE lease_owner <> '' AND (lease_owner = ? OR ? = '')", owner, owner)
		return err
	})
	return n, err
}

// NextDueAt is when, by the platform's clock, something is next to be tried by
// clocks that are not being moved; false when nothing is in the calendar.
func (s *Store) NextDueAt(ctx context.Context) (at time.Time, some bool, err error) {
	err = s.db.Read(ctx, func(sq *sqldb.Tx) error {
		t := &tx{Tx: sq, store: s}
		some = false
		for clockID := int64(-1); ; {
			var next, try sql.NullInt64
			if err := t.ScanRow(ctx, []any{&next}, "SELECT MIN(clock_id) FROM due WHERE clock_id > ?", clockID); err != nil {
				return err
			}
			if !next.Valid {
				return nil
			}
			clockID = next.Int64
			if err := t.ScanRow(ctx, []any{&try}, "SELECT MIN(try_at) FROM due WHERE clock_id = ?", clockID); err != nil {
				return err
			}
			mine := time.UnixMicro(try.Int64).UTC()
			if clockID != 0 {
				c, err := t.PartnerClock(ctx, clockID)
				if err != nil {
					return err
				}
				if c != nil {
					if c.Target != nil {
						continue
					}
					mine = mine.Add(-c.Offset)
				}
			}
			if !some || mine.Before(at) {
				at, some = mine, true
			}
		}
	})
	return at, some, err
}

// Overdue counts the items of the platform's clock that are due, by kind, and
// gives the time of the oldest.
func (s *Store) Overdue(ctx context.Context, now time.Time) (count map[due.Kind]int64, oldest time.Time, err error) {
	err = s.db.Read(ctx, func(sq *sqldb.Tx) error {
		count, oldest = map[due.Kind]int64{}, time.Time{}
		type row struct {
			kind  due.Kind
			n, at int64
		}
		rows, err := all(ctx, &tx{Tx: sq, store: s}, func(r scanner, v *row) error { return r.Scan(&v.kind, &v.n, &v.at) },
			"SELECT kind, COUNT(*), MIN(due_at) FROM due WHERE clock_id = 0 AND due_at <= ? AND try_at <= ? GROUP BY kind", micros(now), micros(now.Add(time.Hour)))
		for _, r := range rows {
			count[r.kind] = r.n
			if at := at(r.at); oldest.IsZero() || at.Before(oldest) {
				oldest = at
			}
		}
		return err
	})
	return count, oldest, err
}
