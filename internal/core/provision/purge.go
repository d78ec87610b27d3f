package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// A purge goes in three steps, so that a crash anywhere leaves something that
// the next run takes up: a transaction marks the object, destroys the mailbox
// key and counts what there is; the mail goes; a transaction removes the rows
// and tells. From the mark on nobody can bring the object back, whatever a clock
// says.

// purgeAccount purges an account whose day has come, or whose order is being purged.
func (s *Service) purgeAccount(ctx context.Context, actor audit.Actor, accountID int64, mail Purger) error {
	begun, err := s.beginAccountPurge(ctx, actor, accountID)
	if err != nil || !begun {
		return err
	}
	if mail == nil {
		return fault.New(fault.Internal, "A purge needs the mail store")
	}
	if err := mail.Purge(ctx, accountID); err != nil {
		return err
	}
	return s.endAccountPurge(ctx, actor, accountID)
}

func (s *Service) beginAccountPurge(ctx context.Context, actor audit.Actor, accountID int64) (begun bool, err error) {
	err = s.write(ctx, actor, func(u *unit) error {
		begun = false
		o, a, err := u.purging(accountID)
		if err != nil {
			return err
		}
		if a == nil {
			return u.tx.ClearDue(u.ctx, due.Account, accountID)
		}
		if a.PurgedAt != nil {
			return u.remindAccount(a)
		}
		if begun = a.PurgeBegunAt != nil; begun {
			return nil
		}
		if o.PurgeBegunAt == nil && a.Status(u.now) != account.Purged {
			return u.remindAccount(a)
		}
		begun = true
		now := u.now
		a.PurgeBegunAt = &now
		if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
			return err
		}
		totals, err := u.tx.BeginMailboxPurge(u.ctx, a.ID)
		if err != nil {
			return err
		}
		if err := u.tx.PutPurge(u.ctx, a.ID, o.ID, now, totals); err != nil {
			return err
		}
		return u.tx.AccessChanged(u.ctx, o.ID, a.ID)
	})
	return begun, err
}

// purging gives an account and its order, in their partner's time.
func (u *unit) purging(accountID int64) (*order.Order, *account.Account, error) {
	a, err := u.tx.Account(u.ctx, accountID)
	if err != nil || a == nil {
		return nil, nil, err
	}
	o, err := u.tx.Order(u.ctx, a.OrderID)
	if err != nil {
		return nil, nil, err
	}
	if o == nil {
		return nil, nil, fault.Newf(fault.Internal, "The order of account %d is missing", a.ID)
	}
	return o, a, u.enter(o.PartnerID)
}

// endAccountPurge removes the rows of an account whose mail is gone. The account
// keeps what names it (its ids, address and dates). Those that were deleted on
// their own are told of; those that were live until their order's purge are not (T-18).
func (s *Service) endAccountPurge(ctx context.Context, actor audit.Actor, accountID int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.purging(accountID)
		if err != nil || a == nil || a.PurgedAt != nil {
			return err
		}
		for _, local := range heldLocals(a) {
			if err := u.tx.FreeAddress(u.ctx, o.ID, local); err != nil {
				return err
			}
		}
		was := *a
		now := u.now
		*a = account.Account{
			ID: a.ID, OrderID: a.OrderID, PartnerID: a.PartnerID, Local: a.Local, Domain: a.Domain, DeletedAt: a.DeletedAt, PurgeAt: a.PurgeAt,
			PurgeBegunAt: a.PurgeBegunAt, PurgedAt: &now, CreatedAt: a.CreatedAt, UpdatedAt: now,
		}
		if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
			return err
		}
		if err := u.tx.PurgeAccountRows(u.ctx, a.ID); err != nil {
			return err
		}
		totals, err := u.tx.Purge(u.ctx, a.ID)
		if err != nil {
			return err
		}
		rule := "purge of the order"
		if was.DeletedAt != nil {
			rule = "purgeAt of the deleted account"
			c, err := u.customerOf(o)
			if err != nil {
				return err
			}
			if err := u.emit(o, event.EmailAccountPurged, event.Address{Subject: event.SubjectOf(o, c), Email: a.Email()}); err != nil {
				return err
			}
		}
		if o.PurgeBegunAt == nil { // else the order's record adds it up
			if err := u.tx.ForgetPurge(u.ctx, a.ID); err != nil {
				return err
			}
		}
		return u.record(o.PartnerID, "email_account.purge", "account", a.ID, detail{
			"order": o.ID, "email": a.Email(), "rule": rule, "deletedAt": was.DeletedAt, "purgeAt": was.PurgeAt, "begunAt": was.PurgeBegunAt,
			"folders": totals.Folders, "messages": totals.Messages, "bytes": totals.Bytes,
		})
	})
}

