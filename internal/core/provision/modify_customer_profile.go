package provision

import (
	"context"
	"reflect"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
)

// ModifyCustomerProfile replaces what a customer says of itself
// (resellerclub.md section 10); what is optional and left out is cleared, but for
// Additional, of which only what is given changes.
type ModifyCustomerProfile struct {
	CustomerID int64
	Data       CustomerData
}

// ModifyCustomerProfile changes a customer. A user name given to one made in
// another dialect becomes its own, unless it is the one that the platform shows
// for want of another.
func (s *Service) ModifyCustomerProfile(ctx context.Context, actor audit.Actor, cmd ModifyCustomerProfile) error {
	var f fields
	unset := cmd.CustomerID > 0 && customer.NumberOf(strings.ToLower(strings.TrimSpace(cmd.Data.Username))) == cmd.CustomerID
	if !unset {
		f.username(&cmd.Data.Username)
	}
	f.customerData(&cmd.Data)
	if f.err != nil {
		return f.err
	}
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		before := *c
		cmd.Data.apply(c)
		if err := u.rename(c, cmd.Data.Username, unset); err != nil {
			return err
		}
		if reflect.DeepEqual(*c, before) {
			return nil
		}
		c.UpdatedAt = u.now
		if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
			return taken(err)
		}
		if c.Email != before.Email { // a link sent to the old address opens nothing
			if err := u.tx.DropPasswordToken(u.ctx, 0, c.ID); err != nil {
				return err
			}
		}
		if err := u.tellCustomerUpdated(&before, c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.modify", "customer", c.ID, detail{
			"name": c.Name != before.Name, "email": c.Email != before.Email, "username": c.Username != before.Username, "country": c.Country,
		})
	})
}

// rename gives a customer another user name, which is its e-mail address too.
func (u *unit) rename(c *customer.Customer, username string, unset bool) error {
	if unset && c.Username == "" && c.Email == "" {
		return nil
	}
	name := strings.ToLower(username)
	if name == c.Username {
		return nil
	}
	if unset {
		return errUsernameTaken // it is not this one's
	}
	if err := u.freeUsername(c.PartnerID, name, c.ID); err != nil {
		return err
	}
	c.Username, c.Email = name, username
	return nil
}

// tellCustomerUpdated emits MAIL_CUSTOMER_UPDATED if what it tells of changed. It
// goes out in the order of the events of one of the customer's orders; without
// orders there is nobody to tell.
func (u *unit) tellCustomerUpdated(before, after *customer.Customer) error {
	if before.Name == after.Name && before.Email == after.Email && before.Country == after.Country {
		return nil
	}
	orders, err := u.tx.OrdersByCustomer(u.ctx, after.ID)
	if err != nil {
		return err
	}
	var of *order.Order
	for _, o := range orders {
		if of == nil || o.Live() && !of.Live() {
			of = o
		}
	}
	if of == nil {
		return nil
	}
	return u.emit(of, event.MailCustomerUpdated, event.NewCustomerUpdated(before, after))
}
