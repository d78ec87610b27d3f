package queue

import (
	"context"
	"io"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mail/login"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Content is a message as the door has taken it: lines end with CRLF, trace
// fields are written. A *spool.Spool is one.
type Content interface {
	io.ReaderAt
	Size() int64
}

// Recipient is one recipient of a submission, with its DSN parameters
// (RFC 3461): Notify as the value of NOTIFY, ORcpt as that of ORCPT.
type Recipient struct {
	Address mailaddr.Address
	Notify  string
	ORcpt   string
}

// Submission is a message from an account of this platform.
type Submission struct {
	ID          string         // the message's public id; "" = a new one
	Sender      *login.Session // who has authenticated; the door has checked that ReversePath is its own
	ReversePath mailaddr.Address
	Recipients  []Recipient
	Ret         string // "", "FULL" or "HDRS"
	EnvID       string // xtext
	SMTPUTF8    bool
	Content     Content
}

// Submit signs the message and takes it over: when it returns nil the message
// is on stable storage and every recipient will be told of or served. A
// recipient that is named twice is served once.
func (q *Queue) Submit(ctx context.Context, s Submission) error {
	now := q.clock.Now()
	m := &message{
		publicID: s.ID, kind: kindMail, partnerID: s.Sender.PartnerID, orderID: s.Sender.OrderID, accountID: s.Sender.AccountID,
		reversePath: s.ReversePath.String(), ret: s.Ret, envID: s.EnvID, smtpUTF8: s.SMTPUTF8,
		created: now, expires: now.Add(q.cfg.Lifetime),
	}
	rcpts := q.recipients(s.Recipients)
	if len(rcpts) == 0 {
		return fault.New(fault.Invalid, "The message has no recipient")
	}
	if m.publicID == "" {
		var err error
		if m.publicID, err = q.token(); err != nil {
			return err
		}
	}
	sender, err := q.dir.Sender(ctx, s.Sender.AccountID)
	if err != nil {
		return err
	}
	if !sender.MaySend {
		return fault.New(fault.Forbidden, "This account may not send mail").WithReason("MAY_NOT_SEND")
	}
	m.sandbox = sender.Sandbox
	signatures, err := q.sign(ctx, sender.Domain, s.Content)
	if err != nil {
		return err
	}
	stored, err := q.put(ctx, m, io.MultiReader(strings.NewReader(returnPath(m.reversePath)), signatures, io.NewSectionReader(s.Content, 0, s.Content.Size())))
	if err != nil {
		return err
	}
	if err := q.enqueue(ctx, m, rcpts, stored); err != nil {
		return err
	}
	q.metrics.submitted.WithLabelValues(kindMail).Inc()
	q.log.InfoContext(ctx, "queued", "message", m.publicID, "partner", m.partnerID, "order", m.orderID, "account", m.accountID,
		"recipients", len(rcpts), "bytes", m.size, "sandbox", m.sandbox)
	return nil
}

// recipients makes the rows, each mailbox once.
func (q *Queue) recipients(in []Recipient) []*recipient {
	seen := make(map[mailaddr.Address]bool, len(in))
	out := make([]*recipient, 0, len(in))
	for _, r := range in {
		to := r.Address
		if to.Domain == "" { // <postmaster> of this very host
			to = q.cfg.Postmaster
		}
		if key := to.Normal(); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		row := &recipient{address: to.String(), domain: to.Domain, orcpt: r.ORcpt, notify: r.Notify, state: Ready}
		if to.IsZero() {
			row.address, row.domain, row.state, row.lastReply = r.Address.String(), operatorDomain, Held, forOperator
		}
		out = append(out, row)
	}
	return out
}

// Mail to <postmaster> without an address to send it to stands under a
// destination of its own, which is no domain.
const (
	operatorDomain = "[operator]"
	forOperator    = "for the operator: no postmaster address is configured"
)

// put stores the content and notes what kind of octets it has.
func (q *Queue) put(ctx context.Context, m *message, content io.Reader) (*mailstore.Stored, error) {
	look := &inspector{r: content}
	stored, err := q.mail.Put(ctx, look)
	if err != nil {
		return nil, err
	}
	m.size, m.eightBit, m.headerUTF8 = look.n, look.eightBit, look.header8
	return stored, nil
}

func (q *Queue) enqueue(ctx context.Context, m *message, rcpts []*recipient, stored *mailstore.Stored) error {
	return q.db.WriteRows(ctx, func(tx *sqldb.Tx) error { return q.enqueueTx(ctx, tx, m, rcpts, stored) })
}

// enqueueTx makes the queue hold the message and inserts its rows.
func (q *Queue) enqueueTx(ctx context.Context, tx *sqldb.Tx, m *message, rcpts []*recipient, stored *mailstore.Stored) error {
	id, err := q.mail.HoldTx(ctx, tx, stored)
	if err != nil {
		return err
	}
	row := *m
	row.storedID = id
	if err := row.insert(ctx, tx); err != nil {
		return err
	}
	for _, r := range rcpts {
		r.nextAttempt = m.created
		if err := r.insert(ctx, tx, &row); err != nil {
			return err
		}
	}
	tx.AfterCommit(q.Wake)
	return nil
}

// Postmaster is mail from outside to a bare <postmaster>: see PostmasterTx.
type Postmaster struct {
	ID          string // public id; "" = a new one
	ReversePath mailaddr.Address
	Stored      *mailstore.Stored
	EightBit    bool
}

// PostmasterTx keeps a message to <postmaster> within the caller's transaction:
// on its way to the configured address, or held for the operator.
func (q *Queue) PostmasterTx(ctx context.Context, tx *sqldb.Tx, p Postmaster) error {
	now := q.clock.Now()
	m := &message{
		publicID: p.ID, kind: kindOperator, reversePath: p.ReversePath.String(), smtpUTF8: !p.ReversePath.ASCII(), eightBit: p.EightBit,
		size: p.Stored.Size, created: now, expires: now.Add(q.cfg.Lifetime),
	}
	if m.publicID == "" {
		var err error
		if m.publicID, err = q.token(); err != nil {
			return err
		}
	}
	rcpts := q.recipients([]Recipient{{Address: mailaddr.Address{Local: "postmaster"}}})
	if err := q.enqueueTx(ctx, tx, m, rcpts, p.Stored); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.metrics.submitted.WithLabelValues(kindOperator).Inc()
		q.log.InfoContext(ctx, "queued for the postmaster", "message", m.publicID, "bytes", m.size, "state", string(rcpts[0].state))
	})
	return nil
}

// inspector counts octets and looks for those beyond ASCII while it passes them on.
type inspector struct {
	r        io.Reader
	n        int64
	eightBit bool
	header8  bool
	body     bool // the header section is over
	line     int  // octets of the current header line, CRLF not counted
}

func (i *inspector) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	i.n += int64(n)
	for _, b := range p[:n] {
		if i.body && i.eightBit {
			break
		}
		if b >= 0x80 {
			i.eightBit = true
			i.header8 = i.header8 || !i.body
		}
		if i.body {
			continue
		}
		switch b {
		case '\n':
			i.body = i.line == 0
			i.line = 0
		case '\r':
		default:
			i.line++
		}
	}
	return n, err
}
