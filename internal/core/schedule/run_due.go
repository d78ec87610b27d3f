package schedule

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Purger destroys what an account has outside of the core's rows: its mailbox
// and what waits in the queue. Broken off, it can be called again.
type Purger interface {
	Purge(ctx context.Context, accountID int64) error
}

// RunDue does the one step that has fallen due for an order or an account: what
// that is, the object's state alone says, so that an item that is too many, or
// that two nodes take, does nothing more. The next step gets an item of its own,
// also when it is due already.
func (s *Service) RunDue(ctx context.Context, actor audit.Actor, item due.Item, mail Purger) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	switch item.Kind {
	case due.Order:
		step, err := s.orderStep(ctx, actor, item.ObjectID)
		if err != nil || step != order.StepPurge {
			return err
		}
		return s.purgeOrder(ctx, actor, item.ObjectID, mail)
	case due.Account:
		return s.purgeAccount(ctx, actor, item.ObjectID, mail)
	case due.Renewal:
		return selling.AutoRenew(ctx, s.Platform, actor, item.ObjectID)
	case due.HolderRequest:
		return holders.AnswerHolderRequest(ctx, s.Platform, actor, item.ObjectID)
	case due.CustomerFunds:
		return selling.SettleFunds(ctx, s.Platform, actor, ledger.Party{Kind: ledger.OfCustomer, ID: item.ObjectID})
	case due.ResellerFunds:
		return selling.SettleFunds(ctx, s.Platform, actor, ledger.Party{Kind: ledger.OfReseller, ID: item.ObjectID})
	case due.MailService:
		return mailboxes.SetUpMailService(ctx, s.Platform, actor, item.ObjectID)
	case due.DNS, due.Export:
	}
	return fault.Newf(fault.Invalid, "Nothing here handles what is due as %q", item.Kind)
}

// orderStep suspends, deletes, or marks the order for the purge, which nothing
// stops from then on.
func (s *Service) orderStep(ctx context.Context, actor audit.Actor, orderID int64) (done order.Step, err error) {
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		done = order.StepNone
		o, err := u.Tx.Order(u.Ctx, orderID)
		if err != nil {
			return err
		}
		if o == nil {
			return u.Tx.ClearDue(u.Ctx, due.Order, orderID)
		}
		if err := u.Enter(o.PartnerID); err != nil {
			return err
		}
		step, at := o.NextDue(u.Spans())
		if step == order.StepNone || u.Now.Before(at) && o.PurgeBegunAt == nil {
			return u.RemindOrder(o)
		}
		switch step {
		case order.StepSuspend:
			err = suspendExpired(u, o)
		case order.StepDelete:
			if o.Cancelled {
				_, err = ordering.DeleteOrders(u, o, "cancelled", false)
			} else {
				_, err = ordering.DeleteOrders(u, o, "expired", true)
			}
		case order.StepPurge:
			if o.PurgeBegunAt == nil {
				now := u.Now
				o.PurgeBegunAt = &now
				err = u.Tx.UpdateOrder(u.Ctx, o)
			}
		case order.StepNone:
		}
		done = step
		return err
	})
	return done, err
}

func suspendExpired(u *work.Unit, o *order.Order) error {
	before := o.Status(u.Now)
	o.Suspensions, _ = o.Suspensions.Add(suspension.Suspension{Type: suspension.TypeExpiry, Role: suspension.RoleTitan, On: u.Now})
	if err := u.SaveOrder(o, before); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "mail_order.suspend", "order", o.ID, work.Detail{"type": suspension.TypeExpiry, "role": suspension.RoleTitan})
}
