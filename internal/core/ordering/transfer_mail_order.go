package ordering

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/work"
)

// TransferMailOrder is titan.md operation 9.
type TransferMailOrder struct {
	Order work.OrderRef
	To    work.CustomerProfile
}

// TransferMailOrder moves an order to a customer, who is made if new.
func (s *Service) TransferMailOrder(ctx context.Context, actor audit.Actor, cmd TransferMailOrder) (*work.OrderState, error) {
	var f work.Fields
	profile(&f, &cmd.To)
	if f.Err != nil {
		return nil, f.Err
	}
	var out *work.OrderState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpTransferOrder)
		if err != nil {
			return err
		}
		p, err := u.Partner(o.PartnerID)
		if err != nil {
			return err
		}
		from, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		out = u.OrderState(o)
		dest := cmd.To
		if dest.ServerHost == "" {
			dest.ServerHost = from.ServerHost // from account to account of one server
		}
		if from.CustomerID == dest.CustomerID && order.HostName(from.ServerHost) == work.ServerHost(p, dest.ServerHost, nil) {
			return nil
		}
		to, err := u.NameCustomer(p, dest, "", nil)
		if err != nil {
			return err
		}
		if to.Status != customer.Active {
			return work.ErrCustomerInactive
		}
		return Transfer(u, o, from, to)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Transfer gives an order to another customer, who may be another reseller's.
func Transfer(u *work.Unit, o *order.Order, from, to *customer.Customer) error {
	if err := u.NoPendingAction(o); err != nil {
		return err // its invoice is the present customer's
	}
	if from.ResellerID != to.ResellerID {
		seller, err := u.SellerOf(to)
		if err != nil {
			return err
		}
		if o.ProductKey != "" && !seller.Sells(o.ProductKey) {
			return work.ErrNotSignedUp
		}
		o.ResellerID = &seller.ID
	}
	before := o.Status(u.Now)
	o.CustomerID, o.Cancelled = to.ID, false // it was the former customer's to cancel
	if err := packages.FollowSuspensionPackage(u, to, o); err != nil {
		return err
	}
	if err := u.SaveOrder(o, before); err != nil {
		return err
	}
	if err := u.Emit(o, event.MailOrderTransferred, event.OrderTransferred{
		Subject: event.SubjectOf(o, to), Before: event.CustomerOf(from), After: event.CustomerOf(to),
	}); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "mail_order.transfer", "order", o.ID, work.Detail{"from": from.ID, "to": to.ID})
}
