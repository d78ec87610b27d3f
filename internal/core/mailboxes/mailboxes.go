package mailboxes

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
)

// HolderMailboxes gives the mailboxes of all of an account holder's domains,
// oldest first (basekit.md 5.3).
func (s *Service) HolderMailboxes(ctx context.Context, actor audit.Actor, customerID int64) ([]*Mailbox, error) {
	var out []*Mailbox
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		orders, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
		if err != nil {
			return err
		}
		out, err = mailboxesOf(u, orders...)
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
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, _, err := ofDomain(u, ref, work.OpRead)
		if err != nil {
			return err
		}
		out, err = mailboxesOf(u, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mailboxesOf lists what is not deleted, neither itself nor with its order.
func mailboxesOf(u *work.Unit, orders ...*order.Order) ([]*Mailbox, error) {
	live := make(map[int64]*order.Order, len(orders))
	ids := make([]int64, 0, len(orders))
	for _, o := range orders {
		if o.Live() {
			live[o.ID], ids = o, append(ids, o.ID)
		}
	}
	services, err := u.Tx.MailServicesOf(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	rows, err := u.Tx.MailboxesOf(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*Mailbox, 0, len(rows))
	for _, r := range rows {
		o := live[r.OrderID]
		out = append(out, &Mailbox{AccountID: r.AccountID, OrderID: o.ID, Local: r.Local, Domain: o.Domain, Status: mailboxStatus(u, o, services[o.ID], r.Suspended)})
	}
	return out, nil
}

// DeleteMailbox is DeleteEmailAccount for a mailbox that is there: its data is
// kept until the purge, its address is free at once (B-26).
func (s *Service) DeleteMailbox(ctx context.Context, actor audit.Actor, ref MailboxRef) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := liveMailbox(u, ref, work.OpDeleteMailbox)
		if err != nil {
			return err
		}
		return deleteAccount(u, o, a, "")
	})
}

// MailboxLoginToken gives a token that opens webmail of a mailbox once (5.7,
// B-10). A suspended mailbox has none.
func (s *Service) MailboxLoginToken(ctx context.Context, actor audit.Actor, ref MailboxRef) (string, error) {
	var out string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := liveMailbox(u, ref, work.OpRead)
		if err != nil {
			return err
		}
		switch {
		case a.Status(u.Now) == account.Suspended, o.Status(u.Now) == order.Suspended:
			return errLoginSuspended
		case !o.AllowsLogin(u.Now):
			return work.ErrOrderState
		}
		raw, err := secret.Alphanumeric(u.Platform.Random, ticket.MailboxTokenLen)
		if err != nil {
			return err
		}
		out = raw
		if err := u.Tx.InsertLoginToken(u.Ctx, work.LoginToken{Hash: secret.Hash(raw), AccountID: a.ID, ExpiresAt: u.Now.Add(u.Platform.Settings.LoginTokenLife)}); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "login_token.create", "account", a.ID, nil)
	})
	return out, err
}
