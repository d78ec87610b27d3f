package retail

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
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
	var f work.Fields
	if cmd.DiscountCode = f.Line("discount code", cmd.DiscountCode, work.MaxFreeText); f.Err != nil {
		return nil, fault.Of(f.Err).WithReason(ReasonDiscountCode)
	}
	var out *shop.Order
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		if c.Status != customer.Active {
			return work.ErrCustomerInactive
		}
		out = &shop.Order{PartnerID: c.PartnerID, CustomerID: c.ID, State: shop.OrderNew, Payment: shop.PaymentPending, Completion: shop.CompletionPending,
			DiscountCode: cmd.DiscountCode, CreatedAt: u.Now, UpdatedAt: u.Now}
		if err := u.Tx.InsertShopOrder(u.Ctx, out); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "shop_order.create", "shop_order", out.ID, work.Detail{"customer": c.ID})
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
		if cmd.Domain, err = s.OrderDomain(cmd.Domain); err != nil {
			return nil, err
		}
	}
	var out *shop.Item
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := shopOrder(u, cmd.OrderID)
		if err != nil {
			return err
		}
		switch {
		case !o.Open():
			return errShopOrderOver
		case len(o.Items) >= shop.MaxItems:
			return fault.Newf(fault.Invalid, "An order has at most %d items", shop.MaxItems).WithReason(ReasonManyItems)
		}
		k, err := soldPackage(u, c, cmd)
		if err != nil {
			return err
		}
		if err := freeForItem(u, o, cmd.Domain); err != nil {
			return err
		}
		out = &shop.Item{OrderID: o.ID, PackageID: k.ID, Months: cmd.Months, Domain: cmd.Domain, Years: cmd.Years, Free: cmd.Free,
			Status: shop.CompletionPending, CreatedAt: u.Now, UpdatedAt: u.Now}
		if !cmd.Free {
			var price money.Value
			if price, err = packages.PeriodPrice(u, k, c, cmd.Months); err != nil {
				return err
			}
			out.Price = price
		}
		if err := u.Tx.InsertShopItem(u.Ctx, out); err != nil {
			return err
		}
		if err := saveShopOrder(u, o); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "shop_order.add_item", "shop_order", o.ID, work.Detail{
			"item": out.ID, "package": k.ID, "months": out.Months, "domain": out.Domain, "price": out.Price.Cents(), "free": out.Free,
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// soldPackage finds the package of an item, and refuses what does not go with it.
func soldPackage(u *work.Unit, c *customer.Customer, cmd AddShopOrderItem) (*shop.Package, error) {
	k, err := packages.ShopPackage(u, cmd.PackageID)
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
		return k, packages.SellsFor(u, k, c, cmd.Months)
	case !k.TakesDomain(cmd.Domain):
		return nil, fault.Newf(fault.Invalid, "The package is for names under .%s", k.Ending).WithReason(ReasonItemDomain)
	}
	settings, err := tenancy.Shop(u, k.PartnerID)
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
func freeForItem(u *work.Unit, o *shop.Order, domain string) error {
	if domain == "" {
		return nil
	}
	if slices.ContainsFunc(o.Items, func(i *shop.Item) bool { return i.Domain == domain }) {
		return selling.ErrDomainTaken
	}
	taken, err := u.LiveSibling(o.PartnerID, domain)
	if err == nil && taken != nil {
		err = selling.ErrDomainTaken
	}
	return err
}

// RemoveShopOrderItem takes an item out of an order that is still open.
func (s *Service) RemoveShopOrderItem(ctx context.Context, actor audit.Actor, orderID, itemID int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, i, _, err := shopItem(u, orderID, itemID)
		if err != nil {
			return err
		}
		if !o.Open() {
			return errShopOrderOver
		}
		if err := u.Tx.RemoveShopItem(u.Ctx, i.ID); err != nil {
			return err
		}
		if err := saveShopOrder(u, o); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "shop_order.remove_item", "shop_order", o.ID, work.Detail{"item": i.ID})
	})
}

func shopItem(u *work.Unit, orderID, itemID int64) (*shop.Order, *shop.Item, *customer.Customer, error) {
	o, c, err := shopOrder(u, orderID)
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
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, _, err := shopOrder(u, id)
		if err != nil {
			return err
		}
		if o.Paid() {
			return errShopOrderOver
		}
		now := u.Now
		o.DeletedAt = &now
		if err := saveShopOrder(u, o); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "shop_order.delete", "shop_order", o.ID, nil)
	})
}
