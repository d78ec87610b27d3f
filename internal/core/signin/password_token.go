package signin

import (
	"cmp"
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

var (
	errPasswordToken = fault.New(fault.NotFound, "The link is not valid")

	errPasswordClasses = fault.Newf(fault.Invalid, "The password needs %d to %d characters, among them a lower-case and an upper-case letter, a digit and one of %s",
		work.MinCustomerPassword, work.MaxCustomerPassword, work.PasswordSpecials).WithReason("PASSWORD_CLASSES")
)

// RequestPasswordReset is titan.md operation 30: a link to set a new password
// goes to Recipient; the password stays as it is until the link is used.
type RequestPasswordReset struct {
	Account   work.AccountRef
	Recipient string
}

// RequestPasswordReset mails a reset link. A link sent before is void.
func (s *Service) RequestPasswordReset(ctx context.Context, actor audit.Actor, cmd RequestPasswordReset) error {
	var f work.Fields
	to := f.Contact("recipient", cmd.Recipient)
	if to == "" {
		f.Failf("The recipient is missing")
	}
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpResetPassword)
		if err != nil {
			return err
		}
		c, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		locale := cmp.Or(a.Locale, o.Locale, c.Locale)
		token, err := ticket.IssuePasswordToken(u, o, work.PasswordToken{AccountID: a.ID, Locale: locale})
		if err != nil {
			return err
		}
		if err := u.Notify(notice.Notice{
			PartnerID: o.PartnerID, ResellerID: work.ResellerOf(o), OrderID: o.ID, AccountID: a.ID, Kind: notice.PasswordReset, To: to, Locale: locale,
		}, notice.PasswordResetData{Email: a.Email(), Name: a.Name}, token); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "email_account.reset_link", "account", a.ID, work.Detail{"recipient": to})
	})
}

// PasswordSubject is whom a link is for.
type PasswordSubject struct {
	PartnerID  int64
	AccountID  int64  // a mailbox's password; 0 = a control panel's
	CustomerID int64  // customer.Customer.ID; 0 = a mailbox's
	Email      string // the log-in
	First      bool   // there is no password yet
	Classes    bool   // R-18 applies: the customer is a reseller's, made in its dialect
	Locale     string
	Brand      brand.Brand
}

// passwordSubject gives what a token opens; the errors don't tell why it opens nothing.
func passwordSubject(u *work.Unit, token string) (*work.PasswordToken, *order.Order, *account.Account, *customer.Customer, error) {
	t, err := u.Tx.PasswordToken(u.Ctx, secret.Hash(token))
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if t == nil {
		return nil, nil, nil, nil, errPasswordToken
	}
	if err := u.Enter(t.PartnerID); err != nil {
		return nil, nil, nil, nil, err
	}
	if !u.Now.Before(t.ExpiresAt) {
		return nil, nil, nil, nil, errPasswordToken
	}
	if t.CustomerID != 0 {
		c, err := u.Tx.Customer(u.Ctx, t.CustomerID)
		if err == nil && (c == nil || c.Status != customer.Active) {
			err = errPasswordToken
		}
		return t, nil, nil, c, err
	}
	a, err := u.Tx.Account(u.Ctx, t.AccountID)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if a == nil || !work.OpSetPassword.TakesAccount(a.Status(u.Now)) {
		return nil, nil, nil, nil, errPasswordToken
	}
	o, err := u.Tx.Order(u.Ctx, a.OrderID)
	if err == nil && (o == nil || !work.OpSetPassword.TakesOrder(o.Status(u.Now))) {
		err = errPasswordToken
	}
	return t, o, a, nil, err
}

func showSubject(u *work.Unit, t *work.PasswordToken, a *account.Account, c *customer.Customer) (*PasswordSubject, error) {
	b, err := tenancy.Brand(u, t.PartnerID, t.ResellerID)
	if err != nil {
		return nil, err
	}
	out := &PasswordSubject{PartnerID: t.PartnerID, Locale: t.Locale, Brand: b}
	if a != nil {
		out.AccountID, out.Email, out.First = a.ID, a.Email(), a.PasswordHash == ""
	} else {
		out.CustomerID, out.Email, out.First, out.Classes = c.ID, c.Login(), c.PasswordHash == "", c.Username != "" && c.Holder.Username == ""
	}
	return out, nil
}

// PasswordTokenInfo says whom a link is for, and leaves it as it is: mail
// scanners open links too. An unknown, used, expired or superseded one is the
// same fault.NotFound.
func (s *Service) PasswordTokenInfo(ctx context.Context, token string) (*PasswordSubject, error) {
	if len(token) != ticket.PasswordTokenLen {
		return nil, errPasswordToken
	}
	var out *PasswordSubject
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		t, _, a, c, err := passwordSubject(u, token)
		if err != nil {
			return err
		}
		out, err = showSubject(u, t, a, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SetPasswordByToken uses a link up.
type SetPasswordByToken struct {
	Token    string
	Password string
	Actor    audit.Actor // of the record: address and request; who it is the token says
}

// checkPassword applies the rule that is the same wherever this password is set.
func (p *PasswordSubject) checkPassword(password string) error {
	if !p.Classes {
		return work.CheckNewPassword(password)
	}
	var f work.Fields
	if f.CustomerPassword(password); f.Err != nil {
		return errPasswordClasses
	}
	return nil
}

// SetPasswordByToken sets the password that a link is for and makes the link
// void. All sessions of an account end.
func (s *Service) SetPasswordByToken(ctx context.Context, cmd SetPasswordByToken) (*PasswordSubject, error) {
	whose, err := s.PasswordTokenInfo(ctx, cmd.Token) // costs no hash
	if err != nil {
		return nil, err
	}
	if err := whose.checkPassword(cmd.Password); err != nil {
		return nil, err
	}
	hash, err := s.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return nil, err
	}
	var out *PasswordSubject
	err = s.Write(ctx, work.AsPlatform, func(u *work.Unit) error {
		t, o, a, c, err := passwordSubject(u, cmd.Token)
		if err != nil {
			return err
		}
		if out, err = showSubject(u, t, a, c); err != nil {
			return err
		}
		u.Actor = audit.Actor{PartnerID: t.PartnerID, Role: work.AsPlatform.Role, Name: "password-link", Address: cmd.Actor.Address, RequestID: cmd.Actor.RequestID}
		if err := u.Tx.DropPasswordToken(u.Ctx, t.AccountID, t.CustomerID); err != nil {
			return err
		}
		if c != nil {
			if err := customers.SetCustomerPassword(u, c, hash); err != nil {
				return err
			}
			return u.Record(t.PartnerID, "customer.set_password", "customer", c.ID, nil)
		}
		a.PasswordHash, a.UpdatedAt = hash, u.Now
		if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
			return err
		}
		if err := u.Tx.AccessChanged(u.Ctx, o.ID, a.ID); err != nil {
			return err
		}
		return u.Record(t.PartnerID, "email_account.set_password", "account", a.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
