package signin

import (
	"context"
	"strings"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// VerifyPanelPassword is a log-in to the control panel. Limiting attempts is
// the caller's.
type VerifyPanelPassword struct {
	PartnerID int64  // whose panel; 0 = any
	Email     string // customerEmailAddress
	Password  string
}

// maxPanelCustomers bounds the hashes of one attempt.
const maxPanelCustomers = 4

var errPanelPassword = fault.New(fault.Unauthenticated, "Wrong address or password")

// VerifyPanelPassword gives the customers whom address and password open: a
// person may be a customer under several ids. An unknown address and a wrong
// password are one fault.Unauthenticated and cost the same.
func (s *Service) VerifyPanelPassword(ctx context.Context, cmd VerifyPanelPassword) ([]*customer.Customer, error) {
	email := strings.TrimSpace(cmd.Email)
	if email == "" || len(email) > work.MaxFreeText || !work.Storable(email) {
		return nil, errPanelPassword
	}
	var found []*customer.Customer
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		found = nil
		all, err := u.Tx.CustomersByEmail(u.Ctx, cmd.PartnerID, email, work.MaxFound)
		for _, c := range all {
			if c.PasswordHash != "" && c.Status == customer.Active && len(found) < maxPanelCustomers {
				found = append(found, c)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		decoy, err := s.DecoyHash(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := s.Hasher.Verify(ctx, cmd.Password, decoy); err != nil {
			return nil, err
		}
		return nil, errPanelPassword
	}
	var out []*customer.Customer
	for _, c := range found {
		ok, err := s.Hasher.Verify(ctx, cmd.Password, c.PasswordHash)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, errPanelPassword
	}
	return out, nil
}
