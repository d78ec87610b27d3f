package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/secret"
)

// HolderMailboxes gives the mailboxes of all of an account holder's domains,
// oldest first (basekit.md 5.3).
func (s *Service) HolderMailboxes(ctx context.Context, actor audit.Actor, customerID int64) ([]*Mailbox, error) {
	var out []*Mailbox
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		orders, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
		if err != nil {
			return err
		}
		out, err = u.mailboxesOf(orders...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DomainMailboxes gives those of one domain (5.4).
func (s *Service) DomainMailboxes(ctx context.Context, actor audit.Actor, ref OfDomain) ([]*Mailbox, error) {
	var out []*Mailbox
	err := s.read(ctx, actor, func(u *unit) error {
		o, _, err := u.ofDomain(ref, opRead)
		if err != nil {
			return err
		}
		out, err = u.mailboxesOf(o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mailboxesOf lists what is not deleted, neither itself nor with its order.
func (u *unit) mailboxesOf(orders ...*order.Order) ([]*Mailbox, error) {
	live := make(map[int64]*order.Order, len(orders))
	ids := make([]int64, 0, len(orders))
	for _, o := range orders {
		if o.Live() {
			live[o.ID], ids = o, append(ids, o.ID)
		}
	}
	services, err := u.tx.MailServicesOf(u.ctx, ids)
	if err != nil {
		return nil, err
	}
	rows, err := u.tx.MailboxesOf(u.ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*Mailbox, 0, len(rows))
	for _, r := range rows {
		o := live[r.OrderID]
		out = append(out, &Mailbox{AccountID: r.AccountID, OrderID: o.ID, Local: r.Local, Domain: o.Domain, Status: u.mailboxStatus(o, services[o.ID], r.Suspended)})
	}
	return out, nil
}

// DeleteMailbox is DeleteEmailAccount for a mailbox that is there: its data is
// kept until the purge, its address is free at once (B-26).
func (s *Service) DeleteMailbox(ctx context.Context, actor audit.Actor, ref MailboxRef) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.liveMailbox(ref, opDeleteMailbox)
		if err != nil {
			return err
		}
		return u.deleteAccount(o, a, "")
	})
}

// mailboxTokenLen makes log-in tokens of this dialect: see OpenMailboxSession.
const mailboxTokenLen = 32

// MailboxLoginToken gives a token that opens webmail of a mailbox once (5.7,
// B-10). A suspended mailbox has none.
func (s *Service) MailboxLoginToken(ctx context.Context, actor audit.Actor, ref MailboxRef) (string, error) {
	var out string
	err := s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.liveMailbox(ref, opRead)
		if err != nil {
			return err
		}
		switch {
		case a.Status(u.now) == account.Suspended, o.Status(u.now) == order.Suspended:
			return errLoginSuspended
		case !o.AllowsLogin(u.now):
			return errOrderState
		}
		raw, err := secret.Alphanumeric(u.s.random, mailboxTokenLen)
		if err != nil {
			return err
		}
		out = raw
		if err := u.tx.InsertLoginToken(u.ctx, LoginToken{Hash: secret.Hash(raw), AccountID: a.ID, ExpiresAt: u.now.Add(u.s.settings.LoginTokenLife)}); err != nil {
			return err
		}
		return u.record(o.PartnerID, "login_token.create", "account", a.ID, nil)
	})
	return out, err
}
