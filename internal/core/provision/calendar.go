package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
)

// calendar is the transaction that units write through: whoever writes an order
// or an account writes its item of the calendar too, and so can't forget it.
type calendar struct {
	Tx
	u *unit
}

func (c calendar) InsertOrder(ctx context.Context, o *order.Order) error {
	if err := c.Tx.InsertOrder(ctx, o); err != nil {
		return err
	}
	if o.RenewsAt() != nil {
		if err := c.u.remindRenewal(o); err != nil {
			return err
		}
	}
	if step, _ := o.NextDue(c.u.spans()); step == order.StepNone {
		return nil
	}
	return c.u.remindOrder(o)
}

func (c calendar) UpdateOrder(ctx context.Context, o *order.Order) error {
	if err := c.Tx.UpdateOrder(ctx, o); err != nil {
		return err
	}
	if err := c.u.remindRenewal(o); err != nil {
		return err
	}
	return c.u.remindOrder(o)
}

func (c calendar) InsertAccount(ctx context.Context, a *account.Account) error {
	if err := c.Tx.InsertAccount(ctx, a); err != nil || a.NextDue() == nil {
		return err
	}
	return c.u.remindAccount(a)
}

func (c calendar) UpdateAccount(ctx context.Context, a *account.Account) error {
	if err := c.Tx.UpdateAccount(ctx, a); err != nil {
		return err
	}
	return c.u.remindAccount(a)
}

func (u *unit) spans() order.Spans {
	return order.Spans{ToSuspension: u.s.settings.ExpiryToSuspension, ToDeletion: u.s.settings.ExpiryToDeletion}
}

func (u *unit) remindOrder(o *order.Order) error {
	step, at := o.NextDue(u.spans())
	if step == order.StepNone {
		return u.remind(due.Order, o.ID, o.PartnerID, nil)
	}
	return u.remind(due.Order, o.ID, o.PartnerID, &at)
}

func (u *unit) remindAccount(a *account.Account) error {
	return u.remind(due.Account, a.ID, a.PartnerID, a.NextDue())
}
