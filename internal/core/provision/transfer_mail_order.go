package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
)

// TransferMailOrder is titan.md operation 9.
type TransferMailOrder struct {
	Order OrderRef
	To    CustomerProfile
}

// TransferMailOrder moves an order to a customer, who is made if new.
func (s *Service) TransferMailOrder(ctx context.Context, actor audit.Actor, cmd TransferMailOrder) (*OrderState, error) {
	var f fields
	f.profile(&cmd.To)
	if f.err != nil {
		return nil, f.err
	}
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(cmd.Order, opTransferOrder)
		if err != nil {
			return err
		}
		p, err := u.partner(o.PartnerID)
		if err != nil {
			return err
		}
		from, err := u.customerOf(o)
		if err != nil {
			return err
		}
		out = u.orderState(o)
		dest := cmd.To
		if dest.ServerHost == "" {
			dest.ServerHost = from.ServerHost // from account to account of one server
		}
		if from.CustomerID == dest.CustomerID && order.HostName(from.ServerHost) == serverHost(p, dest.ServerHost, nil) {
			return nil
		}
		to, err := u.nameCustomer(p, dest, "", nil)
		if err != nil {
			return err
		}
		if to.Status != customer.Active {
			return errCustomerInactive
		}
		return u.transfer(o, from, to)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// transfer gives an order to another customer, who may be another reseller's.
func (u *unit) transfer(o *order.Order, from, to *customer.Customer) error {
	if err := u.noPendingAction(o); err != nil {
		return err // its invoice is the present customer's
	}
	if from.ResellerID != to.ResellerID {
		seller, err := u.sellerOf(to)
		if err != nil {
			return err
		}
		if o.ProductKey != "" && !seller.Sells(o.ProductKey) {
			return errNotSignedUp
		}
		o.ResellerID = &seller.ID
	}
	before := o.Status(u.now)
	o.CustomerID, o.Cancelled = to.ID, false // it was the former customer's to cancel
	if err := u.followSuspensionPackage(to, o); err != nil {
		return err
	}
	if err := u.saveOrder(o, before); err != nil {
		return err
	}
	if err := u.emit(o, event.MailOrderTransferred, event.OrderTransferred{
		Subject: event.SubjectOf(o, to), Before: event.CustomerOf(from), After: event.CustomerOf(to),
	}); err != nil {
		return err
	}
	return u.record(o.PartnerID, "mail_order.transfer", "order", o.ID, detail{"from": from.ID, "to": to.ID})
}
