package delivery

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mail/copies"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// Content is the message as the door has taken it; *spool.Spool is one.
type Content interface {
	io.ReaderAt
	Size() int64
}

// Transaction is one message for the recipients that RCPT has accepted.
type Transaction struct {
	ID          string // of the door's transaction, in every log line
	ReversePath mailaddr.Address
	Recipients  []*Recipient
	Content     Content
	Trace       []byte // header fields to stand above the content (Received), each ending in CRLF; may be nil
}

// ErrLoop refuses a message that names the address it is sent to in a
// Delivered-To: it has been here before.
var ErrLoop = fault.New(fault.Conflict, "The message has come to this address before").WithReason("MAIL_LOOP")

// Deliver puts the message into all mailboxes in one transaction, each mailbox
// once, with Return-Path in front (RFC 5321 section 4.4).
func (s *Service) Deliver(ctx context.Context, t Transaction) error {
	begun := s.clock.Now()
	p, err := s.plan(ctx, t)
	if err != nil {
		return err
	}
	if err := s.looped(t); err != nil {
		return err
	}
	forms, err := s.put(ctx, t, p)
	if err != nil {
		return err
	}
	if err := s.forward(ctx, t, p); err != nil {
		return err
	}
	replies := s.queue.PrepareReplies(ctx, queue.Answered{ReversePath: t.ReversePath.String(), Content: t.Content, Accounts: p.responds})
	var got []mailstore.Delivered
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
		got, err = s.deliverTx(ctx, tx, t, p, forms)
		if err != nil {
			return err
		}
		for _, r := range replies {
			if !p.now.Has(r.AccountID) {
				continue
			}
			if err := s.queue.ReplyTx(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s.log.Enabled(ctx, slog.LevelInfo) {
		var id, size int64
		if len(got) > 0 {
			id = got[0].MessageID
		}
		for _, f := range forms {
			size = max(size, f.Size)
		}
		s.log.InfoContext(ctx, "delivered", "transaction", t.ID, "message_id", id, "recipients", p.now.Len(), "waiting", p.waiting(),
			"forwards", len(p.forwards), "bounces", len(p.bounces), "postmaster", p.postmaster, "bytes", size, "took", s.clock.Now().Sub(begun))
	}
	return nil
}

// plan is who gets which form of a message.
type plan struct {
	now        copies.Plan
	later      []later
	forwards   []*onward
	bounces    []*Recipient
	responds   []int64
	postmaster bool
}

// later is what forwards to mailboxes of which some have no room.
type later struct {
	to       *Recipient
	tells    string
	accounts []int64
}

// onward is what goes on to addresses elsewhere.
type onward struct {
	of       *Recipient
	prepared *queue.PreparedForward
}

// group is a recipient's mailboxes that were not asked one by one.
type group struct {
	of      *Recipient
	members []int64
	tells   string
}

func (p *plan) waiting() (n int) {
	for _, l := range p.later {
		n += len(l.accounts)
	}
	return n
}

// plan decides who gets a copy now and who when there is room. A mailbox that
// was accepted at RCPT by its own name gets it whatever its quota says: DATA has
// one answer for all. A forwarder's members, and those that a mailbox forwards
// to, were not asked one by one.
func (s *Service) plan(ctx context.Context, t Transaction) (*plan, error) {
	p := &plan{}
	var groups []group
	for _, r := range t.Recipients {
		switch {
		case r.Postmaster:
			p.postmaster = true
			continue
		case !r.Bounced.IsZero():
			p.bounces = append(p.bounces, r)
			continue
		case r.Via == routing.ViaForwarder:
			groups = append(groups, group{r, r.Accounts, copies.DeliveredTo(r.Address, r.Via)})
		default:
			for _, id := range r.Accounts {
				p.now.Add(id, copies.DeliveredTo(r.Address, r.Via))
			}
			if len(r.Forwarded) > 0 {
				groups = append(groups, group{r, r.Forwarded, copies.DeliveredTo(r.Address, routing.ViaForwarder)})
			}
		}
		p.responds = append(p.responds, r.Responds...)
		if len(r.Outside) > 0 {
			p.forwards = append(p.forwards, &onward{of: r})
		}
	}
	var members []int64
	for _, g := range groups {
		members = append(members, g.members...)
	}
	usages, err := s.mail.Usages(ctx, members)
	if err != nil {
		return nil, err
	}
	var full []group
	for _, g := range groups {
		waits := false
		for _, id := range g.members {
			u, there := usages[id]
			switch {
			case !there: // gone since RCPT: the others are asked for too
			case u.Fits(t.Content.Size()):
				p.now.Add(id, g.tells)
			default:
				waits = waits || !p.now.Has(id)
			}
		}
		if waits {
			full = append(full, g)
		}
	}
	queued := map[int64]bool{}
	for _, g := range full {
		l := later{to: g.of, tells: g.tells}
		for _, id := range g.members {
			if u, there := usages[id]; there && !u.Fits(t.Content.Size()) && !p.now.Has(id) && !queued[id] {
				queued[id] = true
				l.accounts = append(l.accounts, id)
			}
		}
		if len(l.accounts) > 0 {
			p.later = append(p.later, l)
		}
	}
	if p.now.Len() == 0 && len(p.later) == 0 && len(p.forwards) == 0 && len(p.bounces) == 0 && !p.postmaster {
		if len(t.Recipients) == 0 {
			return nil, fault.New(fault.Invalid, "The message has no recipient")
		}
		return nil, errNoMailbox
	}
	return p, nil
}

// looped refuses what has been delivered by one of the addresses before.
func (s *Service) looped(t Transaction) error {
	var asked []string
	for _, r := range t.Recipients {
		if r.Postmaster || !r.Bounced.IsZero() {
			continue
		}
		asked = append(asked, copies.DeliveredTo(r.Address, r.Via))
		if len(r.Outside) > 0 {
			asked = append(asked, r.Origin)
		}
	}
	found, err := copies.Visited(io.NewSectionReader(t.Content, 0, t.Content.Size()), asked...)
	if err != nil {
		return fault.Unavail("The message can't be read at the moment", err)
	}
	if len(found) > 0 {
		return ErrLoop
	}
	return nil
}

// put stores each form of the message that somebody gets, by what it tells.
func (s *Service) put(ctx context.Context, t Transaction, p *plan) (map[string]*mailstore.Stored, error) {
	forms := map[string]*mailstore.Stored{}
	add := func(deliveredTo string) error {
		if forms[deliveredTo] != nil {
			return nil
		}
		content := io.MultiReader(strings.NewReader("Return-Path: <"+t.ReversePath.String()+">\r\n"+copies.Field(deliveredTo)+string(t.Trace)),
			io.NewSectionReader(t.Content, 0, t.Content.Size()))
		stored, err := s.mail.Put(ctx, content)
		forms[deliveredTo] = stored
		return err
	}
	for _, v := range p.now.Variants() {
		if err := add(v.DeliveredTo); err != nil {
			return nil, err
		}
	}
	for _, l := range p.later {
		if err := add(l.tells); err != nil {
			return nil, err
		}
	}
	if p.postmaster || len(p.bounces) > 0 {
		if err := add(""); err != nil {
			return nil, err
		}
	}
	return forms, nil
}

// forward stores the copies that go elsewhere.
func (s *Service) forward(ctx context.Context, t Transaction, p *plan) (err error) {
	for i, f := range p.forwards {
		content := io.MultiReader(strings.NewReader(string(t.Trace)), io.NewSectionReader(t.Content, 0, t.Content.Size()))
		f.prepared, err = s.queue.PrepareForward(ctx, queue.Forward{
			ID: t.ID + ".f" + strconv.Itoa(i+1), Root: t.ID, ReversePath: t.ReversePath, Origin: f.of.Origin, To: f.of.Outside,
			OrderID: f.of.OrderID, PartnerID: f.of.PartnerID, Sandbox: f.of.Sandbox,
		}, content)
		if err != nil {
			return err
		}
	}
	return nil
}

// onwardTx puts what goes elsewhere into the queue. Mailboxes that are served
// here are noted, so that no way back makes another copy.
func (s *Service) onwardTx(ctx context.Context, tx *sqldb.Tx, t Transaction, p *plan, plain *mailstore.Stored) error {
	if len(p.forwards) > 0 {
		var served []int64
		for _, v := range p.now.Variants() {
			served = append(served, v.Accounts...)
		}
		for _, l := range p.later {
			served = append(served, l.accounts...)
		}
		if err := s.queue.NoteForwardedTx(ctx, tx, t.ID, served); err != nil {
			return err
		}
	}
	for _, f := range p.forwards {
		if err := s.queue.ForwardTx(ctx, tx, f.prepared); err != nil {
			return err
		}
	}
	for i, r := range p.bounces {
		if err := s.queue.BounceTx(ctx, tx, queue.Bounce{ID: t.ID + ".b" + strconv.Itoa(i+1), To: r.Bounced, Stored: plain}); err != nil {
			return err
		}
	}
	return nil
}

// deliverTx writes it all down.
func (s *Service) deliverTx(ctx context.Context, tx *sqldb.Tx, t Transaction, p *plan, forms map[string]*mailstore.Stored) ([]mailstore.Delivered, error) {
	variants := p.now.Variants()
	if len(variants) > 1 {
		var all []int64
		for _, v := range variants {
			all = append(all, v.Accounts...)
		}
		if err := s.mail.LockTx(ctx, tx, all); err != nil {
			return nil, err
		}
	}
	var got []mailstore.Delivered
	for _, v := range variants {
		targets := make([]mailstore.Target, len(v.Accounts))
		for i, id := range v.Accounts {
			targets[i].AccountID = id
		}
		d, err := s.mail.DeliverTx(ctx, tx, forms[v.DeliveredTo], targets)
		if err != nil {
			return nil, err
		}
		got = append(got, d...)
	}
	for i, l := range p.later {
		stored := forms[l.tells]
		if err := s.queue.KeepTx(ctx, tx, queue.Kept{
			ID: t.ID + "." + strconv.Itoa(i+1), ReversePath: t.ReversePath, Address: l.to.Address, Accounts: l.accounts, Stored: stored,
			OrderID: l.to.OrderID, PartnerID: l.to.PartnerID, Sandbox: l.to.Sandbox,
		}); err != nil {
			return nil, err
		}
	}
	if err := s.onwardTx(ctx, tx, t, p, forms[""]); err != nil {
		return nil, err
	}
	if p.postmaster {
		return got, s.queue.PostmasterTx(ctx, tx, queue.Postmaster{ID: t.ID, ReversePath: t.ReversePath, Stored: forms[""]})
	}
	return got, nil
}
