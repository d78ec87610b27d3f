package queue

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
	mime "posthouse/internal/message"
	"posthouse/internal/store/sqldb"
)

// Mail of a sandbox partner to a foreign domain does not leave the machine. It
// is captured in the transaction that makes its recipient delivered, so exactly
// once, and can be read back for a while.
const (
	maxCaptured  = 1000                // per partner; the oldest go
	capturedFor  = 30 * 24 * time.Hour // by the platform's time: a test clock that leaps takes nothing away
	maxSubject   = 500                 // bytes kept for lists
	captureBatch = 200                 // rows in one transaction
	maxListed    = 1000
)

// SandboxMessage is a captured message: one per recipient.
type SandboxMessage struct {
	ID          int64     `json:"id"` // also the cursor
	PartnerID   int64     `json:"partnerId"`
	OrderID     int64     `json:"orderId,omitempty"`
	AccountID   int64     `json:"accountId,omitempty"` // who sent it; 0 = the platform
	Notice      bool      `json:"notice"`              // written by the platform
	QueueID     string    `json:"queueId"`
	ReversePath string    `json:"reversePath"`
	Recipient   string    `json:"recipient"`
	Subject     string    `json:"subject"`
	Size        int64     `json:"size"`
	At          time.Time `json:"at"` // by the partner's clock

	messageID  int64
	noticeID   int64
	capturedAt time.Time
}

// SandboxFilter selects captured messages; empty fields do not restrict.
type SandboxFilter struct {
	PartnerID int64  // the operator's choice; a partner sees its own only
	Recipient string // this address, without regard to case
	AccountID int64  // sent by this account
	Notices   bool   // only what the platform wrote
	After     int64  // only newer than this ID
	Before    int64  // only older than this ID; 0 = from the newest on
	Limit     int    // 0 = 100, at most 1,000
}

var errNoCaptured = fault.New(fault.NotFound, "There is no such message")

// tenant gives the partner whose messages the actor may see, 0 = all.
func tenant(actor audit.Actor, asked int64) (int64, error) {
	switch {
	case actor.PartnerID > 0 && actor.Role.Known():
		return actor.PartnerID, nil
	case actor.PartnerID == 0 && (actor.Role == suspension.RoleTitan || actor.Role == suspension.RoleTitanSupport):
		return asked, nil
	}
	return 0, fault.New(fault.Forbidden, "The caller belongs to no partner")
}

const capturedColumns = `id, partner_id, order_id, account_id, notice_id, queue_id, reverse_path, recipient, subject, size, message_id, at`

func scanCaptured(row interface{ Scan(...any) error }) (*SandboxMessage, error) {
	m := &SandboxMessage{}
	var at int64
	err := row.Scan(&m.ID, &m.PartnerID, &m.OrderID, &m.AccountID, &m.noticeID, &m.QueueID, &m.ReversePath, &m.Recipient, &m.Subject, &m.Size, &m.messageID, &at)
	m.At, m.Notice = fromMicros(at), m.noticeID != 0
	return m, err
}

// SandboxMessages lists captured messages, the newest first.
func (q *Queue) SandboxMessages(ctx context.Context, actor audit.Actor, f SandboxFilter) ([]*SandboxMessage, error) {
	partner, err := tenant(actor, f.PartnerID)
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	where, args := []string{"id > ?"}, []any{f.After}
	add := func(cond string, arg any) { where, args = append(where, cond), append(args, arg) }
	if f.Before > 0 {
		add("id < ?", f.Before)
	}
	if partner != 0 {
		add("partner_id = ?", partner)
	}
	if f.AccountID != 0 {
		add("account_id = ?", f.AccountID)
	}
	if f.Notices {
		add("notice_id > ?", 0)
	}
	if f.Recipient != "" {
		if !utf8.ValidString(f.Recipient) || strings.ContainsRune(f.Recipient, 0) {
			return nil, nil
		}
		add("LOWER(recipient) = LOWER(?)", f.Recipient)
	}
	var out []*SandboxMessage
	err = q.db.Read(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+capturedColumns+` FROM sandbox_message WHERE `+strings.Join(where, " AND ")+` ORDER BY id DESC LIMIT ?`,
			append(args[:len(args):len(args)], min(f.Limit, maxListed))...)
		if err != nil {
			return err
		}
		out, err = collect(rows, func() (*SandboxMessage, error) { return scanCaptured(rows) })
		return err
	})
	return out, err
}

// SandboxMessage gives one; fault.NotFound, also for another partner's.
func (q *Queue) SandboxMessage(ctx context.Context, actor audit.Actor, id int64) (*SandboxMessage, error) {
	partner, err := tenant(actor, 0)
	if err != nil {
		return nil, err
	}
	var out *SandboxMessage
	err = q.db.Read(ctx, func(tx *sqldb.Tx) error {
		m, err := scanCaptured(tx.QueryRow(ctx, `SELECT `+capturedColumns+` FROM sandbox_message WHERE id = ?`, id))
		switch {
		case isNoRows(err), err == nil && partner != 0 && m.PartnerID != partner:
			return errNoCaptured
		case err != nil:
			return sqldb.Fault(err)
		}
		out = m
		return nil
	})
	return out, err
}

