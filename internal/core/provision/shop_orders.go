package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/shop"
	"posthouse/internal/fault"
)

// Reasons why something about a purchase is refused.
const (
	ReasonDiscountCode = "DISCOUNT_CODE"
	ReasonItemMonths   = "ITEM_MONTHS"
	ReasonItemYears    = "ITEM_YEARS"
	ReasonItemDomain   = "ITEM_DOMAIN"        // missing, of a package without one, or not of the package's ending
	ReasonDomainNeeded = "ITEM_DOMAIN_NEEDED" // a domain package without a domain
	ReasonEnding       = "ITEM_ENDING"        // not on offer
	ReasonItemPackage  = "ITEM_PACKAGE"       // nothing that can be bought
	ReasonManyItems    = "TOO_MANY_ITEMS"
	ReasonNoItems      = "NO_ITEMS"

	// What is no word of its field, and what the order or item has gone past.
	ReasonBadState      = "SHOP_ORDER_STATE_UNKNOWN"
	ReasonBadPayment    = "SHOP_ORDER_PAYMENT_UNKNOWN"
	ReasonBadCompletion = "SHOP_ORDER_COMPLETION_UNKNOWN"
	ReasonBadStatus     = "SHOP_ITEM_STATUS_UNKNOWN"
	ReasonOrderState    = "SHOP_ORDER_STATE"
	ReasonPayment       = "SHOP_ORDER_PAYMENT"
	ReasonCompletion    = "SHOP_ORDER_COMPLETION"
	ReasonNotComplete   = "SHOP_ORDER_NOT_COMPLETE"
	ReasonItemStatus    = "SHOP_ITEM_STATUS"
)

var (
	errShopOrder     = fault.New(fault.NotFound, "No such order").WithReason("NO_SUCH_SHOP_ORDER")
	errShopItem      = fault.New(fault.NotFound, "No such order item").WithReason("NO_SUCH_SHOP_ITEM")
	errShopOrderOver = fault.New(fault.Conflict, "The order is closed").WithReason(ReasonOrderState)
)

// ShopOrders gives a page of the calling brand's purchases, by ref.
func (s *Service) ShopOrders(ctx context.Context, actor audit.Actor, f ShopOrderFilter) ([]*shop.Order, error) {
	var out []*shop.Order
	err := s.read(ctx, actor, func(u *unit) (err error) {
		f := f
		f.PartnerID = u.actor.PartnerID
		if f.Limit < 1 || f.Limit > maxPageRows || f.Offset < 0 {
			return fault.Newf(fault.Invalid, "A page has 1 to %d orders", maxPageRows)
		}
		if f.CustomerID != 0 {
			if _, err := u.customer(f.CustomerID); err != nil {
				return err
			}
		}
		out, err = u.tx.ShopOrders(u.ctx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ShopOrder gives one of the calling brand's.
func (s *Service) ShopOrder(ctx context.Context, actor audit.Actor, id int64) (*shop.Order, error) {
	var out *shop.Order
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, _, err = u.shopOrder(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// shopOrder finds a purchase of the actor's that is not deleted, and whose it is.
// That of a holder who is gone is gone with him.
func (u *unit) shopOrder(id int64) (*shop.Order, *customer.Customer, error) {
	if id <= 0 || u.actor.PartnerID == 0 {
		return nil, nil, errShopOrder
	}
	o, err := u.tx.ShopOrder(u.ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if o == nil || o.PartnerID != u.actor.PartnerID || o.DeletedAt != nil {
		return nil, nil, errShopOrder
	}
	c, err := u.customer(o.CustomerID)
	if fault.Is(err, fault.CustomerNotFound) {
		err = errShopOrder
	}
	return o, c, err
}

// saveShopOrder writes an order back, without its items.
func (u *unit) saveShopOrder(o *shop.Order) error {
	o.UpdatedAt = u.now
	return u.tx.UpdateShopOrder(u.ctx, o)
}
