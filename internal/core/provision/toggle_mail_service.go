package provision

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// ToggleMailService is titan.md operation 10.
type ToggleMailService struct {
	Order       OrderRef
	MailService order.MailService
	SingleOrder bool // only the named order; else all of its hosting account
}

var errNoHosting = fault.New(fault.Invalid, "The order belongs to no cPanel account").WithReason("NO_CPANEL_ACCOUNT")

// toggled is the deletion reason of an order that was recreated.
const toggled = "the mail service was toggled"

// ToggleMailService moves the orders of a hosting account to our mail service or
// to the server's own: each is deleted and made anew, nothing is migrated
// (T-21). The choice is remembered for orders to come. What is there already
// stays.
func (s *Service) ToggleMailService(ctx context.Context, actor audit.Actor, cmd ToggleMailService) (*OrderState, error) {
	if !cmd.MailService.Valid() {
		return nil, fault.New(fault.Invalid, "The mail service is unknown")
	}
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.orderToToggle(cmd)
		if err != nil {
			return err
		}
		account, ok := o.CPanel().Key()
		if !ok {
			return errNoHosting
		}
		all := []*order.Order{o}
		if !cmd.SingleOrder {
			if all, err = u.tx.HostingOrders(u.ctx, o.PartnerID, account); err != nil {
				return err
			}
			if err := u.chooseService(o, account, cmd.MailService); err != nil {
				return err
			}
		}
		out = u.orderState(o)
		for _, each := range all {
			if each.MailService == cmd.MailService {
				continue
			}
			made, err := u.recreate(each, cmd.MailService)
			if err != nil {
				return err
			}
			if each.ID == o.ID {
				out = u.orderState(made)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// orderToToggle finds the named order. A repeat names one that the first call
// deleted: then the order that took its place answers, if it is as wanted.
func (u *unit) orderToToggle(cmd ToggleMailService) (*order.Order, error) {
	o, err := u.findOrder(cmd.Order)
	if err != nil {
		return nil, err
	}
	if o.Status(u.now) == order.Deleted && o.DeletionReason == toggled {
		next, err := u.liveSibling(o.PartnerID, o.Domain)
		if err != nil {
			return nil, err
		}
		if next != nil && next.MailService == cmd.MailService && next.CPanel() == o.CPanel() {
			o = next
		}
	}
	return o, u.checkOrder(o, opToggleService)
}

// chooseService remembers an account's service for orders to come.
func (u *unit) chooseService(o *order.Order, account order.CPanel, to order.MailService) error {
	chosen, err := u.tx.HostingService(u.ctx, o.PartnerID, account)
	if err != nil || chosen == to {
		return err
	}
	if err := u.tx.PutHostingService(u.ctx, o.PartnerID, account, to, u.now); err != nil {
		return err
	}
	return u.record(o.PartnerID, "hosting.choose_service", "order", o.ID, detail{
		"hostName": account.HostName, "userName": account.UserName, "mailService": to,
	})
}

// recreate puts a new order on another service in the place of a live one. The
// new one has the old one's terms, suspensions and hold on the domain, and its
// proof of ownership, so that nobody has to publish another token. It has no
// accounts. A pending order only changes: it was never in service, and what was
// bought with it goes by its id.
func (u *unit) recreate(old *order.Order, to order.MailService) (*order.Order, error) {
	if old.PendingPayment {
		old.MailService, old.UpdatedAt = to, u.now
		if err := u.tx.UpdateOrder(u.ctx, old); err != nil {
			return nil, err
		}
		return old, u.record(old.PartnerID, "mail_order.toggle", "order", old.ID, detail{"mailService": to})
	}
	made := *old
	made.ID, made.MailService, made.Suspensions, made.CreatedAt, made.UpdatedAt = 0, to, nil, u.now, u.now

	before := old.Status(u.now)
	old.Delete(u.now, u.s.settings.Retention, toggled)
	old.Serviceable = false
	if err := u.saveOrder(old, before); err != nil {
		return nil, err
	}
	if err := u.tx.InsertOrder(u.ctx, &made); err != nil {
		return nil, err
	}
	if err := u.moveAliases(old, &made); err != nil {
		return nil, err
	}
	if err := u.joinHosting(&made); err != nil {
		return nil, err
	}
	if err := u.remindDNS(&made); err != nil {
		return nil, err
	}
	c, err := u.customerOf(&made)
	if err != nil {
		return nil, err
	}
	if err := u.emit(&made, event.MailOrderCreated, event.NewOrderCreated(&made, c, u.s.catalogue[made.Plan], u.now)); err != nil {
		return nil, err
	}
	if len(old.Suspensions) > 0 { // a new order is told of as active, then as what it is
		made.Suspensions = slices.Clone(old.Suspensions)
		if err := u.saveOrder(&made, order.Active); err != nil {
			return nil, err
		}
	}
	if err := u.emit(&made, event.MailOrderSetupCompleted, event.NewSetupCompleted(&made, c)); err != nil {
		return nil, err
	}
	return &made, u.record(made.PartnerID, "mail_order.toggle", "order", made.ID, detail{
		"from": old.ID, "domain": made.Domain, "mailService": to, "purgeAt": event.Date(old.PurgeAt),
	})
}
