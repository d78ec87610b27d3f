package queue

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/routing"
	"posthouse/internal/mail/autoreply"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Answered is a message that mailboxes with autoresponders are about to get.
type Answered struct {
	ReversePath string
	Content     Content
	Accounts    []int64 // whose autoresponders are in force
}

// PreparedReply is an automatic reply whose bytes are on stable storage.
type PreparedReply struct {
	AccountID int64

	sender string // who is answered, as remembered
	at     time.Time
	msg    *message
	rcpts  []*recipient
	stored *mailstore.Stored
}

// PrepareReplies writes the automatic replies to a message (RFC 3834): ReplyTx
// sends one in the transaction that delivers what it answers. What stands in the
// way of a reply is logged and never keeps a message from being delivered.
func (q *Queue) PrepareReplies(ctx context.Context, a Answered) []*PreparedReply {
	if len(a.Accounts) == 0 || a.ReversePath == "" {
		return nil
	}
	out, err := q.prepareReplies(ctx, a)
	if err != nil {
		q.log.WarnContext(ctx, "no automatic reply", "accounts", a.Accounts, "error", err)
	}
	return out
}

func (q *Queue) prepareReplies(ctx context.Context, a Answered) (out []*PreparedReply, err error) {
	to, err := q.sender(ctx, a.ReversePath)
	if err != nil || to.IsZero() {
		return nil, err
	}
	original, err := autoreply.Read(io.NewSectionReader(a.Content, 0, a.Content.Size()))
	if err != nil {
		return nil, err
	}
	responders, err := q.dir.Responders(ctx, a.Accounts)
	if err != nil {
		return nil, err
	}
	for _, r := range responders {
		if why := original.Refuses(to, r.Addresses); why != "" {
			q.log.DebugContext(ctx, "not answered", "account", r.AccountID, "why", why)
			continue
		}
		p, err := q.reply(ctx, r, to, original, a.Content)
		if err != nil {
			return out, err
		}
		if p != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// reply writes one; nil when the sender has had one lately.
func (q *Queue) reply(ctx context.Context, r *routing.Responder, to mailaddr.Address, original *autoreply.Original, content Content) (*PreparedReply, error) {
	now := q.clock.Now()
	p := &PreparedReply{AccountID: r.AccountID, sender: strings.ToLower(to.Normal().String()), at: now}
	if r.Sandbox { // whose days go by at the partner's clock
		at, err := q.dir.PartnerTime(ctx, r.PartnerID)
		if err != nil {
			return nil, err
		}
		p.at = at
	}
	var last int64
	var remembered int
	err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.ScanRow(ctx, []any{&last, &remembered}, `SELECT COALESCE(MAX(CASE WHEN sender = ? THEN at ELSE 0 END), 0), COUNT(*)
			FROM auto_reply WHERE account_id = ?`, p.sender, r.AccountID)
	})
	if err != nil || last > micros(p.at.Add(-autoresponder.Again)) || last == 0 && remembered >= autoresponder.MaxRemembered {
		return nil, err
	}
	from, err := mailaddr.Parse(r.Email)
	if err != nil {
		return nil, err
	}
	quote := ""
	if r.QuoteOriginal {
		if quote, err = autoreply.Quote(content, content.Size()); err != nil {
			return nil, err
		}
	}
	id, err := q.token()
	if err != nil {
		return nil, err
	}
	body, err := autoreply.Compose(autoreply.Reply{ID: id, Name: r.Name, From: from, To: to, At: p.at, Subject: r.Subject,
		Message: r.Message, Format: r.Format, Original: original, Quote: quote})
	if err != nil {
		return nil, err
	}
	signatures, err := q.sign(ctx, r.Domain, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	p.msg = &message{publicID: id, kind: kindMail, partnerID: r.PartnerID, orderID: r.OrderID, accountID: r.AccountID, sandbox: r.Sandbox,
		smtpUTF8: !to.ASCII(), created: now, expires: now.Add(q.cfg.Lifetime)}
	p.rcpts = q.recipients([]Recipient{{Address: to, Notify: "NEVER"}})
	p.stored, err = q.put(ctx, p.msg, io.MultiReader(strings.NewReader(returnPath("")), signatures, bytes.NewReader(body)))
	if err != nil {
		return nil, err
	}
	return p, nil
}

// ReplyTx puts a reply into the queue within the transaction of the delivery that
// it answers, unless the sender has had one within a week: of two deliveries at
// once, one answers. It goes out with the null reverse-path (RFC 3834 section 3.3).
func (q *Queue) ReplyTx(ctx context.Context, tx *sqldb.Tx, p *PreparedReply) error {
	n, err := tx.Exec(ctx, `INSERT INTO auto_reply (account_id, sender, at) VALUES (?, ?, ?)
		ON CONFLICT (account_id, sender) DO UPDATE SET at = excluded.at WHERE auto_reply.at <= ?`,
		p.AccountID, p.sender, micros(p.at), micros(p.at.Add(-autoresponder.Again)))
	if err != nil || n == 0 {
		return err
	}
	if err := q.enqueueTx(ctx, tx, p.msg, p.rcpts, p.stored); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		q.metrics.submitted.WithLabelValues(kindMail).Inc()
		q.log.InfoContext(ctx, "answered automatically", "message", p.msg.publicID, "partner", p.msg.partnerID, "account", p.AccountID)
	})
	return nil
}

// forgetForwards removes what forwarding and automatic replies remembered long enough.
func (q *Queue) forgetForwards(ctx context.Context) error {
	now := q.clock.Now()
	for query, before := range map[string]time.Time{
		// As long as mail can be on its way.
		`DELETE FROM forward_copy WHERE at < ?`:  now.Add(-2 * srsAge),
		`DELETE FROM srs_sender WHERE until < ?`: now,
		`DELETE FROM auto_reply WHERE at < ?`:    now.Add(-autoresponder.Again),
	} {
		if err := q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, query, micros(before))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