// heldLocals are the addresses that an account keeps others from taking.
func heldLocals(a *account.Account) (out []string) {
	if !a.Live() {
		return nil
	}
	out = append(out, a.Local)
	for _, l := range a.Aliases {
		if l.Held {
			out = append(out, l.Local)
		}
	}
	return out
}

// purgeOrder purges every account of an order that is marked, then the order.
// What was done already is passed over.
func (s *Service) purgeOrder(ctx context.Context, actor audit.Actor, orderID int64, mail Purger) error {
	for after := int64(0); ; {
		var next *account.Account
		err := s.read(ctx, actor, func(u *unit) (err error) {
			next, err = u.tx.NextUnpurged(u.ctx, orderID, after)
			return err
		})
		if err != nil {
			return err
		}
		if next == nil {
			return s.endOrderPurge(ctx, actor, orderID)
		}
		if err := s.purgeAccount(ctx, actor, next.ID, mail); err != nil {
			return err
		}
		after = next.ID
	}
}

func (s *Service) endOrderPurge(ctx context.Context, actor audit.Actor, orderID int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.tx.Order(u.ctx, orderID)
		if err != nil || o == nil || o.PurgeBegunAt == nil || o.PurgedAt != nil {
			return err
		}
		if err := u.enter(o.PartnerID); err != nil {
			return err
		}
		left, err := u.tx.NextUnpurged(u.ctx, o.ID, 0)
		if err != nil {
			return err
		}
		if left != nil {
			return &fault.Error{Code: fault.Conflict, Text: "An account of the order is not purged yet", Temporary: true}
		}
		c, err := u.customerOf(o)
		if err != nil {
			return err
		}
		totals, err := u.tx.PurgeOfOrder(u.ctx, o.ID)
		if err != nil {
			return err
		}
		keys, err := u.forgetOrder(o)
		if err != nil {
			return err
		}
		if err := u.emit(o, event.MailOrderPurged, event.OrderPurged{Subject: event.SubjectOf(o, c)}); err != nil {
			return err
		}
		return u.record(o.PartnerID, "mail_order.purge", "order", o.ID, detail{
			"domain": o.Domain, "rule": "purgeAt of the deleted order", "deletedAt": o.DeletedAt, "purgeAt": o.PurgeAt, "begunAt": o.PurgeBegunAt,
			"accounts": totals.Accounts, "folders": totals.Folders, "messages": totals.Messages, "bytes": totals.Bytes, "dkimKeys": keys,
		})
	})
}

// forgetOrder removes what an order leaves behind. Payments stay: they are the
// books. DKIM keys go with the last order of their domain.
func (u *unit) forgetOrder(o *order.Order) (dkimKeys int64, err error) {
	now := u.now
	o.PurgedAt, o.UpdatedAt = &now, now
	o.Serviceable, o.Suspensions, o.Metadata, o.DeletionReason, o.OwnershipToken = false, nil, nil, "", ""
	if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
		return 0, err
	}
	if err := u.tx.PurgeOrderRows(u.ctx, o.ID); err != nil {
		return 0, err
	}
	if err := u.tx.ForgetPurgeOfOrder(u.ctx, o.ID); err != nil {
		return 0, err
	}
	others, err := u.tx.OrdersOfDomain(u.ctx, o.Domain)
	if err != nil || len(others) > 0 {
		return 0, err
	}
	return u.tx.DeleteDKIMKeys(u.ctx, o.Domain)
}
