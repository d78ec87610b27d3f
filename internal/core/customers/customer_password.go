package customers

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
)

// ChangeCustomerPassword sets a customer's password. Its sessions, tickets
// and temporary passwords end.
func (s *Service) ChangeCustomerPassword(ctx context.Context, actor audit.Actor, id int64, password string) error {
	var f work.Fields
	f.CustomerPassword(password)
	if f.Err != nil {
		return f.Err
	}
	if err := s.Read(ctx, actor, func(u *work.Unit) error { // costs no hash
		_, err := u.Customer(id)
		return err
	}); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(id)
		if err != nil {
			return err
		}
		if err := SetCustomerPassword(u, c, hash); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.set_password", "customer", c.ID, nil)
	})
}

// SetCustomerPassword makes void what the old password, or one in its place, let in.
func SetCustomerPassword(u *work.Unit, c *customer.Customer, hash string) error {
	c.PasswordHash, c.UpdatedAt = hash, u.Now
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return err
	}
	if err := u.Tx.DropPasswordToken(u.Ctx, 0, c.ID); err != nil {
		return err
	}
	if err := u.Tx.DropHolderTokens(u.Ctx, c.ID, work.ResetPassword); err != nil {
		return err
	}
	if err := endCustomerSessions(u, c); err != nil {
		return err
	}
	return u.Tx.DropLoginAttempts(u.Ctx, SubjectOf(c))
}

// ForgotCustomerPassword mails a link to set a new password to the customer; the
// old one stays until it is used. A link sent before is void.
func (s *Service) ForgotCustomerPassword(ctx context.Context, actor audit.Actor, username string) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := customerNamed(u, username)
		if err != nil {
			return err
		}
		if err := MayOrder(c); err != nil {
			return err
		}
		if c.Email == "" {
			return work.ErrCustomer // there is nowhere to send it
		}
		token, err := ticket.PutPasswordToken(u, work.PasswordToken{CustomerID: c.ID, PartnerID: c.PartnerID, ResellerID: c.ResellerID, Locale: c.Locale})
		if err != nil {
			return err
		}
		if err := u.Notify(notice.Notice{
			PartnerID: c.PartnerID, ResellerID: c.ResellerID, CustomerID: c.ID, Kind: notice.PanelPassword, To: c.Email, Locale: c.Locale,
		}, notice.PasswordResetData{Email: c.Login(), Name: c.Name}, token); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.reset_link", "customer", c.ID, nil)
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
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		raw = ""
		c, err := u.Customer(id)
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
		r, err := secret.Alphanumeric(u.Platform.Random, tempPasswordLen-4)
		if err != nil {
			return err
		}
		raw = r[:6] + "aA1!" + r[6:]
		if err := ticket.PutTicket(u, &work.LoginTicket{
			Hash: secret.Hash(raw), Kind: work.TempPassword, PartnerID: c.PartnerID, IssuerID: me.ID, CustomerID: c.ID,
			CreatedAt: u.Real, ExpiresAt: u.Real.Add(tempPasswordLife),
		}); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.temp_password", "customer", c.ID, nil)
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}
