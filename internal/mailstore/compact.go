package mailstore

import (
	"context"
	"io"
	"time"

	"posthouse/internal/mailstore/blob"
	"posthouse/internal/store/sqldb"
)

// SweepReport tells what Sweep got back.
type SweepReport struct {
	Segments int64 // removed
	Moved    int64 // blobs copied out of them
	Bytes    int64 // of disk space, net
}

// maintain sweeps now and then.
func (s *Store) maintain(ctx context.Context) {
	for s.sleep(ctx, s.cfg.Background) {
		if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("the sweep of message segments failed", "error", err)
		}
	}
}

// sleep reports false when ctx has ended.
func (s *Store) sleep(ctx context.Context, d time.Duration) bool {
	t := s.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return true
	case <-ctx.Done():
		return false
	}
}

// Sweep gets disk space back: segments that nothing was appended to for the
// orphan grace and of which less than half is still wanted are emptied (what is
// wanted is copied to where new mail goes) and removed. Bytes that were put but
// never referred to go with them. A sweep that is killed leaves a copy more, which
// the next one finds unwanted.
func (s *Store) Sweep(ctx context.Context) (SweepReport, error) {
	var r SweepReport
	live, err := s.liveBytes(ctx)
	if err != nil {
		return r, err
	}
	segments, err := s.blobs.Segments(ctx)
	if err != nil {
		return r, err
	}
	old := s.clock.Now().Add(-s.cfg.OrphanGrace)
	for _, seg := range segments {
		if !seg.Sealed || seg.Changed.After(old) || live[seg.ID]*2 > seg.Bytes {
			continue
		}
		moved, err := s.empty(ctx, seg.ID)
		r.Moved += moved.messages
		if err != nil {
			return r, err
		}
		r.Segments++
		r.Bytes += seg.Bytes - moved.bytes
	}
	if r.Segments > 0 {
		s.log.Info("message segments swept", "removed", r.Segments, "moved", r.Moved, "bytes", r.Bytes)
	}
	return r, nil
}

// liveBytes gives the bytes of each segment that messages refer to.
func (s *Store) liveBytes(ctx context.Context) (map[int64]int64, error) {
	var live map[int64]int64
	err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		live = map[int64]int64{}
		rows, err := tx.Query(ctx, `SELECT segment, CAST(SUM(stored_bytes) AS BIGINT) FROM mail_message GROUP BY segment`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, n int64
			if err := rows.Scan(&id, &n); err != nil {
				return sqldb.Fault(err)
			}
			live[id] = n
		}
		return sqldb.Fault(rows.Err())
	})
	return live, err
}

// empty copies what is wanted out of a segment and removes it.
func (s *Store) empty(ctx context.Context, segment int64) (moved released, err error) {
	for {
		type item struct {
			id  int64
			ref blob.Ref
		}
		var items []item
		err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
			items = items[:0]
			rows, err := tx.Query(ctx, `SELECT id, position, stored_bytes FROM mail_message WHERE segment = ? LIMIT 256`, segment)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				it := item{ref: blob.Ref{Segment: segment}}
				if err := rows.Scan(&it.id, &it.ref.Offset, &it.ref.Length); err != nil {
					return sqldb.Fault(err)
				}
				items = append(items, it)
			}
			return sqldb.Fault(rows.Err())
		})
		if err != nil {
			return moved, err
		}
		if len(items) == 0 {
			break
		}
		fresh := make([]blob.Ref, len(items))
		for i, it := range items {
			if fresh[i], err = s.copyBlob(ctx, it.ref); err != nil {
				return moved, err
			}
			moved.messages++
			moved.bytes += it.ref.Length
		}
		if err := s.failpoint("compact"); err != nil {
			return moved, err
		}
		err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
			for i, it := range items {
				// A message deleted meanwhile is not there to be changed.
				if _, err := tx.Exec(ctx, `UPDATE mail_message SET segment = ?, position = ? WHERE id = ? AND segment = ? AND position = ?`,
					fresh[i].Segment, fresh[i].Offset, it.id, segment, it.ref.Offset); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return moved, err
		}
	}
	return moved, s.blobs.Remove(ctx, segment)
}

// copyBlob copies the sealed bytes, checksums verified, durable on return.
func (s *Store) copyBlob(ctx context.Context, ref blob.Ref) (blob.Ref, error) {
	if err := s.blobs.Check(ctx, ref); err != nil {
		return blob.Ref{}, err
	}
	r, err := s.blobs.Open(ref)
	if err != nil {
		return blob.Ref{}, err
	}
	defer r.Close()
	w, err := s.blobs.Create(ctx)
	if err != nil {
		return blob.Ref{}, err
	}
	defer w.Abort()
	if _, err := io.Copy(w, io.NewSectionReader(r, 0, r.Size())); err != nil {
		return blob.Ref{}, err
	}
	return w.Commit(ctx)
}
