package queue

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mail/copies"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
)

// local delivers a batch to mailboxes here: bytes, end of the recipients and
// DSNs in one transaction, so that a mailbox gets one copy whatever happens.
//
// A copy that came directly is the message as it is held: its bytes are stored
// once for the queue and all mailboxes. One that came by an alias, a forwarder
// or a catch-all tells so.
func (q *Queue) local(ctx context.Context, b *batch, begun time.Time) error {
	d, err := q.distribute(ctx, b)
	if err != nil {
		return err
	}
	if err := q.prepare(ctx, b.msg, d); err != nil {
		return err
	}
	if err := q.forwardsOf(ctx, b.msg, d); err != nil {
		return err
	}
	if len(d.responds) > 0 {
		if err := q.withHeld(ctx, b.msg, func(held *mailstore.Content) error {
			d.replies = q.PrepareReplies(ctx, Answered{ReversePath: b.msg.reversePath, Content: held, Accounts: d.responds})
			return nil
		}); err != nil {
			return err
		}
	}
	return q.settle(ctx, b, d.verdicts, d, begun)
}

// Replies of local delivery, as the MX would give them.
var localRefusals = map[string]verdict{
	"NO_SUCH_DOMAIN":        {outcome: outFailed, status: "5.1.2", reply: "550 5.1.2 no such domain here"},
	"NO_SUCH_MAILBOX":       {outcome: outFailed, status: "5.1.1", reply: "550 5.1.1 no such mailbox here"},
	"MAILBOX_SUSPENDED":     {outcome: outFailed, status: "5.2.1", reply: "550 5.2.1 mailbox disabled"},
	"NOT_SERVICEABLE":       {outcome: outFailed, status: "5.1.2", reply: "550 5.1.2 the domain is not served here"},
	"ORDER_PENDING":         {outcome: outDeferred, status: "4.3.2", reply: "450 4.3.2 the domain is not in service yet"},
	"MAILBOX_FULL":          {outcome: outDeferred, status: "4.2.2", reply: noRoomYet},
	"FORWARD_LIMIT_REACHED": {outcome: outFailed, status: "5.4.6", reply: "550 5.4.6 the address forwards to too many"},

	"MAIL_LOOP": {outcome: outFailed, status: "5.4.6", reply: "554 5.4.6 the message has come to this address before"},
}

// distribution is what local delivery does with a batch.
type distribution struct {
	verdicts []verdict
	now      copies.Plan
	splits   []*split
	forwards []*onward
	responds []int64 // mailboxes with autoresponders in force
	replies  []*PreparedReply

	forms map[string]*mailstore.Stored // of the message; none for "", which is held
}

// split is what becomes a message of its own: for members of a forwarder who
// have no room, while the others have their copies.
type split struct {
	of          *recipient
	deliveredTo string
	accounts    []int64
	msg         *message
}

// onward is what goes on to addresses elsewhere.
type onward struct {
	of       *recipient
	to       *routing.Recipient
	prepared *PreparedForward
}

// landing is where one recipient leads.
type landing struct {
	to    *routing.Recipient
	tells string
	err   error
}

// distribute resolves the recipients of a batch and decides who gets a copy now.
func (q *Queue) distribute(ctx context.Context, b *batch) (*distribution, error) {
	d := &distribution{verdicts: make([]verdict, len(b.rcpts)), forms: map[string]*mailstore.Stored{}}
	ways := make([]landing, len(b.rcpts))
	var accounts []int64
	var tells []string
	for i, r := range b.rcpts {
		w := &ways[i]
		if r.localAccount != 0 { // bytes as held
			w.to = &routing.Recipient{Via: routing.ViaDirect, Targets: []routing.Target{{AccountID: r.localAccount}}}
			w.err = q.stillThere(ctx, b.msg, r.localAccount)
		} else {
			w.to, w.tells, w.err = q.resolve(ctx, r.address)
		}
		if w.err != nil {
			continue
		}
		for _, list := range [][]routing.Target{w.to.Targets, w.to.Forwarded} {
			for _, t := range list {
				accounts = append(accounts, t.AccountID)
				if t.Responds {
					d.responds = append(d.responds, t.AccountID)
				}
			}
		}
		tells = append(tells, w.tells)
		if len(w.to.Outside) > 0 {
			tells = append(tells, w.to.Origin)
		}
	}
	visited, err := q.visited(ctx, b.msg, tells)
	if err != nil {
		return nil, err
	}
	usages, err := q.mail.Usages(ctx, accounts)
	if err != nil {
		return nil, err
	}
	fits := func(id int64) bool { u, there := usages[id]; return there && u.Fits(b.msg.size) }

	// Who is named goes before who is a member: a mailbox that has no room now is
	// served by its own recipient, when that is tried again.
	own := map[int64]bool{}
	for i, w := range ways {
		switch {
		case w.err != nil:
		case visited[w.tells], len(w.to.Outside) > 0 && visited[w.to.Origin]:
			ways[i].err = fault.New(fault.Conflict, "A loop").WithReason("MAIL_LOOP")
		case w.to.Via != routing.ViaForwarder:
			id := w.to.Targets[0].AccountID
			own[id] = true
			if _, there := usages[id]; !there {
				ways[i].err = fault.New(fault.AccountNotFound, "No such mailbox")
			} else if fits(id) {
				d.now.Add(id, w.tells)
			} else {
				ways[i].err = errFull
			}
		}
	}
	for i := range ways {
		w := &ways[i]
		switch {
		case w.err != nil:
		case w.to.Via == routing.ViaForwarder:
			w.err = d.forward(b.rcpts[i], w.to.Targets, w.tells, len(w.to.Outside) > 0, own, usages, fits)
		case len(w.to.Forwarded) > 0: // the mailbox has it: what comes of the others is no matter of the recipient's
			a, err := mailaddr.Parse(b.rcpts[i].address, mailaddr.AllowUTF8)
			if err == nil {
				_ = d.forward(b.rcpts[i], w.to.Forwarded, copies.DeliveredTo(a, routing.ViaForwarder), true, own, usages, fits)
			}
		}
		d.verdicts[i] = q.verdictOn(ctx, b.msg, w.err)
		if w.err == nil && len(w.to.Outside) > 0 {
			d.forwards = append(d.forwards, &onward{of: b.rcpts[i], to: w.to})
			d.verdicts[i].expanded = true
		}
	}
	return d, nil
}

