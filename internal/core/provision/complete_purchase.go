package provision

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// CompletePurchase is titan.md operation 16.
type CompletePurchase struct {
	Order      OrderRef
	TrackingID string
	Payment    PaymentDetails
}

var errTrackingID = fault.New(fault.Invalid, "The trackingId is not valid").WithReason("TRACKING_ID_INVALID")

// maxTrackingID bounds what is looked up.
const maxTrackingID = 64

// CompletePurchase books the payment for a cart and carries its purchases out,
// once (T-24): the cart, its payment and what it buys are one transaction. A
// repeat does nothing, however late.
func (s *Service) CompletePurchase(ctx context.Context, actor audit.Actor, cmd CompletePurchase) (*OrderState, error) {
	var f fields
	f.payment(&cmd.Payment)
	if cmd.Payment.Charged == nil {
		f.fail(errChargedAmount)
	}
	if f.err != nil {
		return nil, f.err
	}
	id := strings.TrimSpace(cmd.TrackingID)
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(cmd.Order, opCompletePurchase)
		if err != nil {
			return err
		}
		k, err := u.cart(o, id)
		if err != nil {
			return err
		}
		fresh, err := u.tx.ExecuteCart(u.ctx, k.TrackingID, u.now)
		if err != nil {
			return err
		}
		if !fresh {
			out = u.orderState(o)
			return nil
		}
		if !u.now.Before(k.ExpiresAt) {
			return errTrackingID
		}
		mod, err := u.purchased(o, k)
		if err != nil {
			return err
		}
		mod.Payment = cmd.Payment
		for _, i := range k.Items {
			if i.Addon != "" {
				if err := u.tx.AddAddon(u.ctx, o.ID, i.Addon, i.Quantity); err != nil {
					return err
				}
			}
		}
		if out, err = u.modify(o, mod, true); err != nil {
			return err
		}
		return u.record(o.PartnerID, "cart.execute", "order", o.ID, detail{"trackingId": k.TrackingID, "items": k.Items})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// cart gives an order's cart. Expiry is for the caller: an executed one is
// known for ever.
func (u *unit) cart(o *order.Order, id string) (*cart.Cart, error) {
	if id == "" || len(id) > maxTrackingID || !storable(id) {
		return nil, errTrackingID
	}
	k, err := u.tx.Cart(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if k == nil || k.OrderID != o.ID || k.PartnerID != o.PartnerID {
		return nil, errTrackingID
	}
	return k, nil
}

// purchased gives the change of the order that a cart is. What the order has
// reached meanwhile is not taken back.
func (u *unit) purchased(o *order.Order, k *cart.Cart) (*ModifyMailOrder, error) {
	mod := &ModifyMailOrder{Order: OrderRef{ID: o.ID}}
	seats := o.Seats
	for _, i := range k.Items {
		switch {
		case i.Accounts > 0:
			seats += i.Accounts
		case i.Plan != "" && u.s.catalogue.Upgrades(o.Plan, i.Plan):
			mod.Plan = &i.Plan
			if o.ExpiresAt == nil && mod.Expiry == nil {
				cycle := order.Cycle(o.BillingCycle)
				if !cycle.Valid() {
					cycle = order.Cycle("yearly")
				}
				mod.Expiry = u.renewed(o, cycle)
			}
		case i.Renew != "":
			mod.Expiry, mod.BillingCycle = u.renewed(o, i.Renew), &i.Renew
		}
	}
	if seats != o.Seats {
		if err := order.CheckSeats(seats); err != nil {
			return nil, err
		}
		mod.Seats = &seats
	}
	mod.Action = actionOf(mod)
	return mod, nil
}

// renewed is one more cycle from the day on which the present one ends, or from
// today when that has passed.
func (u *unit) renewed(o *order.Order, cycle order.Cycle) *time.Time {
	from := u.now.UTC().Truncate(24 * time.Hour)
	if o.ExpiresAt != nil && o.ExpiresAt.After(from) {
		from = *o.ExpiresAt
	}
	to := order.AddMonths(from, cycle.Months())
	return &to
}

// actionOf describes a purchase for reporting.
func actionOf(mod *ModifyMailOrder) order.Action {
	switch {
	case mod.Plan != nil && mod.Seats != nil:
		return "upgradeAndAddAccounts"
	case mod.Plan != nil && mod.BillingCycle != nil:
		return "renewAndUpgrade"
	case mod.Seats != nil && mod.BillingCycle != nil:
		return "renewAndAddAccounts"
	case mod.Plan != nil:
		return "upgradeOrder"
	case mod.Seats != nil:
		return "addAccounts"
	case mod.BillingCycle != nil:
		return "renewOrder"
	}
	return "newPurchase"
}
