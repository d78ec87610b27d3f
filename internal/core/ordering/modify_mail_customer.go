package ordering

import (
	"context"
	"reflect"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ModifyMailCustomer is titan.md operation 19. Nil pointers are absent fields.
type ModifyMailCustomer struct {
	Order         work.OrderRef // one of the customer's
	Name          *string
	Email         string // "" = as it is: it is the panel log-in
	Country       *string
	NewCustomerID string // "" = as it is
}

// ModifyMailCustomer changes the customer of an order, hence of all its orders.
// A new customer id renames it if no other customer has it (T-28).
func (s *Service) ModifyMailCustomer(ctx context.Context, actor audit.Actor, cmd ModifyMailCustomer) error {
	var f work.Fields
	if cmd.Name != nil {
		v := f.Line("customer name", *cmd.Name, work.MaxName)
		cmd.Name = &v
	}
	if cmd.Country != nil {
		v := f.Country(*cmd.Country)
		cmd.Country = &v
	}
	cmd.Email = f.Contact("customer email address", cmd.Email)
	cmd.NewCustomerID = f.Line("new customer id", cmd.NewCustomerID, work.MaxID)
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpModifyCustomer)
		if err != nil {
			return err
		}
		c, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		before := *c
		if cmd.Name != nil {
			c.Name = *cmd.Name
		}
		if cmd.Email != "" {
			c.Email = cmd.Email
		}
		if cmd.Country != nil {
			c.Country = *cmd.Country
		}
		if cmd.NewCustomerID != "" && cmd.NewCustomerID != c.CustomerID {
			p, err := u.Partner(c.PartnerID)
			if err != nil {
				return err
			}
			other, err := u.FindCustomer(p, cmd.NewCustomerID, c.ServerHost)
			if err != nil {
				return err
			}
			if other != nil {
				return fault.New(fault.Conflict, "Another customer has this customer id").WithReason("CUSTOMER_ID_IN_USE")
			}
			c.CustomerID = cmd.NewCustomerID
		}
		if reflect.DeepEqual(*c, before) {
			return nil
		}
		c.UpdatedAt = u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return err
		}
		// The event goes out in the order of the named order's events.
		if err := u.Emit(o, event.MailCustomerUpdated, event.NewCustomerUpdated(&before, c)); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.modify", "customer", c.ID, work.Detail{
			"customerId": c.CustomerID, "name": c.Name != before.Name, "email": c.Email != before.Email, "country": c.Country,
		})
	})
}
