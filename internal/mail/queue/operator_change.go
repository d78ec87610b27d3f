package queue

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// Changed tells what an operator's command did.
type Changed struct {
	Recipients int `json:"recipients"` // changed
	Busy       int `json:"busy"`       // being delivered at this moment: left alone
}

// Hold stops the delivery of a message to all recipients that wait for it, or
// to one address, until Release.
func (q *Queue) Hold(ctx context.Context, id, address string) (Changed, error) {
	return q.command(ctx, "hold", id, address, []State{Ready}, func(ctx context.Context, tx *sqldb.Tx, _ *message, r *recipient) error {
		return move(ctx, tx, r, Held, "held by the operator", "", r.nextAttempt)
	})
}

// Release makes held recipients ready at once. The message's time begins anew.
// What still may not go, such as mail to <postmaster> without a configured
// address, is soon held again.
func (q *Queue) Release(ctx context.Context, id, address string) (Changed, error) {
	return q.command(ctx, "release", id, address, []State{Held}, func(ctx context.Context, tx *sqldb.Tx, m *message, r *recipient) error {
		now := q.clock.Now()
		if _, err := tx.Exec(ctx, `UPDATE queue_message SET expires_at = ? WHERE id = ?`, micros(now.Add(q.cfg.Lifetime)), m.id); err != nil {
			return err
		}
		return move(ctx, tx, r, Ready, r.lastReply, "", now)
	})
}

// Retry makes waiting recipients due at once.
func (q *Queue) Retry(ctx context.Context, id, address string) (Changed, error) {
	return q.command(ctx, "retry", id, address, []State{Ready}, func(ctx context.Context, tx *sqldb.Tx, _ *message, r *recipient) error {
		return move(ctx, tx, r, Ready, r.lastReply, r.failReason, q.clock.Now())
	})
}

// Fail returns a message: its waiting and held recipients are bounced at once by
// whoever runs the queue, and the sender gets a DSN, unless it declined it. Mail
// to the postmaster is dropped without one.
func (q *Queue) Fail(ctx context.Context, id, address, reason string) (Changed, error) {
	if reason = strings.Join(strings.Fields(reason), " "); reason == "" {
		reason = "returned by the operator"
	}
	return q.command(ctx, "fail", id, address, []State{Ready, Held}, func(ctx context.Context, tx *sqldb.Tx, _ *message, r *recipient) error {
		return move(ctx, tx, r, Ready, reason, reason, q.clock.Now())
	})
}

// move changes a recipient that is not leased.
func move(ctx context.Context, tx *sqldb.Tx, r *recipient, to State, reply, failReason string, next time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE queue_recipient SET state = ?, next_attempt = ?, last_reply = ?, fail_reason = ? WHERE id = ? AND state = ?`,
		string(to), micros(next), reply, failReason, r.id, string(r.state))
	if err == nil && n != 1 {
		return errLeaseLost
	}
	return err
}

// command applies fn to the chosen recipients in one transaction.
func (q *Queue) command(ctx context.Context, name, id, address string, states []State,
	fn func(context.Context, *sqldb.Tx, *message, *recipient) error,
) (Changed, error) {
	var out Changed
	err := q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		m, rcpts, busy, err := chosen(ctx, tx, id, address, states...)
		if err != nil {
			return err
		}
		if err := lockMessage(ctx, tx, m.id); err != nil {
			return err
		}
		for _, r := range rcpts {
			if err := fn(ctx, tx, m, r); err != nil {
				return err
			}
		}
		out = Changed{Recipients: len(rcpts), Busy: busy}
		tx.AfterCommit(q.Wake)
		return nil
	})
	if err != nil {
		return Changed{}, err
	}
	q.log.InfoContext(ctx, "operator", "command", name, "message", id, "recipients", out.Recipients, "busy", out.Busy)
	return out, nil
}

// chosen gives a message's recipients in the given states, only one address if
// given, and counts those that are leased.
func chosen(ctx context.Context, tx *sqldb.Tx, id, address string, states ...State) (m *message, out []*recipient, busy int, err error) {
	if m, err = loadMessage(ctx, tx, `public_id = ?`, id); err != nil {
		return nil, nil, 0, err
	}
	if m == nil {
		return nil, nil, 0, errNoMessage
	}
	all, err := loadRecipients(ctx, tx, `queue_id = ? ORDER BY id`, m.id)
	if err != nil {
		return nil, nil, 0, err
	}
	known := address == ""
	for _, r := range all {
		if address != "" && !strings.EqualFold(r.address, address) {
			continue
		}
		known = true
		if r.state == Leased {
			busy++
		}
		for _, s := range states {
			if r.state == s {
				out = append(out, r)
			}
		}
	}
	if !known {
		return nil, nil, 0, fault.New(fault.NotFound, "The message has no such recipient")
	}
	return m, out, busy, nil
}
