package ordering

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// CompletePurchase is titan.md operation 16.
type CompletePurchase struct {
	Order      work.OrderRef
	TrackingID string
	Payment    billing.PaymentDetails
}

var errTrackingID = fault.New(fault.Invalid, "The trackingId is not valid").WithReason("TRACKING_ID_INVALID")

// maxTrackingID bounds what is looked up.
const maxTrackingID = 64

// CompletePurchase books the payment for a cart and carries its purchases out,
// once (T-24): the cart, its payment and what it buys are one transaction. A
// repeat does nothing, however late.
func (s *Service) CompletePurchase(ctx context.Context, actor audit.Actor, cmd CompletePurchase) (*work.OrderState, error) {
	var f work.Fields
	payment(&f, &cmd.Payment)
	if cmd.Payment.Charged == nil {
		f.Fail(work.ErrChargedAmount)
	}
	if f.Err != nil {
		return nil, f.Err
	}
	id := strings.TrimSpace(cmd.TrackingID)
	var out *work.OrderState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpCompletePurchase)
		if err != nil {
			return err
		}
		k, err := findCart(u, o, id)
		if err != nil {
			return err
		}
		fresh, err := u.Tx.ExecuteCart(u.Ctx, k.TrackingID, u.Now)
		if err != nil {
			return err
		}
		if !fresh {
			out = u.OrderState(o)
			return nil
		}
		if !u.Now.Before(k.ExpiresAt) {
			return errTrackingID
		}
		mod, err := purchased(u, o, k)
		if err != nil {
			return err
		}
		mod.Payment = cmd.Payment
		for _, i := range k.Items {
			if i.Addon != "" {
				if err := u.Tx.AddAddon(u.Ctx, o.ID, i.Addon, i.Quantity); err != nil {
					return err
				}
			}
		}
		if out, err = Modify(u, o, mod, true); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "cart.execute", "order", o.ID, work.Detail{"trackingId": k.TrackingID, "items": k.Items})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// findCart gives an order's cart. Expiry is for the caller: an executed one is
// known for ever.
func findCart(u *work.Unit, o *order.Order, id string) (*cart.Cart, error) {
	if id == "" || len(id) > maxTrackingID || !work.Storable(id) {
		return nil, errTrackingID
	}
	k, err := u.Tx.Cart(u.Ctx, id)
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
func purchased(u *work.Unit, o *order.Order, k *cart.Cart) (*Modification, error) {
	mod := &Modification{}
	mod.Order.ID = o.ID
	seats := o.Seats
	for _, i := range k.Items {
		switch {
		case i.Accounts > 0:
			seats += i.Accounts
		case i.Plan != "" && u.Platform.Catalogue.Upgrades(o.Plan, i.Plan):
			mod.Plan = &i.Plan
			if o.ExpiresAt == nil && mod.Expiry == nil {
				cycle := order.Cycle(o.BillingCycle)
				if !cycle.Valid() {
					cycle = order.Cycle("yearly")
				}
				mod.Expiry = renewed(u, o, cycle)
			}
		case i.Renew != "":
			mod.Expiry, mod.BillingCycle = renewed(u, o, i.Renew), &i.Renew
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
func renewed(u *work.Unit, o *order.Order, cycle order.Cycle) *time.Time {
	from := u.Now.UTC().Truncate(24 * time.Hour)
	if o.ExpiresAt != nil && o.ExpiresAt.After(from) {
		from = *o.ExpiresAt
	}
	to := order.AddMonths(from, cycle.Months())
	return &to
}

// actionOf describes a purchase for reporting.
func actionOf(mod *Modification) order.Action {
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
