package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
)

// holderDeletion is the reason of orders that went with their customer. Those,
// and only those of the same moment, come back with him.
const holderDeletion = "the account holder was deleted"

// DeleteHolder is DELETE /users/:ref (basekit.md section 6). Without hard his
// orders are deleted with him, and for as long as these are kept he may come
// back. A repeat changes nothing.
func (s *Service) DeleteHolder(ctx context.Context, actor audit.Actor, ref int64, hard bool) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.holder(ref)
		if err != nil {
			return err
		}
		if hard {
			return u.eraseHolder(c)
		}
		if c.Removed() {
			return nil
		}
		orders, err := u.liveOrders(c)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if _, err := u.deleteOrders(o, holderDeletion, false); err != nil {
				return err
			}
		}
		now := u.now
		c.Holder.WasSuspended = c.Status == customer.Suspended
		c.Status, c.DeletedAt, c.UpdatedAt = customer.Deleted, &now, u.now
		if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
			return err
		}
		if err := u.endCustomerAccess(c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.delete", "customer", c.ID, detail{"orders": len(orders), "hard": false})
	})
}

// endCustomerAccess ends sessions and every link that leads to one.
func (u *unit) endCustomerAccess(c *customer.Customer) error {
	if err := u.endCustomerSessions(c); err != nil {
		return err
	}
	if err := u.tx.DropHolderTokens(u.ctx, c.ID, ""); err != nil {
		return err
	}
	return u.tx.DropPasswordToken(u.ctx, 0, c.ID)
}

// restoreHolder brings a deleted customer back, with the orders that went with
// him as far as nothing has taken their place. The caller saves him.
func (u *unit) restoreHolder(c *customer.Customer) error {
	at := *c.DeletedAt
	if !u.now.Before(at.Add(u.s.settings.Retention)) {
		return errHolderDeleted
	}
	// Both names were free meanwhile.
	if err := u.freeUsername(c.PartnerID, c.Login(), c.ID); err != nil {
		return err
	}
	if c.Email != "" {
		if err := u.freeEmail(c.PartnerID, c.Email, c.ID); err != nil {
			return err
		}
	}
	others, err := u.tx.CustomersByPartnerID(u.ctx, c.PartnerID, c.CustomerID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != c.ID && o.ServerHost == c.ServerHost {
			if c.CustomerID, err = u.freeCustomerID(c); err != nil {
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
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return taken(err)
	}
	orders, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
	if err != nil {
		return err
	}
	back := 0
	for _, o := range orders {
		if o.DeletedAt == nil || !o.DeletedAt.Equal(at) || o.DeletionReason != holderDeletion {
			continue
		}
		reason, err := u.refusesReactivation(o)
		if err != nil {
			return err
		}
		if reason != "" {
			continue
		}
		if err := u.reactivate(o); err != nil {
			return err
		}
		back++
	}
	return u.record(c.PartnerID, "customer.restore", "customer", c.ID, detail{"orders": back})
}

// eraseHolder is for good: nothing names him any more, and what his orders hold
// goes now. The books stay.
func (u *unit) eraseHolder(c *customer.Customer) error {
	orders, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if o.Live() {
			return errCustomerHasOrders
		}
	}
	for _, o := range orders {
		if o.Status(u.now) != order.Deleted {
			continue
		}
		now := u.now
		o.PurgeAt, o.UpdatedAt = &now, now
		if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
			return err
		}
	}
	if err := u.forgetHolder(c); err != nil {
		return err
	}
	*c = customer.Customer{
		ID: c.ID, PartnerID: c.PartnerID, CustomerID: c.CustomerID, ServerHost: c.ServerHost, ResellerID: c.ResellerID, TotalReceipts: c.TotalReceipts,
		Locale: c.Locale, Status: customer.Deleted, CreatedAt: c.CreatedAt, UpdatedAt: u.now,
	}
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return err
	}
	return u.record(c.PartnerID, "customer.delete", "customer", c.ID, detail{"purged": len(orders), "hard": true})
}

// forgetHolder removes what there is about a customer beside his row.
func (u *unit) forgetHolder(c *customer.Customer) error {
	if err := u.endCustomerAccess(c); err != nil {
		return err
	}
	if err := u.tx.DeleteHolderProfiles(u.ctx, c.ID); err != nil {
		return err
	}
	return u.tx.DropHolderNotes(u.ctx, c.ID)
}
