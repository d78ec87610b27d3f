package holders

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/work"
)

// holderDeletion is the reason of orders that went with their customer. Those,
// and only those of the same moment, come back with him.
const holderDeletion = "the account holder was deleted"

// DeleteHolder is DELETE /users/:ref (basekit.md section 6). Without hard his
// orders are deleted with him, and for as long as these are kept he may come
// back. A repeat changes nothing.
func (s *Service) DeleteHolder(ctx context.Context, actor audit.Actor, ref int64, hard bool) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := holder(u, ref)
		if err != nil {
			return err
		}
		if hard {
			return eraseHolder(u, c)
		}
		if c.Removed() {
			return nil
		}
		orders, err := packages.LiveOrders(u, c)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if _, err := ordering.DeleteOrders(u, o, holderDeletion, false); err != nil {
				return err
			}
		}
		now := u.Now
		c.Holder.WasSuspended = c.Status == customer.Suspended
		c.Status, c.DeletedAt, c.UpdatedAt = customer.Deleted, &now, u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return err
		}
		if err := customers.EndCustomerAccess(u, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.delete", "customer", c.ID, work.Detail{"orders": len(orders), "hard": false})
	})
}

// restoreHolder brings a deleted customer back, with the orders that went with
// him as far as nothing has taken their place. The caller saves him.
func restoreHolder(u *work.Unit, c *customer.Customer) error {
	at := *c.DeletedAt
	if !u.Now.Before(at.Add(u.Platform.Settings.Retention)) {
		return errHolderDeleted
	}
	// Both names were free meanwhile.
	if err := customers.FreeUsername(u, c.PartnerID, c.Login(), c.ID); err != nil {
		return err
	}
	if c.Email != "" {
		if err := freeEmail(u, c.PartnerID, c.Email, c.ID); err != nil {
			return err
		}
	}
	others, err := u.Tx.CustomersByPartnerID(u.Ctx, c.PartnerID, c.CustomerID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != c.ID && o.ServerHost == c.ServerHost {
			if c.CustomerID, err = customers.FreeCustomerID(u, c); err != nil {
				return err
			}
			break
		}
	}
	c.Status, c.DeletedAt = customer.Active, nil
	if c.Holder.WasSuspended {
		c.Status = customer.Suspended
	}
	c.Holder.WasSuspended = false
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return customers.Taken(err)
	}
	orders, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
	if err != nil {
		return err
	}
	back := 0
	for _, o := range orders {
		if o.DeletedAt == nil || !o.DeletedAt.Equal(at) || o.DeletionReason != holderDeletion {
			continue
		}
		reason, err := ordering.RefusesReactivation(u, o)
		if err != nil {
			return err
		}
		if reason != "" {
			continue
		}
		if err := ordering.Reactivate(u, o); err != nil {
			return err
		}
		back++
	}
	return u.Record(c.PartnerID, "customer.restore", "customer", c.ID, work.Detail{"orders": back})
}

// eraseHolder is for good: nothing names him any more, and what his orders hold
// goes now. The books stay.
func eraseHolder(u *work.Unit, c *customer.Customer) error {
	orders, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if o.Live() {
			return customers.ErrCustomerHasOrders
		}
	}
	for _, o := range orders {
		if o.Status(u.Now) != order.Deleted {
			continue
		}
		now := u.Now
		o.PurgeAt, o.UpdatedAt = &now, now
		if err := u.Tx.UpdateOrder(u.Ctx, o); err != nil {
			return err
		}
	}
	if err := forgetHolder(u, c); err != nil {
		return err
	}
	*c = customer.Customer{
		ID: c.ID, PartnerID: c.PartnerID, CustomerID: c.CustomerID, ServerHost: c.ServerHost, ResellerID: c.ResellerID, TotalReceipts: c.TotalReceipts,
		Locale: c.Locale, Status: customer.Deleted, CreatedAt: c.CreatedAt, UpdatedAt: u.Now,
	}
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "customer.delete", "customer", c.ID, work.Detail{"purged": len(orders), "hard": true})
}

// forgetHolder removes what there is about a customer beside his row.
func forgetHolder(u *work.Unit, c *customer.Customer) error {
	if err := customers.EndCustomerAccess(u, c); err != nil {
		return err
	}
	if err := u.Tx.DeleteHolderProfiles(u.Ctx, c.ID); err != nil {
		return err
	}
	return u.Tx.DropHolderNotes(u.Ctx, c.ID)
}
