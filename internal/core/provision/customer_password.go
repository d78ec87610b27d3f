package provision

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/secret"
)

// ChangeCustomerPassword sets a customer's password. Its sessions, tickets
// and temporary passwords end.
func (s *Service) ChangeCustomerPassword(ctx context.Context, actor audit.Actor, id int64, password string) error {
	var f fields
	f.customerPassword(password)
	if f.err != nil {
		return f.err
	}
	if err := s.read(ctx, actor, func(u *unit) error { // costs no hash
		_, err := u.customer(id)
		return err
	}); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(id)
		if err != nil {
			return err
		}
		if err := u.setCustomerPassword(c, hash); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.set_password", "customer", c.ID, nil)
	})
}

// setCustomerPassword makes void what the old password, or one in its place, let in.
func (u *unit) setCustomerPassword(c *customer.Customer, hash string) error {
	c.PasswordHash, c.UpdatedAt = hash, u.now
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return err
	}
	if err := u.tx.DropPasswordToken(u.ctx, 0, c.ID); err != nil {
		return err
	}
	if err := u.tx.DropHolderTokens(u.ctx, c.ID, ResetPassword); err != nil {
		return err
	}
	if err := u.endCustomerSessions(c); err != nil {
		return err
	}
	return u.tx.DropLoginAttempts(u.ctx, subjectOf(c))
}

// ForgotCustomerPassword mails a link to set a new password to the customer; the
// old one stays until it is used. A link sent before is void.
func (s *Service) ForgotCustomerPassword(ctx context.Context, actor audit.Actor, username string) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customerNamed(username)
		if err != nil {
			return err
		}
		if err := mayOrder(c); err != nil {
			return err
		}
		if c.Email == "" {
			return errCustomer // there is nowhere to send it
		}
		token, err := u.putPasswordToken(PasswordToken{CustomerID: c.ID, PartnerID: c.PartnerID, ResellerID: c.ResellerID, Locale: c.Locale})
		if err != nil {
			return err
		}
		if err := u.notify(notice.Notice{
			PartnerID: c.PartnerID, ResellerID: c.ResellerID, CustomerID: c.ID, Kind: notice.PanelPassword, To: c.Email, Locale: c.Locale,
		}, notice.PasswordResetData{Email: c.Login(), Name: c.Name}, token); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.reset_link", "customer", c.ID, nil)
	})
}

// A temporary password has 16 characters: 15 at random and, as R-18 wants all
// four classes, some of each.
const (
	tempPasswordLen  = 16
	tempPasswordLife = 24 * time.Hour
)

// TempCustomerPassword gives a password that works beside the customer's own for
// a day. Several may be valid at a time.
func (s *Service) TempCustomerPassword(ctx context.Context, actor audit.Actor, id int64) (string, error) {
	raw := ""
	err := s.write(ctx, actor, func(u *unit) error {
		raw = ""
		c, err := u.customer(id)
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
		r, err := secret.Alphanumeric(u.s.random, tempPasswordLen-4)
		if err != nil {
			return err
		}
		raw = r[:6] + "aA1!" + r[6:]
		if err := u.putTicket(&LoginTicket{
			Hash: secret.Hash(raw), Kind: TempPassword, PartnerID: c.PartnerID, IssuerID: me.ID, CustomerID: c.ID,
			CreatedAt: u.real, ExpiresAt: u.real.Add(tempPasswordLife),
		}); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.temp_password", "customer", c.ID, nil)
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}
