package mailstore

import (
	"context"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// changeHistory is how many MODSEQs of an account mail_change goes back.
const changeHistory = 1 << 14

// StoreFlags changes flags of messages. UIDs that don't exist are passed over.
// With unchangedSince (0 = no condition) messages with a greater MODSEQ are left
// alone and named in failed (RFC 7162 section 3.1.3). changed are the entries
// whose flags have become different, as they are now; all have the same MODSEQ.
func (s *Store) StoreFlags(ctx context.Context, folderID int64, uids []uint32, op FlagOp, flags Flags, unchangedSince uint64) (changed []Entry, failed []uint32, err error) {
	flags.Keywords, err = normalKeywords(flags.Keywords)
	if err != nil {
		return nil, nil, err
	}
	if op < ReplaceFlags || op > RemoveFlags {
		return nil, nil, fault.New(fault.Invalid, "Unknown flag operation")
	}
	uids = append([]uint32{}, ascending(uids)...) // never nil, which would mean all
	// Most commands that change nothing are found out without a transaction.
	now, err := s.entriesNow(ctx, folderID, uids)
	if err != nil {
		return nil, nil, err
	}
	if c, f, err := planFlags(now, uids, op, flags, unchangedSince); err != nil || len(c.changed) == 0 {
		return nil, f, err
	}
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		changed, failed = nil, nil
		b, f, entries, err := s.lockFolder(ctx, tx, folderID, uids)
		if err != nil {
			return err
		}
		plan, refused, err := planFlags(entries, uids, op, flags, unchangedSince)
		if err != nil {
			return err
		}
		changed, failed = plan.changed, refused
		for i := range changed {
			changed[i].ModSeq = b.modseq
		}
		if err := plan.write(ctx, tx, f, b, op, flags); err != nil {
			return err
		}
		if err := trimChanges(ctx, tx, f, b.modseq); err != nil {
			return err
		}
		s.changed(tx, b.account)
		return nil
	})
	return changed, failed, err
}

// ascending gives uids sorted and without doubles; the argument is not modified.
func ascending(uids []uint32) []uint32 {
	if !slices.IsSorted(uids) {
		uids = slices.Clone(uids)
		slices.Sort(uids)
	}
	for i := 1; i < len(uids); i++ {
		if uids[i] == uids[i-1] {
			return slices.Compact(slices.Clone(uids))
		}
	}
	return uids
}

// flagPlan is what a StoreFlags does.
type flagPlan struct {
	changed         []Entry // as they will be, but with their old MODSEQ
	runs            []flagRun
	unseen, deleted int64 // change of the folder's counts
}

// flagRun is a stretch of the folder in which every message is asked for and
// allowed to change; some may be as wanted already.
type flagRun struct {
	uidRange
	keywords bool  // the keywords change; then all end up with the same flags
	flags    Flags // if so
	changes  bool
}

func planFlags(in stretch, uids []uint32, op FlagOp, arg Flags, unchangedSince uint64) (p flagPlan, failed []uint32, err error) {
	entries := in.entries
	last := -2 // index of the latest entry in the latest run
	at := 0
	for _, uid := range uids {
		n, ok := find(entries[at:], uid)
		at += n
		if !ok {
			continue
		}
		old := &entries[at]
		if unchangedSince > 0 && old.ModSeq > unchangedSince {
			failed = append(failed, uid)
			continue
		}
		flags := op.apply(old.Flags, arg)
		differs := !flags.same(old.Flags)
		keywords := differs && !sameKeywords(flags.Keywords, old.Flags.Keywords)
		if differs {
			if len(flags.Keywords) > maxKeywords {
				return p, nil, fault.New(fault.Invalid, "Too many keywords on one message").WithReason("LIMIT")
			}
			oldUnseen, oldDeleted := flagCounts(old.Flags.System)
			unseen, deleted := flagCounts(flags.System)
			p.unseen += unseen - oldUnseen
			p.deleted += deleted - oldDeleted
			e := *old
			e.Flags = flags
			p.changed = append(p.changed, e)
		}
		var run *flagRun
		if n := len(p.runs); n > 0 && last == at-1 && in.gapless(at) && p.runs[n-1].takes(keywords, flags) {
			run = &p.runs[n-1]
		} else {
			p.runs = append(p.runs, flagRun{uidRange: uidRange{uid, uid}, keywords: keywords, flags: flags})
			run = &p.runs[len(p.runs)-1]
		}
		run.to = uid
		run.changes = run.changes || differs
		last = at
	}
	p.runs = slices.DeleteFunc(p.runs, func(r flagRun) bool { return !r.changes })
	return p, failed, nil
}

func (r *flagRun) takes(keywords bool, flags Flags) bool {
	return r.keywords == keywords && (!keywords || r.flags.same(flags))
}

func (p *flagPlan) write(ctx context.Context, tx *sqldb.Tx, f folderRow, b box, op FlagOp, arg Flags) error {
	// (flags | or) & and
	or, and := int64(arg.System&allSystemFlags), int64(allSystemFlags)
	switch op {
	case ReplaceFlags:
		and = or
	case RemoveFlags:
		or, and = 0, int64(allSystemFlags&^arg.System)
	}
	var changes uidSet
	for _, r := range p.runs {
		var err error
		if r.keywords {
			words := keywordColumn(r.flags.Keywords)
			_, err = tx.Exec(ctx, `UPDATE mail_entry SET flags = ?, keywords = ?, modseq = ? WHERE folder_id = ? AND uid >= ? AND uid <= ?`,
				int64(r.flags.System), words, int64(b.modseq), f.ID, int64(r.from), int64(r.to))
		} else {
			_, err = tx.Exec(ctx, `UPDATE mail_entry SET flags = (flags | ?) & ?, modseq = ? WHERE folder_id = ? AND uid >= ? AND uid <= ?
				AND flags <> ((flags | ?) & ?)`, or, and, int64(b.modseq), f.ID, int64(r.from), int64(r.to), or, and)
		}
		if err != nil {
			return err
		}
		changes = append(changes, r.uidRange)
	}
	if len(p.changed) == 0 {
		return nil
	}
	for _, r := range coarse(changes, 32) {
		if _, err := tx.Exec(ctx, `INSERT INTO mail_change (folder_id, modseq, uid_from, uid_to) VALUES (?, ?, ?, ?)`,
			f.ID, int64(b.modseq), int64(r.from), int64(r.to)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE mail_folder SET modseq = ?, unseen = unseen + ?, deleted = deleted + ? WHERE id = ?`,
		int64(b.modseq), p.unseen, p.deleted, f.ID)
	return err
}

// coarse covers ascending ranges with at most n.
func coarse(u uidSet, n int) uidSet {
	if len(u) <= n {
		return u
	}
	out := make(uidSet, 0, n)
	per := (len(u) + n - 1) / n
	for len(u) > 0 {
		m := min(per, len(u))
		out = append(out, uidRange{u[0].from, u[m-1].to})
		u = u[m:]
	}
	return out
}

// trimChanges keeps mail_change short, now and then.
func trimChanges(ctx context.Context, tx *sqldb.Tx, f folderRow, modseq uint64) error {
	if modseq%256 != 0 || modseq <= changeHistory {
		return nil
	}
	floor := int64(modseq - changeHistory)
	if _, err := tx.Exec(ctx, `DELETE FROM mail_change WHERE folder_id = ? AND modseq <= ?`, f.ID, floor); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE mail_folder SET change_floor = ? WHERE id = ? AND change_floor < ?`, floor, f.ID, floor)
	return err
}