// SandboxContent opens the message itself as it would have left (after the
// Return-Path that the store holds in front of it); close it.
func (q *Queue) SandboxContent(ctx context.Context, actor audit.Actor, id int64) (*mailstore.Content, error) {
	m, err := q.SandboxMessage(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	c, err := q.mail.Open(ctx, 0, m.messageID)
	if fault.Is(err, fault.NotFound) { // deleted meanwhile
		err = errNoCaptured
	}
	return c, err
}

// DeleteSandboxMessage deletes one captured message; fault.NotFound.
func (q *Queue) DeleteSandboxMessage(ctx context.Context, actor audit.Actor, id int64) error {
	partner, err := tenant(actor, 0)
	if err != nil {
		return err
	}
	n := 0
	err = q.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
		n, err = q.dropCaptured(ctx, tx, `SELECT id, message_id FROM sandbox_message WHERE id = ? AND (partner_id = ? OR ? = 0)`, id, partner, partner)
		return err
	})
	if err == nil && n == 0 {
		err = errNoCaptured
	}
	return err
}

// DeleteSandboxMessages deletes all captured messages of a partner and tells
// how many there were. The operator must name the partner.
func (q *Queue) DeleteSandboxMessages(ctx context.Context, actor audit.Actor, partnerID int64) (int, error) {
	partner, err := tenant(actor, partnerID)
	if err != nil {
		return 0, err
	}
	if partner == 0 {
		return 0, fault.New(fault.Invalid, "The partner is not named")
	}
	return q.dropAll(ctx, `SELECT id, message_id FROM sandbox_message WHERE partner_id = ? ORDER BY id LIMIT ?`, partner, captureBatch)
}

// catch makes the rows of what a batch has captured; nothing is written yet.
func (q *Queue) catch(ctx context.Context, b *batch, verdicts []verdict, changes []change, now time.Time) ([]*SandboxMessage, error) {
	var out []*SandboxMessage
	for i, c := range changes {
		if !verdicts[i].sandbox || c.state != Delivered {
			continue
		}
		out = append(out, &SandboxMessage{
			PartnerID: b.msg.partnerID, OrderID: b.msg.orderID, AccountID: b.msg.accountID, noticeID: b.msg.noticeID, QueueID: b.msg.publicID,
			ReversePath: b.msg.reversePath, Recipient: b.rcpts[i].address, Size: b.msg.size, messageID: b.msg.storedID, capturedAt: now,
		})
	}
	if len(out) == 0 {
		return nil, nil
	}
	at, err := q.dir.PartnerTime(ctx, b.msg.partnerID)
	if err != nil {
		return nil, err
	}
	subject, err := q.subject(ctx, b.msg.storedID)
	if err != nil {
		return nil, err
	}
	for _, m := range out {
		m.At, m.Subject = at, subject
	}
	return out, nil
}

// subject reads the decoded Subject for lists.
func (q *Queue) subject(ctx context.Context, storedID int64) (subject string, err error) {
	c, err := q.mail.Open(ctx, 0, storedID)
	if err != nil {
		return "", err
	}
	defer func() {
		if cerr := c.Close(); err == nil && cerr != nil {
			subject, err = "", fault.Wrap(cerr)
		}
	}()
	p, err := c.Part()
	if err != nil || p.Envelope == nil {
		return "", err
	}
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, mime.DecodeHeader(p.Envelope.Subject))
	if len(s) > maxSubject {
		s = strings.ToValidUTF8(s[:maxSubject], "")
	}
	return s, nil
}

// captureTx writes captured messages and lets the oldest go beyond the bound.
func (q *Queue) captureTx(ctx context.Context, tx *sqldb.Tx, caught []*SandboxMessage) error {
	for _, m := range caught {
		if err := q.mail.HoldAgainTx(ctx, tx, m.messageID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sandbox_message (partner_id, order_id, account_id, notice_id, queue_id, reverse_path,
			recipient, subject, size, message_id, at, captured_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			m.PartnerID, m.OrderID, m.AccountID, m.noticeID, m.QueueID, m.ReversePath, m.Recipient, m.Subject, m.Size, m.messageID,
			micros(m.At), micros(m.capturedAt)); err != nil {
			return err
		}
	}
	if len(caught) == 0 {
		return nil
	}
	_, err := q.dropCaptured(ctx, tx, `SELECT id, message_id FROM sandbox_message WHERE partner_id = ? ORDER BY id DESC LIMIT ? OFFSET ?`,
		caught[0].PartnerID, captureBatch, maxCaptured)
	return err
}

// forgetCaptured deletes what is older than captured mail is kept.
func (q *Queue) forgetCaptured(ctx context.Context) error {
	_, err := q.dropAll(ctx, `SELECT id, message_id FROM sandbox_message WHERE captured_at < ? ORDER BY captured_at LIMIT ?`,
		micros(q.clock.Now().Add(-capturedFor)), captureBatch)
	return err
}

// dropAll deletes what a query of id and message_id finds, a batch a transaction.
func (q *Queue) dropAll(ctx context.Context, query string, args ...any) (total int, err error) {
	for {
		n := 0
		err := q.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = q.dropCaptured(ctx, tx, query, args...)
			return err
		})
		total += n
		if err != nil || n < captureBatch {
			return total, err
		}
	}
}

// dropCaptured deletes rows and lets go of their bytes. Who deletes a row
// releases it: of two that delete the same one, one finds it.
func (q *Queue) dropCaptured(ctx context.Context, tx *sqldb.Tx, query string, args ...any) (n int, err error) {
	type held struct{ id, message int64 }
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	found, err := collect(rows, func() (h held, err error) { err = rows.Scan(&h.id, &h.message); return h, err })
	if err != nil {
		return 0, err
	}
	for _, h := range found {
		gone, err := tx.Exec(ctx, `DELETE FROM sandbox_message WHERE id = ?`, h.id)
		if err != nil {
			return n, err
		}
		if gone == 0 {
			continue
		}
		if err := q.mail.ReleaseTx(ctx, tx, h.message); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
