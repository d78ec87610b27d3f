package schedule

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
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
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		begun = false
		o, a, err := purging(u, accountID)
		if err != nil {
			return err
		}
		if a == nil {
			return u.Tx.ClearDue(u.Ctx, due.Account, accountID)
		}
		if a.PurgedAt != nil {
			return u.RemindAccount(a)
		}
		if begun = a.PurgeBegunAt != nil; begun {
			return nil
		}
		if o.PurgeBegunAt == nil && a.Status(u.Now) != account.Purged {
			return u.RemindAccount(a)
		}
		begun = true
		now := u.Now
		a.PurgeBegunAt = &now
		if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
			return err
		}
		totals, err := u.Tx.BeginMailboxPurge(u.Ctx, a.ID)
		if err != nil {
			return err
		}
		if err := u.Tx.PutPurge(u.Ctx, a.ID, o.ID, now, totals); err != nil {
			return err
		}
		return u.Tx.AccessChanged(u.Ctx, o.ID, a.ID)
	})
	return begun, err
}

// purging gives an account and its order, in their partner's time.
func purging(u *work.Unit, accountID int64) (*order.Order, *account.Account, error) {
	a, err := u.Tx.Account(u.Ctx, accountID)
	if err != nil || a == nil {
		return nil, nil, err
	}
	o, err := u.Tx.Order(u.Ctx, a.OrderID)
	if err != nil {
		return nil, nil, err
	}
	if o == nil {
		return nil, nil, fault.Newf(fault.Internal, "The order of account %d is missing", a.ID)
	}
	return o, a, u.Enter(o.PartnerID)
}

// endAccountPurge removes the rows of an account whose mail is gone. The account
// keeps what names it (its ids, address and dates). Those that were deleted on
// their own are told of; those that were live until their order's purge are not (T-18).
func (s *Service) endAccountPurge(ctx context.Context, actor audit.Actor, accountID int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := purging(u, accountID)
		if err != nil || a == nil || a.PurgedAt != nil {
			return err
		}
		for _, local := range heldLocals(a) {
			if err := u.Tx.FreeAddress(u.Ctx, o.ID, local); err != nil {
				return err
			}
		}
		was := *a
		now := u.Now
		*a = account.Account{
			ID: a.ID, OrderID: a.OrderID, PartnerID: a.PartnerID, Local: a.Local, Domain: a.Domain, DeletedAt: a.DeletedAt, PurgeAt: a.PurgeAt,
			PurgeBegunAt: a.PurgeBegunAt, PurgedAt: &now, CreatedAt: a.CreatedAt, UpdatedAt: now,
		}
		if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
			return err
		}
		if err := u.Tx.PurgeAccountRows(u.Ctx, a.ID); err != nil {
			return err
		}
		totals, err := u.Tx.Purge(u.Ctx, a.ID)
		if err != nil {
			return err
		}
		rule := "purge of the order"
		if was.DeletedAt != nil {
			rule = "purgeAt of the deleted account"
			c, err := u.CustomerOf(o)
			if err != nil {
				return err
			}
			if err := u.Emit(o, event.EmailAccountPurged, event.Address{Subject: event.SubjectOf(o, c), Email: a.Email()}); err != nil {
				return err
			}
		}
		if o.PurgeBegunAt == nil { // else the order's record adds it up
			if err := u.Tx.ForgetPurge(u.Ctx, a.ID); err != nil {
				return err
			}
		}
		return u.Record(o.PartnerID, "email_account.purge", "account", a.ID, work.Detail{
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
		err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
			next, err = u.Tx.NextUnpurged(u.Ctx, orderID, after)
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
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Tx.Order(u.Ctx, orderID)
		if err != nil || o == nil || o.PurgeBegunAt == nil || o.PurgedAt != nil {
			return err
		}
		if err := u.Enter(o.PartnerID); err != nil {
			return err
		}
		left, err := u.Tx.NextUnpurged(u.Ctx, o.ID, 0)
		if err != nil {
			return err
		}
		if left != nil {
			return &fault.Error{Code: fault.Conflict, Text: "An account of the order is not purged yet", Temporary: true}
		}
		c, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		totals, err := u.Tx.PurgeOfOrder(u.Ctx, o.ID)
		if err != nil {
			return err
		}
		keys, err := forgetOrder(u, o)
		if err != nil {
			return err
		}
		if err := u.Emit(o, event.MailOrderPurged, event.OrderPurged{Subject: event.SubjectOf(o, c)}); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "mail_order.purge", "order", o.ID, work.Detail{
			"domain": o.Domain, "rule": "purgeAt of the deleted order", "deletedAt": o.DeletedAt, "purgeAt": o.PurgeAt, "begunAt": o.PurgeBegunAt,
			"accounts": totals.Accounts, "folders": totals.Folders, "messages": totals.Messages, "bytes": totals.Bytes, "dkimKeys": keys,
		})
	})
}

// forgetOrder removes what an order leaves behind. Payments stay: they are the
// books. DKIM keys go with the last order of their domain.
func forgetOrder(u *work.Unit, o *order.Order) (dkimKeys int64, err error) {
	now := u.Now
	o.PurgedAt, o.UpdatedAt = &now, now
	o.Serviceable, o.Suspensions, o.Metadata, o.DeletionReason, o.OwnershipToken = false, nil, nil, "", ""
	if err := u.Tx.UpdateOrder(u.Ctx, o); err != nil {
		return 0, err
	}
	if err := u.Tx.PurgeOrderRows(u.Ctx, o.ID); err != nil {
		return 0, err
	}
	if err := u.Tx.ForgetPurgeOfOrder(u.Ctx, o.ID); err != nil {
		return 0, err
	}
	others, err := u.Tx.OrdersOfDomain(u.Ctx, o.Domain)
	if err != nil || len(others) > 0 {
		return 0, err
	}
	return u.Tx.DeleteDKIMKeys(u.Ctx, o.Domain)
}
