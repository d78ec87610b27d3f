package customers

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
)

// CustomerDetails is a customer as its reseller sees it.
type CustomerDetails struct {
	*customer.Customer
	Seller *reseller.Reseller // whom it belongs to
}

// CustomerByID gives a customer of the reseller that asks, or of one below.
func (s *Service) CustomerByID(ctx context.Context, actor audit.Actor, id int64) (*CustomerDetails, error) {
	var out *CustomerDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(id)
		if err != nil {
			return err
		}
		out, err = customerDetails(u, c)
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
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := customerNamed(u, username)
		if err != nil {
			return err
		}
		out, err = customerDetails(u, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func customerDetails(u *work.Unit, c *customer.Customer) (*CustomerDetails, error) {
	r, err := u.SellerOf(c)
	if err != nil {
		return nil, err
	}
	return &CustomerDetails{Customer: c, Seller: r}, nil
}

// customerNamed is u.customer for a user name.
func customerNamed(u *work.Unit, username string) (*customer.Customer, error) {
	me, err := u.Reseller(0)
	if err != nil {
		return nil, err
	}
	c, err := FindNamed(u, me.PartnerID, username)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, work.ErrCustomer
	}
	return c, nil
}

// FindNamed gives the customer of that name in the acting reseller's tree, nil when there is none.
func FindNamed(u *work.Unit, partnerID int64, username string) (*customer.Customer, error) {
	username = strings.ToLower(strings.TrimSpace(username))
	if username == "" || len(username) > work.MaxFreeText || !work.Storable(username) {
		return nil, nil
	}
	c, err := u.Tx.CustomerByUsername(u.Ctx, partnerID, username)
	if err != nil {
		return nil, err
	}
	if c != nil {
		in, err := u.InTree(c)
		if err != nil {
			return nil, err
		}
		if in {
			return c, nil
		}
	}
	return unnamedCustomer(u, partnerID, username)
}

// unnamedCustomer gives the oldest customer in the acting reseller's tree that
// was made in another dialect and is known by that name.
func unnamedCustomer(u *work.Unit, partnerID int64, username string) (*customer.Customer, error) {
	var all []*customer.Customer
	if id := customer.NumberOf(username); id != 0 {
		c, err := u.Tx.Customer(u.Ctx, id)
		if err != nil {
			return nil, err
		}
		if c != nil && c.Email == "" {
			all = append(all, c)
		}
	} else {
		var err error
		if all, err = u.Tx.CustomersByEmail(u.Ctx, partnerID, username, work.MaxFound); err != nil {
			return nil, err
		}
	}
	for _, c := range all {
		if c.PartnerID != partnerID || c.Username != "" || c.Status == customer.Deleted {
			continue
		}
		in, err := u.InTree(c)
		if err != nil {
			return nil, err
		}
		if in {
			return c, nil
		}
	}
	return nil, nil
}
