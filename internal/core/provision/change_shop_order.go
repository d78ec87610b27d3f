package provision

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/shop"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// CreateShopOrder begins a purchase of an account holder (basekit.md section 7).
type CreateShopOrder struct {
	CustomerID   int64
	DiscountCode string // kept, and without effect on prices
}

// AddShopOrderItem puts something into a purchase.
type AddShopOrderItem struct {
	OrderID   int64
	PackageID int64
	Months    int
	Domain    string // of a domain package
	Years     int    // registrationDuration
	Free      bool
}

// CreateShopOrder makes an order without items.
func (s *Service) CreateShopOrder(ctx context.Context, actor audit.Actor, cmd CreateShopOrder) (*shop.Order, error) {
	var f fields
	if cmd.DiscountCode = f.line("discount code", cmd.DiscountCode, maxFreeText); f.err != nil {
		return nil, fault.Of(f.err).WithReason(ReasonDiscountCode)
	}
	var out *shop.Order
	err := s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		if c.Status != customer.Active {
			return errCustomerInactive
		}
		out = &shop.Order{PartnerID: c.PartnerID, CustomerID: c.ID, State: shop.OrderNew, Payment: shop.PaymentPending, Completion: shop.CompletionPending,
			DiscountCode: cmd.DiscountCode, CreatedAt: u.now, UpdatedAt: u.now}
		if err := u.tx.InsertShopOrder(u.ctx, out); err != nil {
			return err
		}
		return u.record(c.PartnerID, "shop_order.create", "shop_order", out.ID, detail{"customer": c.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AddShopOrderItem adds an item at the price that it has now.
func (s *Service) AddShopOrderItem(ctx context.Context, actor audit.Actor, cmd AddShopOrderItem) (*shop.Item, error) {
	switch {
	case cmd.Months < 0 || cmd.Months > shop.MaxMonths:
		return nil, fault.Newf(fault.Invalid, "A billing period has 0 to %d months", shop.MaxMonths).WithReason(ReasonItemMonths)
	case cmd.Years < 0 || cmd.Years > shop.MaxYears:
		return nil, fault.Newf(fault.Invalid, "A registration lasts 0 to %d years", shop.MaxYears).WithReason(ReasonItemYears)
	}
	if cmd.Domain = strings.TrimSpace(cmd.Domain); cmd.Domain != "" {
		var err error
		if cmd.Domain, err = s.orderDomain(cmd.Domain); err != nil {
			return nil, err
		}
	}
	var out *shop.Item
	err := s.write(ctx, actor, func(u *unit) error {
		o, c, err := u.shopOrder(cmd.OrderID)
		if err != nil {
			return err
		}
		switch {
		case !o.Open():
			return errShopOrderOver
		case len(o.Items) >= shop.MaxItems:
			return fault.Newf(fault.Invalid, "An order has at most %d items", shop.MaxItems).WithReason(ReasonManyItems)
		}
		k, err := u.soldPackage(c, cmd)
		if err != nil {
			return err
		}
		if err := u.freeForItem(o, cmd.Domain); err != nil {
			return err
		}
		out = &shop.Item{OrderID: o.ID, PackageID: k.ID, Months: cmd.Months, Domain: cmd.Domain, Years: cmd.Years, Free: cmd.Free,
			Status: shop.CompletionPending, CreatedAt: u.now, UpdatedAt: u.now}
		if !cmd.Free {
			var price money.Value
			if price, err = u.periodPrice(k, c, cmd.Months); err != nil {
				return err
			}
			out.Price = price
		}
		if err := u.tx.InsertShopItem(u.ctx, out); err != nil {
			return err
		}
		if err := u.saveShopOrder(o); err != nil {
			return err
		}
		return u.record(o.PartnerID, "shop_order.add_item", "shop_order", o.ID, detail{
			"item": out.ID, "package": k.ID, "months": out.Months, "domain": out.Domain, "price": out.Price.Cents(), "free": out.Free,
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// soldPackage finds the package of an item, and refuses what does not go with it.
func (u *unit) soldPackage(c *customer.Customer, cmd AddShopOrderItem) (*shop.Package, error) {
	k, err := u.shopPackage(cmd.PackageID)
	if err != nil {
		return nil, err
	}
	switch {
	case !k.OnOffer() || k.Kind == shop.SuspensionPackage:
		return nil, fault.New(fault.Invalid, "The package can't be bought").WithReason(ReasonItemPackage)
	case k.Kind == shop.DomainPackage && cmd.Domain == "":
		return nil, fault.New(fault.Invalid, "A domain package needs a domain name").WithReason(ReasonDomainNeeded)
	case k.Kind != shop.DomainPackage && cmd.Domain != "":
		return nil, fault.New(fault.Invalid, "Only a domain package takes a domain name").WithReason(ReasonItemDomain)
	case k.Kind != shop.DomainPackage:
		return k, u.sellsFor(k, c, cmd.Months)
	case !k.TakesDomain(cmd.Domain):
		return nil, fault.Newf(fault.Invalid, "The package is for names under .%s", k.Ending).WithReason(ReasonItemDomain)
	}
	settings, err := u.shop(k.PartnerID)
	if err == nil && !offersEnding(settings, cmd.Domain) {
		err = fault.New(fault.Invalid, "Domain names of this ending are not on offer").WithReason(ReasonEnding)
	}
	return k, err
}

// offersEnding reports whether a brand sells domains like this one.
func offersEnding(s *shop.Settings, domain string) bool {
	return len(s.Endings) == 0 || slices.ContainsFunc(s.Endings, func(e string) bool { return strings.HasSuffix(domain, "."+e) })
}

// freeForItem refuses a domain that can't be bought: one that the brand has an
// order of, or that is in the purchase already.
func (u *unit) freeForItem(o *shop.Order, domain string) error {
	if domain == "" {
		return nil
	}
	if slices.ContainsFunc(o.Items, func(i *shop.Item) bool { return i.Domain == domain }) {
		return errDomainTaken
	}
	taken, err := u.liveSibling(o.PartnerID, domain)
	if err == nil && taken != nil {
		err = errDomainTaken
	}
	return err
}

// RemoveShopOrderItem takes an item out of an order that is still open.
func (s *Service) RemoveShopOrderItem(ctx context.Context, actor audit.Actor, orderID, itemID int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, i, _, err := u.shopItem(orderID, itemID)
		if err != nil {
			return err
		}
		if !o.Open() {
			return errShopOrderOver
		}
		if err := u.tx.RemoveShopItem(u.ctx, i.ID); err != nil {
			return err
		}
		if err := u.saveShopOrder(o); err != nil {
			return err
		}
		return u.record(o.PartnerID, "shop_order.remove_item", "shop_order", o.ID, detail{"item": i.ID})
	})
}

func (u *unit) shopItem(orderID, itemID int64) (*shop.Order, *shop.Item, *customer.Customer, error) {
	o, c, err := u.shopOrder(orderID)
	if err != nil {
		return nil, nil, nil, err
	}
	i := o.Item(itemID)
	if i == nil {
		return nil, nil, nil, errShopItem
	}
	return o, i, c, nil
}

// DeleteShopOrder removes an order that was not paid: the record of a purchase stays.
func (s *Service) DeleteShopOrder(ctx context.Context, actor audit.Actor, id int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, _, err := u.shopOrder(id)
		if err != nil {
			return err
		}
		if o.Paid() {
			return errShopOrderOver
		}
		now := u.now
		o.DeletedAt = &now
		if err := u.saveShopOrder(o); err != nil {
			return err
		}
		return u.record(o.PartnerID, "shop_order.delete", "shop_order", o.ID, nil)
	})
}
