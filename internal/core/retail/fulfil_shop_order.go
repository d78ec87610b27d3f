package retail

import (
	"context"
	"errors"
	"fmt"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ModifyShopOrder says how far a purchase has come; nil fields say nothing.
type ModifyShopOrder struct {
	OrderID        int64
	State          *shop.OrderState
	Payment        *shop.PaymentStatus
	Completion     *shop.Completion
	RemoveDiscount bool
}

// ModifyShopOrderItem says what became of an item.
type ModifyShopOrderItem struct {
	OrderID int64
	ItemID  int64
	Status  shop.Completion
}

func (cmd ModifyShopOrder) check() error {
	refused := func(reason, text string) error { return fault.New(fault.Invalid, text).WithReason(reason) }
	pays := cmd.Payment != nil && *cmd.Payment == shop.PaymentSuccess
	succeeds := cmd.Completion != nil && *cmd.Completion == shop.CompletionSuccess
	switch {
	case cmd.State != nil && !cmd.State.Valid():
		return refused(ReasonBadState, "The state is fulfillment or complete")
	case cmd.Payment != nil && !cmd.Payment.Valid():
		return refused(ReasonBadPayment, "The payment status is failed or success")
	case cmd.Completion != nil && !cmd.Completion.Final():
		return refused(ReasonBadCompletion, "The completion status is cancelled, expired, failed or success")
	case pays && cmd.Completion != nil && !succeeds, succeeds && cmd.Payment != nil && !pays:
		return refused(ReasonCompletion, "Payment and completion contradict each other")
	}
	return nil
}

// ModifyShopOrder takes what is told of a purchase. Paid, or complete with
// success, it makes what was bought, once, however often and from how many sides
// it is told so (B-15). An item that can't be made fails, is not booked, and
// keeps no other from being made: the holder has paid for those.
func (s *Service) ModifyShopOrder(ctx context.Context, actor audit.Actor, cmd ModifyShopOrder) (*shop.Order, error) {
	if err := cmd.check(); err != nil {
		return nil, err
	}
	var out *shop.Order
	err := s.writeItems(ctx, actor, func(u *work.Unit, failed map[int64]error) error {
		o, c, err := shopOrder(u, cmd.OrderID)
		if err != nil {
			return err
		}
		out = o
		return modifyShopOrder(u, o, c, cmd, failed)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// itemNotMade rolls a unit back that can't make an item, so that it can be run
// again with that item failed.
type itemNotMade struct {
	item  int64
	cause error
}

func (e *itemNotMade) Error() string { return fmt.Sprintf("item %d: %v", e.item, e.cause) }
func (e *itemNotMade) Unwrap() error { return e.cause }

// writeItems is selling.WriteMoney for commands that make items: fn knows which of them
// have failed before. Who lost a race for a subscription tries again.
func (s *Service) writeItems(ctx context.Context, actor audit.Actor, fn func(u *work.Unit, failed map[int64]error) error) error {
	failed := map[int64]error{}
	for attempt := 1; ; {
		err := selling.WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error { return fn(u, failed) })
		var not *itemNotMade
		switch {
		case !errors.As(err, &not) || failed[not.item] != nil:
			return err
		case fault.Of(not.cause).Reason == packages.ReasonSubscriptions && attempt < mailboxes.MaxAttempts:
			attempt++
		default:
			failed[not.item] = not.cause
		}
	}
}

func modifyShopOrder(u *work.Unit, o *shop.Order, c *customer.Customer, cmd ModifyShopOrder, failed map[int64]error) error {
	if cmd.RemoveDiscount && o.DiscountCode != "" {
		o.DiscountCode = ""
		if err := saveShopOrder(u, o); err != nil {
			return err
		}
	}
	if !o.Open() {
		return repeatsOutcome(o, cmd)
	}
	before := *o
	if cmd.State != nil {
		o.State = *cmd.State
	}
	succeeds := cmd.Completion != nil && *cmd.Completion == shop.CompletionSuccess
	switch {
	case cmd.Payment != nil && *cmd.Payment == shop.PaymentSuccess, succeeds && o.State == shop.OrderComplete:
		return fulfil(u, o, c, failed)
	case succeeds:
		return fault.New(fault.Conflict, "An order that is not complete has not succeeded").WithReason(ReasonNotComplete)
	}
	ends := shop.CompletionPending // what becomes of items that wait
	if cmd.Payment != nil {
		o.Payment, ends = *cmd.Payment, shop.CompletionFailed
	}
	if cmd.Completion != nil {
		o.State, o.Completion, ends = shop.OrderComplete, *cmd.Completion, *cmd.Completion
	}
	for _, i := range o.Items {
		if ends == shop.CompletionPending || i.Status != shop.CompletionPending {
			continue
		}
		why := "The order failed"
		if o.Payment == shop.PaymentFailed {
			why = "The payment failed"
		}
		if err := saveItem(u, i, ends, why); err != nil {
			return err
		}
	}
	if o.State == before.State && o.Payment == before.Payment && o.Completion == before.Completion {
		return nil
	}
	if err := saveShopOrder(u, o); err != nil {
		return err
	}
	return recordShopOrder(u, o)
}

// repeatsOutcome lets through what says again what an order that is closed has
// come to, and what goes no further.
func repeatsOutcome(o *shop.Order, cmd ModifyShopOrder) error {
	if o.Paid() { // an item that failed doesn't make the payment less
		switch {
		case cmd.Payment != nil && *cmd.Payment != o.Payment:
			return errShopOrderOver.WithReason(ReasonPayment)
		case cmd.Completion != nil && *cmd.Completion != o.Completion && *cmd.Completion != shop.CompletionSuccess:
			return errShopOrderOver.WithReason(ReasonCompletion)
		}
		return nil
	}
	switch {
	case cmd.Payment != nil && *cmd.Payment == shop.PaymentSuccess:
		return errShopOrderOver.WithReason(ReasonPayment)
	case cmd.Completion != nil && *cmd.Completion != o.Completion:
		return errShopOrderOver.WithReason(ReasonCompletion)
	}
	return nil
}

// fulfil makes what an order is for. Items that an earlier payment failed are
// paid now; cancelled and expired ones are not.
func fulfil(u *work.Unit, o *shop.Order, c *customer.Customer, failed map[int64]error) error {
	if len(o.Items) == 0 {
		return fault.New(fault.Conflict, "The order has no items").WithReason(ReasonNoItems)
	}
	o.State, o.Payment = shop.OrderComplete, shop.PaymentSuccess
	for _, kind := range []bool{true, false} { // packages first: domains have plan and seats of them
		for _, i := range o.Items {
			if (i.Domain == "") != kind || i.Status != shop.CompletionPending && i.Status != shop.CompletionFailed {
				continue
			}
			if err := makeItem(u, i, c, failed); err != nil {
				return err
			}
		}
	}
	o.Completion = o.Summed()
	if err := saveShopOrder(u, o); err != nil {
		return err
	}
	return recordShopOrder(u, o)
}

// makeItem makes what an item is for, and books it as paid.
func makeItem(u *work.Unit, i *shop.Item, c *customer.Customer, failed map[int64]error) error {
	if cause := failed[i.ID]; cause != nil {
		return saveItem(u, i, shop.CompletionFailed, fault.Of(cause).Text)
	}
	err := makeSold(u, i, c)
	if f := fault.Of(err); f != nil && f.Code != fault.Internal && f.Code != fault.Unavailable && !f.Temporary {
		var waiting *selling.NotCarriedOut
		if !errors.As(err, &waiting) {
			return &itemNotMade{i.ID, err}
		}
	}
	if err != nil {
		return err
	}
	return saveItem(u, i, shop.CompletionSuccess, "")
}

func makeSold(u *work.Unit, i *shop.Item, c *customer.Customer) error {
	if c.Status != customer.Active {
		return work.ErrCustomerInactive
	}
	if i.Domain != "" {
		o, err := bearDomain(u, birth{customer: c, domain: i.Domain, months: i.Months, price: i.Price})
		if err == nil {
			i.MailOrderID = o.ID
		}
		return err
	}
	k, err := u.Tx.Package(u.Ctx, i.PackageID)
	if err == nil && k == nil {
		err = packages.ErrPackage
	}
	if err != nil {
		return err
	}
	if k.Kind == shop.MailPackage {
		live, have, err := packages.SubscriptionOf(u, c)
		if err != nil {
			return err
		}
		if _, err := subscribe(u, c, live, have, k, AssignPackage{CustomerID: c.ID, PackageID: k.ID, Months: &i.Months}); err != nil {
			return err
		}
	}
	return bookPackage(u, c, k, i)
}

// bookPackage books the price of a package as paid.
func bookPackage(u *work.Unit, c *customer.Customer, k *shop.Package, i *shop.Item) error {
	if i.Price == 0 {
		return nil
	}
	sum, err := taxed(u, c, i.Price)
	if err != nil {
		return err
	}
	seller, err := u.SellerOf(c)
	if err != nil {
		return err
	}
	invoice := &ledger.Transaction{
		Party: ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, Type: ledger.Invoice, ProductKey: domainProduct,
		Description: k.Name + " for " + work.Months(i.Months), Amount: -sum.Total, Net: sum.Net, Tax: sum.Tax, TaxName: seller.TaxName,
	}
	if err := selling.Post(u, invoice); err != nil {
		return err
	}
	return selling.PaidOutside(u, invoice)
}

func saveItem(u *work.Unit, i *shop.Item, s shop.Completion, why string) error {
	i.Becomes(s, why, u.Now)
	return u.Tx.UpdateShopItem(u.Ctx, i)
}

func recordShopOrder(u *work.Unit, o *shop.Order) error {
	items := make([]work.Detail, 0, len(o.Items))
	for _, i := range o.Items {
		items = append(items, work.Detail{"item": i.ID, "status": i.Status, "failure": i.Failure, "order": i.MailOrderID})
	}
	return u.Record(o.PartnerID, "shop_order.modify", "shop_order", o.ID, work.Detail{
		"state": o.State, "payment": o.Payment, "completion": o.Completion, "items": items,
	})
}

// ModifyShopOrderItem takes what is told of an item that was not made. Success
// makes it, if its order was paid: so one that failed is tried again.
func (s *Service) ModifyShopOrderItem(ctx context.Context, actor audit.Actor, cmd ModifyShopOrderItem) (*shop.Item, error) {
	if !cmd.Status.Valid() {
		return nil, fault.New(fault.Invalid, "The status is pending, failed, success, cancelled or expired").WithReason(ReasonBadStatus)
	}
	var out *shop.Item
	err := s.writeItems(ctx, actor, func(u *work.Unit, failed map[int64]error) error {
		o, i, c, err := shopItem(u, cmd.OrderID, cmd.ItemID)
		if err != nil {
			return err
		}
		out = i
		switch {
		case i.Status == cmd.Status:
			return nil
		case i.Status == shop.CompletionSuccess:
			return fault.New(fault.Conflict, "The item was made").WithReason(ReasonItemStatus)
		case !o.Paid() && (!o.Open() || cmd.Status == shop.CompletionSuccess):
			return fault.New(fault.Conflict, "The order was not paid").WithReason(ReasonItemStatus)
		}
		if cmd.Status == shop.CompletionSuccess {
			if failed[i.ID] != nil { // one item that is asked for by itself: the caller is told
				return failed[i.ID]
			}
			err = makeItem(u, i, c, failed)
		} else {
			err = saveItem(u, i, cmd.Status, "Reported")
		}
		if err != nil {
			return err
		}
		if o.Paid() {
			o.Completion = o.Summed()
		}
		if err := saveShopOrder(u, o); err != nil {
			return err
		}
		return recordShopOrder(u, o)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
