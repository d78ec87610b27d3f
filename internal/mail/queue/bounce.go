package queue

import (
	"context"
	"errors"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/srs"
	"posthouse/internal/store/sqldb"
)

// tokenPrefix begins the local part that stands for a sender too long to be
// rewritten; a row knows who it is.
const tokenPrefix = "srs-"

const srsAge = srs.MaxAge

var (
	errForged  = fault.New(fault.NotFound, "The address is not one of a forwarded message").WithReason("BAD_FORWARD_SENDER")
	errExpired = fault.New(fault.NotFound, "The address of a forwarded message has expired").WithReason("BAD_FORWARD_SENDER")
)

// IsForwardSender reports whether an address looks like a sender that forwarding has made.
func (q *Queue) IsForwardSender(a mailaddr.Address) bool {
	return q.srs.Has(a) || a.Domain == q.srs.Domain() && strings.HasPrefix(strings.ToLower(a.Local), tokenPrefix)
}

// ForwardSender gives the sender that forwarding has rewritten to a; fault.NotFound
// for one that was never made here, was tampered with or has expired.
func (q *Queue) ForwardSender(ctx context.Context, a mailaddr.Address) (mailaddr.Address, error) {
	if q.srs.Has(a) {
		from, err := q.srs.Reverse(a, q.clock.Now())
		switch {
		case errors.Is(err, srs.ErrExpired):
			return mailaddr.Address{}, errExpired
		case err != nil:
			return mailaddr.Address{}, errForged
		}
		return from, nil
	}
	token := strings.ToLower(a.Local)
	if !q.IsForwardSender(a) {
		return mailaddr.Address{}, errForged
	}
	var text string
	err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.ScanRow(ctx, []any{&text}, `SELECT address FROM srs_sender WHERE token = ? AND until > ?`,
			strings.TrimPrefix(token, tokenPrefix), micros(q.clock.Now()))
	})
	if isNoRows(err) {
		return mailaddr.Address{}, errForged
	}
	if err != nil {
		return mailaddr.Address{}, err
	}
	from, err := mailaddr.Parse(text, mailaddr.AllowUTF8)
	if err != nil {
		return mailaddr.Address{}, fault.Wrap(err)
	}
	return from, nil
}

// sender gives who really sent what has that reverse-path; zero: nobody can be told.
func (q *Queue) sender(ctx context.Context, reversePath string) (mailaddr.Address, error) {
	a, err := mailaddr.Parse(reversePath, mailaddr.AllowUTF8)
	if err != nil {
		return a, fault.Wrap(err)
	}
	if !q.IsForwardSender(a) {
		return a, nil
	}
	from, err := q.ForwardSender(ctx, a)
	if fault.Is(err, fault.NotFound) {
		return mailaddr.Address{}, nil
	}
	return from, err
}

// Bounce is mail from outside to a sender that forwarding has rewritten: see BounceTx.
type Bounce struct {
	ID     string // public id; "" = a new one
	To     mailaddr.Address
	Stored *mailstore.Stored
}

// BounceTx relays a bounce to the sender within the caller's transaction, with
// the null reverse-path: nothing ever answers it.
func (q *Queue) BounceTx(ctx context.Context, tx *sqldb.Tx, b Bounce) error {
	now := q.clock.Now()
	m := &message{publicID: b.ID, kind: kindMail, smtpUTF8: !b.To.ASCII(), size: b.Stored.Size, created: now, expires: now.Add(q.cfg.Lifetime)}
	if m.publicID == "" {
		var err error
		if m.publicID, err = q.token(); err != nil {
			return err
		}
	}
	rcpts := q.recipients([]Recipient{{Address: b.To, Notify: "NEVER"}})
	if err := q.enqueueTx(ctx, tx, m, rcpts, b.Stored); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.metrics.submitted.WithLabelValues(kindMail).Inc()
		q.log.InfoContext(ctx, "bounce relayed to who sent what was forwarded", "message", m.publicID, "bytes", m.size)
	})
	return nil
}
