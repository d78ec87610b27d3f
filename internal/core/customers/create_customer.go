package customers

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
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
	var f work.Fields
	f.Username(&cmd.Data.Username)
	customerData(&f, &cmd.Data)
	f.CustomerPassword(cmd.Password)
	if f.Err != nil {
		return nil, f.Err
	}
	// What is taken already costs no hash.
	if err := s.Read(ctx, actor, func(u *work.Unit) error {
		me, err := u.Reseller(0)
		if err != nil {
			return err
		}
		return FreeUsername(u, me.PartnerID, cmd.Data.Username, 0)
	}); err != nil {
		return nil, err
	}
	hash, err := s.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return nil, err
	}
	var out *CustomerDetails
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		me, err := u.Reseller(0)
		if err != nil {
			return err
		}
		if err := FreeUsername(u, me.PartnerID, cmd.Data.Username, 0); err != nil {
			return err
		}
		c := &customer.Customer{PartnerID: me.PartnerID, ResellerID: me.ID, Username: strings.ToLower(cmd.Data.Username), Email: cmd.Data.Username, PasswordHash: hash}
		cmd.Data.apply(c)
		if err := InsertNamed(u, c); err != nil {
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

// InsertNamed keeps a new customer that has a user name, which was free a moment ago.
func InsertNamed(u *work.Unit, c *customer.Customer) error {
	pin, err := rand.Int(u.Platform.Random, big.NewInt(10000))
	if err != nil {
		return fault.Unavail("No randomness", err)
	}
	until, err := secret.Alphanumeric(u.Platform.Random, ticket.TicketLen)
	if err != nil {
		return err
	}
	c.CustomerID, c.PIN, c.Status, c.CreatedAt, c.UpdatedAt = "new-"+until, fmt.Sprintf("%04d", pin), customer.Active, u.Now, u.Now
	if err := u.Tx.InsertCustomer(u.Ctx, c); err != nil {
		return Taken(err)
	}
	if c.CustomerID, err = FreeCustomerID(u, c); err != nil {
		return err
	}
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "customer.create", "customer", c.ID, work.Detail{"customerId": c.CustomerID, "reseller": c.ResellerID})
}

// Taken is what a conflict of two writers that chose the same name comes to.
func Taken(err error) error {
	if fault.Is(err, fault.Conflict) {
		return errUsernameTaken
	}
	return err
}

// FreeUsername refuses a name that another customer of the partner has, or that
// one without a name of its own is found by. The latter matters only where it
// can be seen: what details finds, sign-up refuses.
func FreeUsername(u *work.Unit, partnerID int64, username string, except int64) error {
	username = strings.ToLower(username)
	c, err := u.Tx.CustomerByUsername(u.Ctx, partnerID, username)
	if err != nil {
		return err
	}
	if c != nil && c.ID != except {
		return errUsernameTaken
	}
	if c, err = unnamedCustomer(u, partnerID, username); err != nil {
		return err
	}
	if c != nil && c.ID != except {
		return errUsernameTaken
	}
	return nil
}

// FreeCustomerID is the id of c in the partner's other dialects: its number,
// unless the partner has given that to another one.
func FreeCustomerID(u *work.Unit, c *customer.Customer) (string, error) {
	number := strconv.FormatInt(c.ID, 10)
	for _, id := range []string{number, "rc-" + number} {
		others, err := u.Tx.CustomersByPartnerID(u.Ctx, c.PartnerID, id)
		if err != nil {
			return "", err
		}
		if len(others) == 0 {
			return id, nil
		}
	}
	return c.CustomerID, nil // random, and so nobody else's
}
