package provision

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// CreateCustomer is a customer's sign-up with a reseller (resellerclub.md section 10).
type CreateCustomer struct {
	Data     CustomerData
	Password string
}

var errUsernameTaken = fault.New(fault.Conflict, "Another customer has this user name").WithReason("USERNAME_TAKEN")

// CreateCustomer makes a customer of the reseller that asks. In the partner's
// other dialects its customer id is its number.
func (s *Service) CreateCustomer(ctx context.Context, actor audit.Actor, cmd CreateCustomer) (*CustomerDetails, error) {
	var f fields
	f.username(&cmd.Data.Username)
	f.customerData(&cmd.Data)
	f.customerPassword(cmd.Password)
	if f.err != nil {
		return nil, f.err
	}
	// What is taken already costs no hash.
	if err := s.read(ctx, actor, func(u *unit) error {
		me, err := u.reseller(0)
		if err != nil {
			return err
		}
		return u.freeUsername(me.PartnerID, cmd.Data.Username, 0)
	}); err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return nil, err
	}
	var out *CustomerDetails
	err = s.write(ctx, actor, func(u *unit) error {
		out = nil
		me, err := u.reseller(0)
		if err != nil {
			return err
		}
		if err := u.freeUsername(me.PartnerID, cmd.Data.Username, 0); err != nil {
			return err
		}
		c := &customer.Customer{PartnerID: me.PartnerID, ResellerID: me.ID, Username: strings.ToLower(cmd.Data.Username), Email: cmd.Data.Username, PasswordHash: hash}
		cmd.Data.apply(c)
		if err := u.insertNamed(c); err != nil {
			return err
		}
		out = &CustomerDetails{Customer: c, Seller: me}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// insertNamed keeps a new customer that has a user name, which was free a moment ago.
func (u *unit) insertNamed(c *customer.Customer) error {
	pin, err := rand.Int(u.s.random, big.NewInt(10000))
	if err != nil {
		return fault.Unavail("No randomness", err)
	}
	until, err := secret.Alphanumeric(u.s.random, ticketLen)
	if err != nil {
		return err
	}
	c.CustomerID, c.PIN, c.Status, c.CreatedAt, c.UpdatedAt = "new-"+until, fmt.Sprintf("%04d", pin), customer.Active, u.now, u.now
	if err := u.tx.InsertCustomer(u.ctx, c); err != nil {
		return taken(err)
	}
	if c.CustomerID, err = u.freeCustomerID(c); err != nil {
		return err
	}
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return err
	}
	return u.record(c.PartnerID, "customer.create", "customer", c.ID, detail{"customerId": c.CustomerID, "reseller": c.ResellerID})
}

// taken is what a conflict of two writers that chose the same name comes to.
func taken(err error) error {
	if fault.Is(err, fault.Conflict) {
		return errUsernameTaken
	}
	return err
}

// freeUsername refuses a name that another customer of the partner has, or that
// one without a name of its own is found by. The latter matters only where it
// can be seen: what details finds, sign-up refuses.
func (u *unit) freeUsername(partnerID int64, username string, except int64) error {
	username = strings.ToLower(username)
	c, err := u.tx.CustomerByUsername(u.ctx, partnerID, username)
	if err != nil {
		return err
	}
	if c != nil && c.ID != except {
		return errUsernameTaken
	}
	if c, err = u.unnamedCustomer(partnerID, username); err != nil {
		return err
	}
	if c != nil && c.ID != except {
		return errUsernameTaken
	}
	return nil
}

// freeCustomerID is the id of c in the partner's other dialects: its number,
// unless the partner has given that to another one.
func (u *unit) freeCustomerID(c *customer.Customer) (string, error) {
	number := strconv.FormatInt(c.ID, 10)
	for _, id := range []string{number, "rc-" + number} {
		others, err := u.tx.CustomersByPartnerID(u.ctx, c.PartnerID, id)
		if err != nil {
			return "", err
		}
		if len(others) == 0 {
			return id, nil
		}
	}
	return c.CustomerID, nil // random, and so nobody else's
}
