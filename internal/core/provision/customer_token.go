package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/fault"
)

// GenerateCustomerLogin is row 10: a ticket without a password, on the reseller's word.
type GenerateCustomerLogin struct {
	CustomerID int64
	IP         string
}

// GenerateCustomerLogin gives a ticket that opens the control panel once.
func (s *Service) GenerateCustomerLogin(ctx context.Context, actor audit.Actor, cmd GenerateCustomerLogin) (string, error) {
	var f fields
	address := f.address(cmd.IP)
	if f.err != nil {
		return "", f.err
	}
	raw := ""
	err := s.write(ctx, actor, func(u *unit) error {
		raw = ""
		c, err := u.customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		if err := mayOrder(c); err != nil {
			return err
		}
		me, err := u.self()
		if err != nil {
			return err
		}
		raw, err = u.issueTicket(me, c, nil, address, u.s.settings.LoginTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

var errCustomerToken = fault.New(fault.Invalid, "The token is not valid").WithReason(FieldPrefix + "token")

// AuthenticateCustomerToken is row 11: whose ticket it is. It is used up by that;
// with look it stays as it is and nothing is noted ("without history"). A ticket
// of a customer that the caller does not see is none.
func (s *Service) AuthenticateCustomerToken(ctx context.Context, actor audit.Actor, token string, look bool) (*CustomerDetails, error) {
	var out *CustomerDetails
	do := func(u *unit) error {
		out = nil
		if _, err := u.reseller(0); err != nil {
			return err
		}
		// Looked at first: a foreign ticket is not used up.
		t, err := u.liveTicket(token, true)
		if err != nil {
			return err
		}
		if t == nil || t.CustomerID == 0 {
			return errCustomerToken
		}
		c, err := u.customer(t.CustomerID)
		if fault.Is(err, fault.CustomerNotFound) {
			return errCustomerToken
		}
		if err != nil {
			return err
		}
		if err := mayOrder(c); err != nil {
			return err
		}
		if out, err = u.customerDetails(c); err != nil || look {
			return err
		}
		if t, err = u.liveTicket(token, false); err != nil || t == nil {
			return errCustomerToken
		}
		return u.record(c.PartnerID, "customer.login", "customer", c.ID, detail{"by": "token"})
	}
	run := s.write
	if look {
		run = s.read
	}
	if err := run(ctx, actor, do); err != nil {
		return nil, err
	}
	return out, nil
}
