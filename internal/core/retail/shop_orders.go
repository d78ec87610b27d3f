package retail

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
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

	// These are of what is no word of its field, and of what the order or item has
	// gone past.
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
func (s *Service) ShopOrders(ctx context.Context, actor audit.Actor, f work.ShopOrderFilter) ([]*shop.Order, error) {
	var out []*shop.Order
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		f := f
		f.PartnerID = u.Actor.PartnerID
		if f.Limit < 1 || f.Limit > customers.MaxPageRows || f.Offset < 0 {
			return fault.Newf(fault.Invalid, "A page has 1 to %d orders", customers.MaxPageRows)
		}
		if f.CustomerID != 0 {
			if _, err := u.Customer(f.CustomerID); err != nil {
				return err
			}
		}
		out, err = u.Tx.ShopOrders(u.Ctx, f)
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
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, _, err = shopOrder(u, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// shopOrder finds a purchase of the actor's that is not deleted, and whose it is.
// That of a holder who is gone is gone with him.
func shopOrder(u *work.Unit, id int64) (*shop.Order, *customer.Customer, error) {
	if id <= 0 || u.Actor.PartnerID == 0 {
		return nil, nil, errShopOrder
	}
	o, err := u.Tx.ShopOrder(u.Ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if o == nil || o.PartnerID != u.Actor.PartnerID || o.DeletedAt != nil {
		return nil, nil, errShopOrder
	}
	c, err := u.Customer(o.CustomerID)
	if fault.Is(err, fault.CustomerNotFound) {
		err = errShopOrder
	}
	return o, c, err
}

// saveShopOrder writes an order back, without its items.
func saveShopOrder(u *work.Unit, o *shop.Order) error {
	o.UpdatedAt = u.Now
	return u.Tx.UpdateShopOrder(u.Ctx, o)
}
