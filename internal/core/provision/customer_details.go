package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
)

// CustomerDetails is a customer as its reseller sees it.
type CustomerDetails struct {
	*customer.Customer
	Seller *reseller.Reseller // whom it belongs to
}

// CustomerByID gives a customer of the reseller that asks, or of one below.
func (s *Service) CustomerByID(ctx context.Context, actor audit.Actor, id int64) (*CustomerDetails, error) {
	var out *CustomerDetails
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(id)
		if err != nil {
			return err
		}
		out, err = u.customerDetails(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CustomerByUsername finds it by what Customer.Login gives, without regard to case.
func (s *Service) CustomerByUsername(ctx context.Context, actor audit.Actor, username string) (*CustomerDetails, error) {
	var out *CustomerDetails
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customerNamed(username)
		if err != nil {
			return err
		}
		out, err = u.customerDetails(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) customerDetails(c *customer.Customer) (*CustomerDetails, error) {
	r, err := u.sellerOf(c)
	if err != nil {
		return nil, err
	}
	return &CustomerDetails{Customer: c, Seller: r}, nil
}

// customerNamed is u.customer for a user name.
func (u *unit) customerNamed(username string) (*customer.Customer, error) {
	me, err := u.reseller(0)
	if err != nil {
		return nil, err
	}
	c, err := u.findNamed(me.PartnerID, username)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errCustomer
	}
	return c, nil
}

// findNamed gives the customer of that name in the acting reseller's tree, nil when there is none.
func (u *unit) findNamed(partnerID int64, username string) (*customer.Customer, error) {
	username = strings.ToLower(strings.TrimSpace(username))
	if username == "" || len(username) > maxFreeText || !storable(username) {
		return nil, nil
	}
	c, err := u.tx.CustomerByUsername(u.ctx, partnerID, username)
	if err != nil {
		return nil, err
	}
	if c != nil {
		in, err := u.inTree(c)
		if err != nil {
			return nil, err
		}
		if in {
			return c, nil
		}
	}
	return u.unnamedCustomer(partnerID, username)
}

// unnamedCustomer gives the oldest customer in the acting reseller's tree that
// was made in another dialect and is known by that name.
func (u *unit) unnamedCustomer(partnerID int64, username string) (*customer.Customer, error) {
	var all []*customer.Customer
	if id := customer.NumberOf(username); id != 0 {
		c, err := u.tx.Customer(u.ctx, id)
		if err != nil {
			return nil, err
		}
		if c != nil && c.Email == "" {
			all = append(all, c)
		}
	} else {
		var err error
		if all, err = u.tx.CustomersByEmail(u.ctx, partnerID, username, maxFound); err != nil {
			return nil, err
		}
	}
	for _, c := range all {
		if c.PartnerID != partnerID || c.Username != "" || c.Status == customer.Deleted {
			continue
		}
		in, err := u.inTree(c)
		if err != nil {
			return nil, err
		}
		if in {
			return c, nil
		}
	}
	return nil, nil
}
