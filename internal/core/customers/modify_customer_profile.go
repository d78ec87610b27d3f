package customers

import (
	"context"
	"reflect"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
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
	var f work.Fields
	unset := cmd.CustomerID > 0 && customer.NumberOf(strings.ToLower(strings.TrimSpace(cmd.Data.Username))) == cmd.CustomerID
	if !unset {
		f.Username(&cmd.Data.Username)
	}
	customerData(&f, &cmd.Data)
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		before := *c
		cmd.Data.apply(c)
		if err := rename(u, c, cmd.Data.Username, unset); err != nil {
			return err
		}
		if reflect.DeepEqual(*c, before) {
			return nil
		}
		c.UpdatedAt = u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return Taken(err)
		}
		if c.Email != before.Email { // a link sent to the old address opens nothing
			if err := u.Tx.DropPasswordToken(u.Ctx, 0, c.ID); err != nil {
				return err
			}
		}
		if err := TellCustomerUpdated(u, &before, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.modify", "customer", c.ID, work.Detail{
			"name": c.Name != before.Name, "email": c.Email != before.Email, "username": c.Username != before.Username, "country": c.Country,
		})
	})
}

// rename gives a customer another user name, which is its e-mail address too.
func rename(u *work.Unit, c *customer.Customer, username string, unset bool) error {
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
	if err := FreeUsername(u, c.PartnerID, name, c.ID); err != nil {
		return err
	}
	c.Username, c.Email = name, username
	return nil
}

// TellCustomerUpdated emits MAIL_CUSTOMER_UPDATED if what it tells of changed. It
// goes out in the order of the events of one of the customer's orders; without
// orders there is nobody to tell.
func TellCustomerUpdated(u *work.Unit, before, after *customer.Customer) error {
	if before.Name == after.Name && before.Email == after.Email && before.Country == after.Country {
		return nil
	}
	orders, err := u.Tx.OrdersByCustomer(u.Ctx, after.ID)
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
	return u.Emit(of, event.MailCustomerUpdated, event.NewCustomerUpdated(before, after))
}
