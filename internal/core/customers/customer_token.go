package customers

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// GenerateCustomerLogin is row 10: a ticket without a password, on the reseller's word.
type GenerateCustomerLogin struct {
	CustomerID int64
	IP         string
}

// GenerateCustomerLogin gives a ticket that opens the control panel once.
func (s *Service) GenerateCustomerLogin(ctx context.Context, actor audit.Actor, cmd GenerateCustomerLogin) (string, error) {
	var f work.Fields
	address := f.Address(cmd.IP)
	if f.Err != nil {
		return "", f.Err
	}
	raw := ""
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		raw = ""
		c, err := u.Customer(cmd.CustomerID)
		if err != nil {
			return err
		}
		if err := MayOrder(c); err != nil {
			return err
		}
		me, err := u.Self()
		if err != nil {
			return err
		}
		raw, err = ticket.IssueTicket(u, me, c, nil, address, u.Platform.Settings.LoginTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

var errCustomerToken = fault.New(fault.Invalid, "The token is not valid").WithReason(work.FieldPrefix + "token")

// AuthenticateCustomerToken is row 11: whose ticket it is. It is used up by that;
// with look it stays as it is and nothing is noted ("without history"). A ticket
// of a customer that the caller does not see is none.
func (s *Service) AuthenticateCustomerToken(ctx context.Context, actor audit.Actor, token string, look bool) (*CustomerDetails, error) {
	var out *CustomerDetails
	do := func(u *work.Unit) error {
		out = nil
		if _, err := u.Reseller(0); err != nil {
			return err
		}
		// Looked at first: a foreign ticket is not used up.
		t, err := ticket.LiveTicket(u, token, true)
		if err != nil {
			return err
		}
		if t == nil || t.CustomerID == 0 {
			return errCustomerToken
		}
		c, err := u.Customer(t.CustomerID)
		if fault.Is(err, fault.CustomerNotFound) {
			return errCustomerToken
		}
		if err != nil {
			return err
		}
		if err := MayOrder(c); err != nil {
			return err
		}
		if out, err = customerDetails(u, c); err != nil || look {
			return err
		}
		if t, err = ticket.LiveTicket(u, token, false); err != nil || t == nil {
			return errCustomerToken
		}
		return u.Record(c.PartnerID, "customer.login", "customer", c.ID, work.Detail{"by": "token"})
	}
	run := s.Write
	if look {
		run = s.Read
	}
	if err := run(ctx, actor, do); err != nil {
		return nil, err
	}
	return out, nil
}
