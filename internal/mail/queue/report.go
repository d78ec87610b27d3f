package queue

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"posthouse/internal/dsn"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

// told is a DSN that waits to be put into the queue by the transaction that
// makes what it tells of true.
type told struct {
	msg    *message
	rcpt   *recipient
	stored *mailstore.Stored
}

var actions = map[notice]dsn.Action{noticeFailed: dsn.Failed, noticeDelayed: dsn.Delayed, noticeSuccess: dsn.Delivered, noticeRelayed: dsn.Relayed, noticeExpanded: dsn.Expanded}

// report makes one DSN of all notices among the changes, its bytes on stable
// storage; nil when there is nothing to tell. An account is told in its own
// mailbox, whatever its domain's MX records say.
func (q *Queue) report(ctx context.Context, m *message, rcpts []*recipient, verdicts []verdict, changes []change, now time.Time) (*told, error) {
	var about []dsn.Recipient
	for i, c := range changes {
		action, ok := actions[c.notice]
		if !ok {
			continue
		}
		r := dsn.Recipient{
			Address: rcpts[i].address, ORcpt: rcpts[i].orcpt, Action: action, Status: c.status, Diagnostic: c.reply, Attempted: now,
		}
		if v := verdicts[i]; !v.local && v.stage != "local" && v.host != "" {
			r.RemoteMTA = v.host
		}
		if action == dsn.Delayed {
			r.RetryUntil = m.expires
		}
		about = append(about, r)
	}
	if len(about) == 0 {
		return nil, nil
	}
	to, err := q.sender(ctx, m.reversePath)
	if err != nil {
		return nil, err
	}
	if to.IsZero() {
		q.log.WarnContext(ctx, "the sender of a forwarded message can't be told any more", "message", m.publicID)
		return nil, nil
	}
	id, err := q.token()
	if err != nil {
		return nil, err
	}
	body, err := q.compose(ctx, m, &dsn.Report{
		ID: id, Host: q.cfg.Hostname, To: to, Time: now, Arrival: m.created, EnvID: m.envID, SMTPUTF8: m.smtpUTF8, Recipients: about, Full: m.ret == "FULL",
	})
	if err != nil {
		return nil, err
	}
	t := &told{
		msg: &message{
			publicID: id, kind: kindDSN, partnerID: m.partnerID, orderID: m.orderID, accountID: m.accountID, sandbox: m.sandbox,
			smtpUTF8: m.smtpUTF8, created: now, expires: now.Add(q.cfg.Lifetime),
		},
		rcpt: &recipient{address: to.String(), domain: to.Domain, localAccount: m.accountID, notify: "NEVER", state: Ready},
	}
	t.stored, err = q.put(ctx, t.msg, io.MultiReader(strings.NewReader(returnPath("")), bytes.NewReader(body)))
	if err != nil {
		return nil, err
	}
	return t, nil
}

// compose adds the original. A DSN without it, because it is gone, is better
// than none.
func (q *Queue) compose(ctx context.Context, m *message, r *dsn.Report) (body []byte, err error) {
	original, err := q.mail.Open(ctx, 0, m.storedID)
	if fault.Is(err, fault.NotFound) {
		return dsn.Compose(r)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := original.Close(); err == nil && cerr != nil {
			body, err = nil, fault.Wrap(cerr)
		}
	}()
	content, err := withoutReturnPath(original, m.reversePath)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	r.Original, r.OriginalSize = content, content.Size()
	return dsn.Compose(r)
}
