package queue

import (
	"context"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// errLeaseLost says that a recipient is no longer leased by who wants to change it.
var errLeaseLost = &fault.Error{Code: fault.Conflict, Text: "The lease was lost", Temporary: true}

// settle writes down the verdicts on a batch: the recipients' next states, the
// attempt log, local copies (d, nil without), the DSN that tells the sender, and
// the end of the message when nothing is left to do, all in one transaction.
func (q *Queue) settle(ctx context.Context, b *batch, verdicts []verdict, d *distribution, begun time.Time) error {
	now := q.clock.Now()
	changes := make([]change, len(verdicts))
	for i, v := range verdicts {
		changes[i] = q.schedule.next(b.msg, b.rcpts[i], v, now, q.fraction())
	}
	told, err := q.report(ctx, b.msg, b.rcpts, verdicts, changes, now)
	if err != nil {
		return err
	}
	caught, err := q.catch(ctx, b, verdicts, changes, now)
	if err != nil {
		return err
	}
	var finished bool
	err = q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		if err := lockMessage(ctx, tx, b.msg.id); err != nil {
			return err
		}
		for i, r := range b.rcpts {
			if err := writeChange(ctx, tx, r, verdicts[i], changes[i], b.owner, now); err != nil {
				return err
			}
			if verdicts[i].outcome == outReleased {
				continue
			}
			if err := logAttempt(ctx, tx, b.msg, r, verdicts[i], changes[i].attempts, begun, now); err != nil {
				return err
			}
		}
		if err := q.distributeTx(ctx, tx, b, d); err != nil {
			return err
		}
		if told != nil {
			if err := q.enqueueTx(ctx, tx, told.msg, []*recipient{told.rcpt}, told.stored); err != nil {
				return err
			}
		}
		if err := q.captureTx(ctx, tx, caught); err != nil {
			return err
		}
		if err := q.fallBackTx(ctx, tx, b.msg, changes, now); err != nil {
			return err
		}
		var err error
		finished, err = q.finishTx(ctx, tx, b.msg, now)
		return err
	})
	if err != nil {
		return err
	}
	q.account(ctx, b, verdicts, changes, told, now)
	if finished {
		q.log.InfoContext(ctx, "message finished", "message", b.msg.publicID, "partner", b.msg.partnerID)
	}
	return nil
}

// lockMessage makes the changes to one message serial, so that of several nodes
// exactly one sees the last recipient end.
func lockMessage(ctx context.Context, tx *sqldb.Tx, id int64) error {
	var got int64
	err := tx.QueryRow(ctx, `SELECT id FROM queue_message WHERE id = ?`+tx.ForUpdate(), id).Scan(&got)
	if isNoRows(err) {
		return errNoMessage
	}
	return sqldb.Fault(err)
}

// writeChange moves a recipient that owner has leased.
func writeChange(ctx context.Context, tx *sqldb.Tx, r *recipient, v verdict, c change, owner string, now time.Time) error {
	var finished time.Time
	if c.state.Final() {
		finished = now
	}
	host := v.host
	if host == "" {
		host = r.lastHost
	}
	n, err := tx.Exec(ctx, `UPDATE queue_recipient SET state = ?, attempts = ?, next_attempt = ?, lease_until = 0, lease_owner = '',
		last_status = ?, last_reply = ?, last_host = ?, delay_sent = ?, finished_at = ?
		WHERE id = ? AND state = 'leased' AND lease_owner = ?`,
		string(c.state), c.attempts, micros(c.next), c.status, c.reply, host, bit(c.delaySent), micros(finished), r.id, owner)
	if err == nil && n != 1 {
		return errLeaseLost
	}
	return err
}

func logAttempt(ctx context.Context, tx *sqldb.Tx, m *message, r *recipient, v verdict, n int, begun, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO queue_attempt (queue_id, recipient_id, attempt, begun_at, ended_at, outcome, stage, host, tls, status, reply)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.id, r.id, n, micros(begun), micros(now), string(v.outcome), v.stage, v.host, v.tls, v.status, v.reply)
	return err
}

// finishTx lets go of the message's bytes when every recipient has ended. The
// message is locked.
func (q *Queue) finishTx(ctx context.Context, tx *sqldb.Tx, m *message, now time.Time) (bool, error) {
	var open int64
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM queue_recipient WHERE queue_id = ? AND state IN ('ready', 'leased', 'held')`, m.id).Scan(&open)
	if err != nil || open > 0 {
		return false, sqldb.Fault(err)
	}
	if err := q.mail.ReleaseTx(ctx, tx, m.storedID); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE queue_message SET finished_at = ? WHERE id = ?`, micros(now), m.id)
	return err == nil, err
}

// account logs and counts what a settled batch came to.
func (q *Queue) account(ctx context.Context, b *batch, verdicts []verdict, changes []change, told *told, now time.Time) {
	for i, r := range b.rcpts {
		v, c := verdicts[i], changes[i]
		if v.outcome == outReleased {
			q.metrics.attempts.WithLabelValues("released").Inc()
			continue
		}
		q.metrics.attempts.WithLabelValues(string(v.outcome)).Inc()
		if c.state.Final() || c.state == Held {
			q.metrics.recipients.WithLabelValues(string(c.state)).Inc()
		}
		if c.state == Delivered {
			q.metrics.latency.Observe(now.Sub(b.msg.created).Seconds())
		}
		q.log.InfoContext(ctx, "attempt", "message", b.msg.publicID, "partner", b.msg.partnerID, "account", b.msg.accountID, "recipient", r.id,
			"destination", r.domain, "attempt", c.attempts, "state", string(c.state), "status", v.status, "reply", v.reply, "host", v.host, "tls", v.tls, "stage", v.stage)
	}
	if told != nil {
		q.metrics.submitted.WithLabelValues(kindDSN).Inc()
		q.log.InfoContext(ctx, "DSN queued", "message", b.msg.publicID, "dsn", told.msg.publicID)
	}
}
