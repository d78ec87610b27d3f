package work

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
)

// calendar is the transaction that units write through: whoever writes an order
// or an account writes its item of the calendar too, and so can't forget it.
type calendar struct {
	Tx
	u     *Unit
	items map[dueItem]time.Time // that this unit has written; zero for none
}

type dueItem struct {
	kind due.Kind
	id   int64
}

// SetDue writes an item, unless this unit has done so already.
func (c *calendar) SetDue(ctx context.Context, i due.Item) error {
	k := dueItem{i.Kind, i.ObjectID}
	if at, written := c.items[k]; written && at.Equal(i.At) {
		return nil
	}
	err := c.Tx.SetDue(ctx, i)
	if err == nil {
		remember(&c.items, k, i.At)
	}
	return err
}

// ClearDue takes an item out, unless this unit knows that there is none.
func (c *calendar) ClearDue(ctx context.Context, k due.Kind, id int64) error {
	if at, known := c.items[dueItem{k, id}]; known && at.IsZero() {
		return nil
	}
	err := c.Tx.ClearDue(ctx, k, id)
	if err == nil {
		remember(&c.items, dueItem{k, id}, time.Time{})
	}
	return err
}

func (c *calendar) InsertOrder(ctx context.Context, o *order.Order) error {
	if err := c.Tx.InsertOrder(ctx, o); err != nil {
		return err
	}
	for _, k := range []due.Kind{due.Renewal, due.Order} { // of a new order there is nothing yet
		remember(&c.items, dueItem{k, o.ID}, time.Time{})
	}
	if err := c.u.RemindRenewal(o); err != nil {
		return err
	}
	return c.u.RemindOrder(o)
}

func (c *calendar) UpdateOrder(ctx context.Context, o *order.Order) error {
	if err := c.Tx.UpdateOrder(ctx, o); err != nil {
		return err
	}
	if err := c.u.RemindRenewal(o); err != nil {
		return err
	}
	return c.u.RemindOrder(o)
}

func (c *calendar) InsertAccount(ctx context.Context, a *account.Account) error {
	if err := c.Tx.InsertAccount(ctx, a); err != nil || a.NextDue() == nil {
		return err
	}
	return c.u.RemindAccount(a)
}

func (c *calendar) UpdateAccount(ctx context.Context, a *account.Account) error {
	if err := c.Tx.UpdateAccount(ctx, a); err != nil {
		return err
	}
	return c.u.RemindAccount(a)
}

// UpdateCustomer: an address that was changed is not the proved one, and what was
// mailed to the old one is void, whoever changes it and even if it comes back (B-13).
func (c *calendar) UpdateCustomer(ctx context.Context, x *customer.Customer) error {
	h := &x.Holder
	if h.VerifiedEmail != x.Email {
		h.VerifiedEmail = ""
	}
	if h.MailedTo != "" && h.MailedTo != x.Email {
		h.MailedTo = ""
		if err := c.Tx.DropHolderTokens(ctx, x.ID, ""); err != nil {
			return err
		}
	}
	return c.Tx.UpdateCustomer(ctx, x)
}

// Spans are the times from an order's expiry to what follows it.
func (u *Unit) Spans() order.Spans {
	return order.Spans{ToSuspension: u.Platform.Settings.ExpiryToSuspension, ToDeletion: u.Platform.Settings.ExpiryToDeletion}
}

// RemindOrder keeps the calendar of what an order's expiry, or deletion, brings.
func (u *Unit) RemindOrder(o *order.Order) error {
	step, at := o.NextDue(u.Spans())
	if step == order.StepNone {
		return u.Remind(due.Order, o.ID, o.PartnerID, nil)
	}
	return u.Remind(due.Order, o.ID, o.PartnerID, &at)
}

// RemindAccount keeps the calendar of an account's purge.
func (u *Unit) RemindAccount(a *account.Account) error {
	return u.Remind(due.Account, a.ID, a.PartnerID, a.NextDue())
}

// RemindRenewal keeps the calendar of auto-renewal (resellerclub.md R-26).
func (u *Unit) RemindRenewal(o *order.Order) error {
	return u.Remind(due.Renewal, o.ID, o.PartnerID, o.RenewsAt())
}