var errFull = fault.New(fault.OverQuota, "The mailbox is full").WithReason("MAILBOX_FULL")

// forward plans the copies of a forwarder's members. As long as none of them has
// room, and nobody else is served, the recipient waits as it is.
func (d *distribution) forward(r *recipient, members []routing.Target, tells string, served bool, own map[int64]bool, usages map[int64]mailstore.Usage, fits func(int64) bool) error {
	var full []int64
	for _, t := range members {
		id := t.AccountID
		_, there := usages[id]
		switch {
		case !there: // gone meanwhile
		case own[id] || d.waits(id):
			served = true
		case fits(id):
			served = true
			d.now.Add(id, tells)
		default:
			full = append(full, id)
		}
	}
	switch {
	case !served && len(full) == 0:
		return fault.New(fault.AccountNotFound, "No such mailbox")
	case !served:
		return errFull
	case len(full) > 0:
		d.splits = append(d.splits, &split{of: r, deliveredTo: tells, accounts: full})
	}
	return nil
}

// waits reports whether a split serves a mailbox.
func (d *distribution) waits(account int64) bool {
	for _, s := range d.splits {
		for _, id := range s.accounts {
			if id == account {
				return true
			}
		}
	}
	return false
}

// stillThere refuses mail that waited for a member who was deleted meanwhile. DSNs
// and notices go to the mailbox that they were written for.
func (q *Queue) stillThere(ctx context.Context, m *message, account int64) error {
	if m.kind != kindMail {
		return nil
	}
	_, err := q.dir.Sender(ctx, account)
	return err
}

// verdictOn is what a recipient's way comes to.
func (q *Queue) verdictOn(ctx context.Context, m *message, err error) verdict {
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
	return v
}

func (q *Queue) resolve(ctx context.Context, address string) (*routing.Recipient, string, error) {
	a, err := mailaddr.Parse(address, mailaddr.AllowUTF8)
	if err != nil {
		return nil, "", fault.New(fault.NotFound, "The address is malformed")
	}
	to, err := q.dir.ResolveRecipient(ctx, a.Key(), a.Domain)
	if err != nil {
		return nil, "", err
	}
	return to, copies.DeliveredTo(a, to.Via), nil
}

// visited gives those of the values that the held message's header names.
func (q *Queue) visited(ctx context.Context, m *message, tells []string) (map[string]bool, error) {
	out := map[string]bool{}
	if strings.Join(tells, "") == "" {
		return out, nil
	}
	err := q.withHeld(ctx, m, func(held *mailstore.Content) error {
		found, err := copies.Visited(io.NewSectionReader(held, 0, held.Size()), tells...)
		for _, a := range found {
			out[a] = true
		}
		return err
	})
	return out, err
}

func (q *Queue) withHeld(ctx context.Context, m *message, fn func(*mailstore.Content) error) (err error) {
	held, err := q.mail.Open(ctx, 0, m.storedID)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := held.Close(); err == nil && cerr != nil {
			err = fault.Wrap(cerr)
		}
	}()
	return fn(held)
}

// prepare puts the forms of the message that differ from the held one on stable
// storage, and makes the messages of the splits.
func (q *Queue) prepare(ctx context.Context, m *message, d *distribution) error {
	for _, v := range d.now.Variants() {
		if err := q.form(ctx, m, d, v.DeliveredTo); err != nil {
			return err
		}
	}
	for _, s := range d.splits {
		if err := q.form(ctx, m, d, s.deliveredTo); err != nil {
			return err
		}
		s.msg = splitOff(m, s.of)
		s.msg.size = d.forms[s.deliveredTo].Size
	}
	return nil
}

func (q *Queue) form(ctx context.Context, m *message, d *distribution, deliveredTo string) error {
	if deliveredTo == "" || d.forms[deliveredTo] != nil {
		return nil
	}
	return q.withHeld(ctx, m, func(held *mailstore.Content) error {
		rest, err := withoutReturnPath(held, m.reversePath)
		if err != nil {
			return fault.Wrap(err)
		}
		d.forms[deliveredTo], err = q.mail.Put(ctx, io.MultiReader(strings.NewReader(returnPath(m.reversePath)+copies.Field(deliveredTo)), rest))
		return err
	})
}

// splitOff is the message of a split: the sender's as before, with the time it
// has left. What the platform writes has no fallback for a part of its recipients.
func splitOff(m *message, of *recipient) *message {
	s := *m
	s.id, s.storedID, s.root = 0, 0, "" // its mailboxes are noted as served
	s.publicID = m.publicID + "." + strconv.FormatInt(of.id, 10)
	if s.kind == kindNotice || s.kind == kindDSN {
		s.kind, s.noticeID, s.fallback = kindMail, 0, ""
		s.accountID = 0
	}
	return &s
}
