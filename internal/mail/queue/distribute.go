package queue

import (
	"context"

	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// distributeTx makes the local copies of a batch and the messages split off. The
// message is locked.
func (q *Queue) distributeTx(ctx context.Context, tx *sqldb.Tx, b *batch, d *distribution) error {
	if d == nil || d.now.Len() == 0 && len(d.splits) == 0 && len(d.forwards) == 0 {
		return nil
	}
	first, err := q.firstTx(ctx, tx, b, d)
	if err != nil {
		return err
	}
	variants := d.now.Variants()
	if len(variants) > 1 {
		var all []int64
		for _, v := range variants {
			all = append(all, v.Accounts...)
		}
		if err := q.mail.LockTx(ctx, tx, all); err != nil {
			return err
		}
	}
	for _, v := range variants {
		var targets []mailstore.Target
		for _, id := range v.Accounts {
			if first(id) {
				targets = append(targets, mailstore.Target{AccountID: id})
			}
		}
		if v.DeliveredTo == "" {
			_, err = q.mail.DeliverHeldTx(ctx, tx, b.msg.storedID, targets)
		} else {
			_, err = q.mail.DeliverTx(ctx, tx, d.forms[v.DeliveredTo], targets)
		}
		if err != nil {
			return err
		}
	}
	for _, s := range d.splits {
		if err := q.splitTx(ctx, tx, d, s, first); err != nil {
			return err
		}
	}
	for _, f := range d.forwards {
		if err := q.ForwardTx(ctx, tx, f.prepared); err != nil {
			return err
		}
	}
	for _, r := range d.replies {
		if first(r.AccountID) && d.now.Has(r.AccountID) {
			if err := q.ReplyTx(ctx, tx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// splitTx puts a split into the queue.
func (q *Queue) splitTx(ctx context.Context, tx *sqldb.Tx, d *distribution, s *split, first func(int64) bool) error {
	var rcpts []*recipient
	for _, id := range s.accounts {
		if first(id) {
			rcpts = append(rcpts, &recipient{address: s.of.address, domain: s.of.domain, localAccount: id, orcpt: s.of.orcpt,
				notify: s.of.notify, state: Ready, lastStatus: "4.2.2", lastReply: noRoomYet})
		}
	}
	if len(rcpts) == 0 {
		return nil
	}
	m := *s.msg
	if err := q.enqueueTx(ctx, tx, &m, rcpts, d.forms[s.deliveredTo]); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.log.InfoContext(ctx, "split off for full mailboxes", "message", m.publicID, "partner", m.partnerID, "recipients", len(rcpts))
	})
	return nil
}

// firstTx notes the mailboxes that a batch serves, and tells which of them have
// not been served before: by another recipient of the message, in another batch
// or at another time; nor, if copies of the message were forwarded, by one of
// these. A message with one recipient that is not forwarded needs no notes.
func (q *Queue) firstTx(ctx context.Context, tx *sqldb.Tx, b *batch, d *distribution) (func(int64) bool, error) {
	var recipients int
	if err := tx.ScanRow(ctx, []any{&recipients}, `SELECT COUNT(*) FROM queue_recipient WHERE queue_id = ?`, b.msg.id); err != nil {
		return nil, err
	}
	root := b.msg.rootID()
	tracked := b.msg.root != "" || len(d.forwards) > 0
	if recipients == 1 && !tracked {
		return func(int64) bool { return true }, nil
	}
	if !tracked {
		var err error
		if tracked, err = forwarded(ctx, tx, root); err != nil {
			return nil, err
		}
	} else if b.msg.root == "" { // who was served in earlier batches
		if _, err := tx.Exec(ctx, `INSERT INTO forward_copy (root, target, at) SELECT ?, '#' || account_id, ? FROM queue_copy WHERE queue_id = ?
			ON CONFLICT DO NOTHING`, root, micros(q.clock.Now()), b.msg.id); err != nil {
			return nil, err
		}
	}
	fresh := map[int64]bool{}
	note := func(accounts []int64) error {
		for _, id := range accounts {
			if tracked {
				first, err := noteForward(ctx, tx, root, mailboxTarget(id), q.clock.Now())
				if err != nil {
					return err
				}
				fresh[id] = first
				if !first {
					continue
				}
			}
			n, err := tx.Exec(ctx, `INSERT INTO queue_copy (queue_id, account_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, b.msg.id, id)
			if err != nil {
				return err
			}
			fresh[id] = n == 1
		}
		return nil
	}
	for _, v := range d.now.Variants() {
		if err := note(v.Accounts); err != nil {
			return nil, err
		}
	}
	for _, s := range d.splits {
		if err := note(s.accounts); err != nil {
			return nil, err
		}
	}
	return func(id int64) bool { return fresh[id] }, nil
}
