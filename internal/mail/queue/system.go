package queue

import (
	"context"
	"io"
	"strings"
	"time"

	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// System is a mail that the platform writes itself, to one recipient. It goes
// out with the null reverse-path, so nothing ever answers it automatically
// (RFC 3834 section 3.3, RFC 5321 section 4.5.5).
type System struct {
	ID        string // public id; "" = a new one
	NoticeID  int64  // the outbox's row, not 0
	PartnerID int64
	OrderID   int64
	Sandbox   bool // the partner is a sandbox: the mail stays here
	To        mailaddr.Address
	// Mailbox, when not 0, is the account that To is: it is told in its own
	// mailbox, whatever its domain's MX records say.
	Mailbox int64
	// Fallback gets the same message when delivery to To fails for good; zero = nobody.
	Fallback mailaddr.Address
	// FallbackAfter is how long delivery to To is tried while there is a fallback; 0 = the queue's lifetime.
	FallbackAfter time.Duration
	SignAs        string // the domain whose DKIM keys sign; "" = none
	SMTPUTF8      bool   // the header needs it
	Content       Content
}

// PreparedSystem is a System whose bytes are on stable storage.
type PreparedSystem struct {
	msg    *message
	rcpts  []*recipient
	stored *mailstore.Stored
}

// PrepareSystem signs and stores a message; SystemTx puts it into the queue. A
// message that never comes there is swept away.
func (q *Queue) PrepareSystem(ctx context.Context, s System) (*PreparedSystem, error) {
	now := q.clock.Now()
	m := &message{
		publicID: s.ID, kind: kindNotice, noticeID: s.NoticeID, partnerID: s.PartnerID, orderID: s.OrderID, sandbox: s.Sandbox,
		smtpUTF8: s.SMTPUTF8, created: now, expires: now.Add(q.cfg.Lifetime),
	}
	if !s.Fallback.IsZero() && s.Fallback.Normal() != s.To.Normal() {
		m.fallback = s.Fallback.String()
		if s.FallbackAfter > 0 && s.FallbackAfter < q.cfg.Lifetime {
			m.expires = now.Add(s.FallbackAfter)
		}
	}
	if m.publicID == "" {
		var err error
		if m.publicID, err = q.token(); err != nil {
			return nil, err
		}
	}
	rcpts := q.recipients([]Recipient{{Address: s.To, Notify: "NEVER"}})
	rcpts[0].localAccount = s.Mailbox
	signatures := io.Reader(strings.NewReader(""))
	if s.SignAs != "" {
		var err error
		if signatures, err = q.sign(ctx, s.SignAs, s.Content); err != nil {
			return nil, err
		}
	}
	stored, err := q.put(ctx, m, io.MultiReader(strings.NewReader(returnPath("")), signatures, io.NewSectionReader(s.Content, 0, s.Content.Size())))
	if err != nil {
		return nil, err
	}
	return &PreparedSystem{msg: m, rcpts: rcpts, stored: stored}, nil
}

// SystemTx puts a prepared message into the queue within the caller's
// transaction, which also ends whatever asked for the message: so it is sent once.
func (q *Queue) SystemTx(ctx context.Context, tx *sqldb.Tx, p *PreparedSystem) error {
	if err := q.enqueueTx(ctx, tx, p.msg, p.rcpts, p.stored); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.metrics.submitted.WithLabelValues(kindNotice).Inc()
		q.log.InfoContext(ctx, "notice queued", "message", p.msg.publicID, "notice", p.msg.noticeID, "partner", p.msg.partnerID,
			"bytes", p.msg.size, "sandbox", p.msg.sandbox)
	})
	return nil
}

// fallBackTx gives a notice that has failed for good to its fallback, once. The
// message is locked.
func (q *Queue) fallBackTx(ctx context.Context, tx *sqldb.Tx, m *message, changes []change, now time.Time) error {
	failed := false
	for _, c := range changes {
		failed = failed || c.state == Bounced || c.state == Expired
	}
	if m.kind != kindNotice || m.fallback == "" || !failed {
		return nil
	}
	to, err := mailaddr.Parse(m.fallback, mailaddr.AllowUTF8)
	if err != nil {
		return nil // it was checked when it was queued: nobody is left to tell
	}
	if _, err := tx.Exec(ctx, `UPDATE queue_message SET fallback = '', expires_at = ? WHERE id = ?`,
		micros(now.Add(q.cfg.Lifetime)), m.id); err != nil {
		return err
	}
	r := &recipient{address: to.String(), domain: to.Domain, notify: "NEVER", state: Ready, nextAttempt: now}
	if err := r.insert(ctx, tx, m); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.Wake()
		q.log.InfoContext(ctx, "notice goes to the fallback address", "message", m.publicID, "partner", m.partnerID)
	})
	return nil
}
