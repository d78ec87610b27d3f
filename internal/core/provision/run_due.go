package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
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
	if err := checkOperator(actor); err != nil {
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
		return s.autoRenew(ctx, actor, item.ObjectID)
	case due.HolderRequest:
		return s.answerHolderRequest(ctx, actor, item.ObjectID)
	case due.CustomerFunds:
		return s.settleFunds(ctx, actor, ledger.Party{Kind: ledger.OfCustomer, ID: item.ObjectID})
	case due.ResellerFunds:
		return s.settleFunds(ctx, actor, ledger.Party{Kind: ledger.OfReseller, ID: item.ObjectID})
	case due.MailService:
		return s.setUpMailService(ctx, actor, item.ObjectID)
	case due.DNS, due.Export:
	}
	return fault.Newf(fault.Invalid, "Nothing here handles what is due as %q", item.Kind)
}

// orderStep suspends, deletes, or marks the order for the purge, which nothing
// stops from then on.
func (s *Service) orderStep(ctx context.Context, actor audit.Actor, orderID int64) (done order.Step, err error) {
	err = s.write(ctx, actor, func(u *unit) error {
		done = order.StepNone
		o, err := u.tx.Order(u.ctx, orderID)
		if err != nil {
			return err
		}
		if o == nil {
			return u.tx.ClearDue(u.ctx, due.Order, orderID)
		}
		if err := u.enter(o.PartnerID); err != nil {
			return err
		}
		step, at := o.NextDue(u.spans())
		if step == order.StepNone || u.now.Before(at) && o.PurgeBegunAt == nil {
			return u.remindOrder(o)
		}
		switch step {
		case order.StepSuspend:
			err = u.suspendExpired(o)
		case order.StepDelete:
			if o.Cancelled {
				_, err = u.deleteOrders(o, "cancelled", false)
			} else {
				_, err = u.deleteOrders(o, "expired", true)
			}
		case order.StepPurge:
			if o.PurgeBegunAt == nil {
				now := u.now
				o.PurgeBegunAt = &now
				err = u.tx.UpdateOrder(u.ctx, o)
			}
		case order.StepNone:
		}
		done = step
		return err
	})
	return done, err
}

func (u *unit) suspendExpired(o *order.Order) error {
	before := o.Status(u.now)
	o.Suspensions, _ = o.Suspensions.Add(suspension.Suspension{Type: suspension.TypeExpiry, Role: suspension.RoleTitan, On: u.now})
	if err := u.saveOrder(o, before); err != nil {
		return err
	}
	return u.record(o.PartnerID, "mail_order.suspend", "order", o.ID, detail{"type": suspension.TypeExpiry, "role": suspension.RoleTitan})
}
