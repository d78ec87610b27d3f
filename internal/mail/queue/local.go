package queue

import (
	"context"
	"time"

	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
)

// local delivers a batch to mailboxes here: bytes, end of the recipients and
// DSNs in one transaction, so that a mailbox gets one copy whatever happens.
//
// The message is delivered as it is held: its bytes are stored once for the
// queue and all mailboxes.
func (q *Queue) local(ctx context.Context, b *batch, begun time.Time) error {
	verdicts := make([]verdict, len(b.rcpts))
	var targets []mailstore.Target
	seen := map[int64]bool{}
	for i, r := range b.rcpts {
		account, v := q.mailbox(ctx, b.msg, r)
		verdicts[i] = v
		if v.outcome == outDelivered && !seen[account] {
			seen[account] = true
			targets = append(targets, mailstore.Target{AccountID: account})
		}
	}
	return q.settle(ctx, b, verdicts, targets, begun)
}

// Replies of local delivery, as the MX would give them.
var localRefusals = map[string]verdict{
	"NO_SUCH_DOMAIN":    {outcome: outFailed, status: "5.1.2", reply: "550 5.1.2 no such domain here"},
	"NO_SUCH_MAILBOX":   {outcome: outFailed, status: "5.1.1", reply: "550 5.1.1 no such mailbox here"},
	"MAILBOX_SUSPENDED": {outcome: outFailed, status: "5.2.1", reply: "550 5.2.1 mailbox disabled"},
	"NOT_SERVICEABLE":   {outcome: outFailed, status: "5.1.2", reply: "550 5.1.2 the domain is not served here"},
	"ORDER_PENDING":     {outcome: outDeferred, status: "4.3.2", reply: "450 4.3.2 the domain is not in service yet"},
	"MAILBOX_FULL":      {outcome: outDeferred, status: "4.2.2", reply: "452 4.2.2 mailbox full"},
}

// mailbox finds the account that a recipient is.
func (q *Queue) mailbox(ctx context.Context, m *message, r *recipient) (int64, verdict) {
	account, err := r.localAccount, error(nil)
	if account == 0 {
		account, err = q.resolve(ctx, r.address)
	}
	if err == nil {
		err = q.room(ctx, account, m.size)
	}
	v := verdict{outcome: outDelivered, status: "2.1.5", reply: "250 2.1.5 delivered", local: true}
	if err != nil {
		f := fault.Of(err)
		known, ok := localRefusals[f.Reason]
		switch {
		case ok:
			v = known
		case f.Code == fault.AccountNotFound || f.Code == fault.NotFound || f.Code == fault.OrderNotFound:
			v = localRefusals["NO_SUCH_MAILBOX"]
		case f.Code == fault.OverQuota:
			v = localRefusals["MAILBOX_FULL"]
		default:
			q.log.ErrorContext(ctx, "recipient can't be resolved", "message", m.publicID, "error", err)
			v = verdict{outcome: outDeferred, status: "4.3.0", reply: "451 4.3.0 the mailbox can't be looked up now"}
		}
	}
	v.stage, v.host = "local", q.cfg.Hostname
	return account, v
}

func (q *Queue) resolve(ctx context.Context, address string) (int64, error) {
	a, err := mailaddr.Parse(address, mailaddr.AllowUTF8)
	if err != nil {
		return 0, fault.New(fault.NotFound, "The address is malformed")
	}
	var to *provision.Recipient
	if to, err = q.dir.ResolveRecipient(ctx, a.Key(), a.Domain); err != nil {
		return 0, err
	}
	return to.AccountID, nil
}

// room refuses what a mailbox has no room for.
func (q *Queue) room(ctx context.Context, account, size int64) error {
	u, err := q.mail.Usage(ctx, account)
	if err != nil {
		return err
	}
	if u.LimitBytes > 0 && u.UsedBytes+size > u.LimitBytes {
		return fault.New(fault.OverQuota, "The mailbox is full").WithReason("MAILBOX_FULL")
	}
	return nil
}
