package queue

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mail/copies"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Forward is a message on its way to addresses that an address here forwards to.
type Forward struct {
	ID          string // public id; "" = a new one
	Root        string // the public id of the first message that this is a copy of
	ReversePath mailaddr.Address
	Origin      string   // the address that forwards; the copy tells it, so that a loop shows
	To          []string // each once
	OrderID     int64    // that forwards
	PartnerID   int64
	Sandbox     bool

	// The sender's wishes (RFC 3461), as far as they go on.
	Notify, ORcpt, Ret, EnvID string
	SMTPUTF8                  bool

	created, expires time.Time // zero: now, and the queue's lifetime
}

// PreparedForward is a Forward whose bytes are on stable storage.
type PreparedForward struct {
	msg    *message
	rcpts  []*recipient
	stored *mailstore.Stored
	token  string // of an sender who is too long to be rewritten; "" = none
	from   string
}

// PrepareForward stores the copy: content as it came, below what its way is told
// by, with a sender of ours (docs/adr/0037). ForwardTx puts it into the queue; a
// copy that never comes there is swept away.
func (q *Queue) PrepareForward(ctx context.Context, f Forward, content io.Reader) (*PreparedForward, error) {
	now := q.clock.Now()
	if f.created.IsZero() {
		f.created, f.expires = now, now.Add(q.cfg.Lifetime)
	}
	p := &PreparedForward{}
	from, err := f.ReversePath, error(nil)
	if !f.Sandbox { // what stays here needs no sender of ours, nor may one be known by which a bounce would leave
		from, err = q.srs.Forward(f.ReversePath, now)
	}
	if err != nil {
		if p.token, err = q.token(); err != nil {
			return nil, err
		}
		p.from = f.ReversePath.String()
		from = mailaddr.Address{Local: tokenPrefix + p.token, Domain: q.srs.Domain()}
	}
	p.msg = &message{
		publicID: f.ID, kind: kindMail, partnerID: f.PartnerID, orderID: f.OrderID, sandbox: f.Sandbox, reversePath: from.String(),
		ret: f.Ret, envID: f.EnvID, smtpUTF8: f.SMTPUTF8 || !from.ASCII(), created: f.created, expires: f.expires, root: f.Root,
	}
	if p.msg.publicID == "" {
		if p.msg.publicID, err = q.token(); err != nil {
			return nil, err
		}
	}
	for _, to := range f.To {
		_, domain, _ := strings.Cut(to, "@")
		p.rcpts = append(p.rcpts, &recipient{address: to, domain: domain, orcpt: f.ORcpt, notify: withoutSuccess(f.Notify), state: Ready})
	}
	p.stored, err = q.put(ctx, p.msg, io.MultiReader(strings.NewReader(returnPath(p.msg.reversePath)+copies.Field(f.Origin)), content))
	if err != nil {
		return nil, err
	}
	return p, nil
}

// withoutSuccess is NOTIFY as it goes on: the sender is told here that the
// message was sent on (RFC 3461 section 5.2.7.3).
func withoutSuccess(notify string) string {
	if !hasNotify(notify, "SUCCESS") {
		return notify
	}
	var left []string
	for w := range strings.SplitSeq(notify, ",") {
		if w = strings.TrimSpace(w); !strings.EqualFold(w, "SUCCESS") {
			left = append(left, w)
		}
	}
	if len(left) == 0 {
		return "NEVER"
	}
	return strings.Join(left, ",")
}

// ForwardTx puts a prepared copy into the queue, for those of its recipients who
// are not served by another copy of the same message.
func (q *Queue) ForwardTx(ctx context.Context, tx *sqldb.Tx, p *PreparedForward) error {
	now := q.clock.Now()
	var rcpts []*recipient
	for _, r := range p.rcpts {
		fresh, err := noteForward(ctx, tx, p.msg.root, r.address, now)
		if err != nil {
			return err
		}
		if fresh {
			row := *r
			rcpts = append(rcpts, &row)
		}
	}
	if len(rcpts) == 0 {
		return nil
	}
	if p.token != "" {
		if _, err := tx.Exec(ctx, `INSERT INTO srs_sender (token, address, until) VALUES (?, ?, ?)`, p.token, p.from, micros(now.Add(srsAge))); err != nil {
			return err
		}
	}
	if err := q.enqueueTx(ctx, tx, p.msg, rcpts, p.stored); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.metrics.submitted.WithLabelValues(kindMail).Inc()
		q.log.InfoContext(ctx, "forwarded", "message", p.msg.publicID, "root", p.msg.root, "partner", p.msg.partnerID, "order", p.msg.orderID,
			"recipients", len(rcpts), "bytes", p.msg.size, "sandbox", p.msg.sandbox)
	})
	return nil
}

// NoteForwardedTx notes mailboxes that have got the message, or are sure to, of
// which copies are forwarded: nothing that leads back to them makes another one.
func (q *Queue) NoteForwardedTx(ctx context.Context, tx *sqldb.Tx, root string, accounts []int64) error {
	for _, id := range accounts {
		if _, err := noteForward(ctx, tx, root, mailboxTarget(id), q.clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

func mailboxTarget(account int64) string { return "#" + strconv.FormatInt(account, 10) }

// noteForward reports whether a target was not served yet.
func noteForward(ctx context.Context, tx *sqldb.Tx, root, target string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO forward_copy (root, target, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, root, target, micros(now))
	return n == 1, err
}

// forwarded reports whether copies of a message were forwarded.
func forwarded(ctx context.Context, tx *sqldb.Tx, root string) (bool, error) {
	var n int
	err := tx.ScanRow(ctx, []any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM forward_copy WHERE root = ? LIMIT 1) f`, root)
	return n > 0, err
}

// mayStillForward holds back what an order forwards that may not any more.
func (q *Queue) mayStillForward(ctx context.Context, m *message) (*verdict, error) {
	may, err := q.dir.MayForward(ctx, m.orderID)
	if err != nil || may {
		return nil, err
	}
	return &verdict{outcome: outDeferred, status: "4.7.1", reply: "what forwards this mail is suspended now", stage: "sender"}, nil
}

// forwardsOf prepares the copies that leave the order, of the recipients of a batch.
func (q *Queue) forwardsOf(ctx context.Context, m *message, d *distribution) error {
	if len(d.forwards) == 0 {
		return nil
	}
	from, err := mailaddr.Parse(m.reversePath, mailaddr.AllowUTF8)
	if err != nil && m.reversePath != "" {
		return fault.Wrap(err)
	}
	for _, f := range d.forwards {
		err := q.withHeld(ctx, m, func(held *mailstore.Content) error {
			rest, err := withoutReturnPath(held, m.reversePath)
			if err != nil {
				return fault.Wrap(err)
			}
			f.prepared, err = q.PrepareForward(ctx, Forward{
				ID: m.publicID + ".f" + strconv.FormatInt(f.of.id, 10), Root: m.rootID(), ReversePath: from, Origin: f.to.Origin, To: f.to.Outside,
				OrderID: f.to.OrderID, PartnerID: f.to.PartnerID, Sandbox: f.to.Sandbox || m.sandbox,
				Notify: f.of.notify, ORcpt: f.of.orcpt, Ret: m.ret, EnvID: m.envID, SMTPUTF8: m.smtpUTF8,
				created: m.created, expires: m.expires,
			}, rest)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rootID is the message that copies of this one are copies of.
func (m *message) rootID() string {
	if m.root != "" {
		return m.root
	}
	return m.publicID
}
