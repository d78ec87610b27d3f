package ordering

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ToggleMailService is titan.md operation 10.
type ToggleMailService struct {
	Order       work.OrderRef
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
func (s *Service) ToggleMailService(ctx context.Context, actor audit.Actor, cmd ToggleMailService) (*work.OrderState, error) {
	if !cmd.MailService.Valid() {
		return nil, fault.New(fault.Invalid, "The mail service is unknown")
	}
	var out *work.OrderState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := orderToToggle(u, cmd)
		if err != nil {
			return err
		}
		account, ok := o.CPanel().Key()
		if !ok {
			return errNoHosting
		}
		all := []*order.Order{o}
		if !cmd.SingleOrder {
			if all, err = u.Tx.HostingOrders(u.Ctx, o.PartnerID, account); err != nil {
				return err
			}
			if err := chooseService(u, o, account, cmd.MailService); err != nil {
				return err
			}
		}
		out = u.OrderState(o)
		for _, each := range all {
			if each.MailService == cmd.MailService {
				continue
			}
			made, err := recreate(u, each, cmd.MailService)
			if err != nil {
				return err
			}
			if each.ID == o.ID {
				out = u.OrderState(made)
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
func orderToToggle(u *work.Unit, cmd ToggleMailService) (*order.Order, error) {
	o, err := u.FindOrder(cmd.Order)
	if err != nil {
		return nil, err
	}
	if o.Status(u.Now) == order.Deleted && o.DeletionReason == toggled {
		next, err := u.LiveSibling(o.PartnerID, o.Domain)
		if err != nil {
			return nil, err
		}
		if next != nil && next.MailService == cmd.MailService && next.CPanel() == o.CPanel() {
			o = next
		}
	}
	return o, u.CheckOrder(o, work.OpToggleService)
}

// chooseService remembers an account's service for orders to come.
func chooseService(u *work.Unit, o *order.Order, account order.CPanel, to order.MailService) error {
	chosen, err := u.Tx.HostingService(u.Ctx, o.PartnerID, account)
	if err != nil || chosen == to {
		return err
	}
	if err := u.Tx.PutHostingService(u.Ctx, o.PartnerID, account, to, u.Now); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "hosting.choose_service", "order", o.ID, work.Detail{
		"hostName": account.HostName, "userName": account.UserName, "mailService": to,
	})
}

// recreate puts a new order on another service in the place of a live one. The
// new one has the old one's terms, suspensions and hold on the domain, and its
// proof of ownership, so that nobody has to publish another token. It has no
// accounts. A pending order only changes: it was never in service, and what was
// bought with it goes by its id.
func recreate(u *work.Unit, old *order.Order, to order.MailService) (*order.Order, error) {
	if old.PendingPayment {
		old.MailService, old.UpdatedAt = to, u.Now
		if err := u.Tx.UpdateOrder(u.Ctx, old); err != nil {
			return nil, err
		}
		return old, u.Record(old.PartnerID, "mail_order.toggle", "order", old.ID, work.Detail{"mailService": to})
	}
	made := *old
	made.ID, made.MailService, made.Suspensions, made.CreatedAt, made.UpdatedAt = 0, to, nil, u.Now, u.Now

	before := old.Status(u.Now)
	old.Delete(u.Now, u.Platform.Settings.Retention, toggled)
	old.Serviceable = false
	if err := u.SaveOrder(old, before); err != nil {
		return nil, err
	}
	if err := u.Tx.InsertOrder(u.Ctx, &made); err != nil {
		return nil, err
	}
	if err := routing.MoveAliases(u, old, &made); err != nil {
		return nil, err
	}
	if err := joinHosting(u, &made); err != nil {
		return nil, err
	}
	if err := dnssetup.RemindDNS(u, &made); err != nil {
		return nil, err
	}
	c, err := u.CustomerOf(&made)
	if err != nil {
		return nil, err
	}
	if err := u.Emit(&made, event.MailOrderCreated, event.NewOrderCreated(&made, c, u.Platform.Catalogue[made.Plan], u.Now)); err != nil {
		return nil, err
	}
	if len(old.Suspensions) > 0 { // a new order is told of as active, then as what it is
		made.Suspensions = slices.Clone(old.Suspensions)
		if err := u.SaveOrder(&made, order.Active); err != nil {
			return nil, err
		}
	}
	if err := u.Emit(&made, event.MailOrderSetupCompleted, event.NewSetupCompleted(&made, c)); err != nil {
		return nil, err
	}
	return &made, u.Record(made.PartnerID, "mail_order.toggle", "order", made.ID, work.Detail{
		"from": old.ID, "domain": made.Domain, "mailService": to, "purgeAt": event.Date(old.PurgeAt),
	})
}
