package queue

import (
	"context"

	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

const noRoomYet = "452 4.2.2 mailbox full"

// Kept is mail from outside that came by a forwarder of which some members have
// no room: it was accepted, so that it waits here for them.
type Kept struct {
	ID          string // public id; "" = a new one
	ReversePath mailaddr.Address
	Address     mailaddr.Address // as it was asked for
	Accounts    []int64          // the members
	OrderID     int64
	PartnerID   int64
	Sandbox     bool
	Stored      *mailstore.Stored // as they are to get it
	EightBit    bool
}

// KeepTx takes a message over within the caller's transaction. Its sender is told
// if it never works, like anybody's.
func (q *Queue) KeepTx(ctx context.Context, tx *sqldb.Tx, k Kept) error {
	now := q.clock.Now()
	m := &message{
		publicID: k.ID, kind: kindMail, partnerID: k.PartnerID, orderID: k.OrderID, sandbox: k.Sandbox, reversePath: k.ReversePath.String(),
		smtpUTF8: !k.ReversePath.ASCII() || !k.Address.ASCII(), eightBit: k.EightBit, size: k.Stored.Size, created: now, expires: now.Add(q.cfg.Lifetime),
	}
	if m.publicID == "" {
		var err error
		if m.publicID, err = q.token(); err != nil {
			return err
		}
	}
	rcpts := make([]*recipient, len(k.Accounts))
	for i, id := range k.Accounts {
		rcpts[i] = &recipient{address: k.Address.String(), domain: k.Address.Domain, localAccount: id, state: Ready, lastStatus: "4.2.2", lastReply: noRoomYet}
	}
	if err := q.enqueueTx(ctx, tx, m, rcpts, k.Stored); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.metrics.submitted.WithLabelValues(kindMail).Inc()
		q.log.InfoContext(ctx, "queued for full mailboxes", "message", m.publicID, "partner", m.partnerID, "recipients", len(rcpts), "bytes", m.size)
	})
	return nil
}
