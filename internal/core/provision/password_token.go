package provision

import (
	"cmp"
	"context"
	"unicode/utf8"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// passwordTokenLen is 238 bits: nobody tries them all in a day.
const passwordTokenLen = 40

// minPassword is in characters, for passwords that people choose on our pages
// (NIST SP 800-63B section 5.1.1.2). Partners set what they answer for.
const minPassword = 8

var (
	errPasswordToken = fault.New(fault.NotFound, "The link is not valid")
	errPasswordShort = fault.Newf(fault.Invalid, "The password is shorter than %d characters", minPassword).WithReason("PASSWORD_TOO_SHORT")
	errPasswordLong  = fault.New(fault.Invalid, "The password is too long").WithReason("PASSWORD_TOO_LONG")

	errPasswordClasses = fault.Newf(fault.Invalid, "The password needs %d to %d characters, among them a lower-case and an upper-case letter, a digit and one of %s",
		minCustomerPassword, maxCustomerPassword, passwordSpecials).WithReason("PASSWORD_CLASSES")
)

// RequestPasswordReset is titan.md operation 30: a link to set a new password
// goes to Recipient; the password stays as it is until the link is used.
type RequestPasswordReset struct {
	Account   AccountRef
	Recipient string
}

// RequestPasswordReset mails a reset link. A link sent before is void.
func (s *Service) RequestPasswordReset(ctx context.Context, actor audit.Actor, cmd RequestPasswordReset) error {
	var f fields
	to := f.contact("recipient", cmd.Recipient)
	if to == "" {
		f.failf("The recipient is missing")
	}
	if f.err != nil {
		return f.err
	}
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opResetPassword)
		if err != nil {
			return err
		}
		c, err := u.customerOf(o)
		if err != nil {
			return err
		}
		locale := cmp.Or(a.Locale, o.Locale, c.Locale)
		token, err := u.issuePasswordToken(o, PasswordToken{AccountID: a.ID, Locale: locale})
		if err != nil {
			return err
		}
		if err := u.notify(notice.Notice{
			PartnerID: o.PartnerID, ResellerID: resellerOf(o), OrderID: o.ID, AccountID: a.ID, Kind: notice.PasswordReset, To: to, Locale: locale,
		}, notice.PasswordResetData{Email: a.Email(), Name: a.Name}, token); err != nil {
			return err
		}
		return u.record(o.PartnerID, "email_account.reset_link", "account", a.ID, detail{"recipient": to})
	})
}

// resellerOf is whose brand an order's mails show.
func resellerOf(o *order.Order) int64 {
	if o.ResellerID == nil {
		return 0
	}
	return *o.ResellerID
}

// issuePasswordToken makes the token of an account or customer of o's partner.
func (u *unit) issuePasswordToken(o *order.Order, t PasswordToken) (string, error) {
	t.PartnerID, t.ResellerID = o.PartnerID, resellerOf(o)
	return u.putPasswordToken(t)
}

// putPasswordToken completes and keeps a token, and gives its raw form.
func (u *unit) putPasswordToken(t PasswordToken) (string, error) {
	token, err := secret.Alphanumeric(u.s.random, passwordTokenLen)
	if err != nil {
		return "", err
	}
	if err := u.enter(t.PartnerID); err != nil {
		return "", err
	}
	t.Hash = secret.Hash(token)
	t.CreatedAt, t.ExpiresAt = u.now, u.now.Add(u.s.settings.PasswordTokenLife)
	return token, u.tx.PutPasswordToken(u.ctx, &t)
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
func (u *unit) passwordSubject(token string) (*PasswordToken, *order.Order, *account.Account, *customer.Customer, error) {
	t, err := u.tx.PasswordToken(u.ctx, secret.Hash(token))
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if t == nil {
		return nil, nil, nil, nil, errPasswordToken
	}
	if err := u.enter(t.PartnerID); err != nil {
		return nil, nil, nil, nil, err
	}
	if !u.now.Before(t.ExpiresAt) {
		return nil, nil, nil, nil, errPasswordToken
	}
	if t.CustomerID != 0 {
		c, err := u.tx.Customer(u.ctx, t.CustomerID)
		if err == nil && (c == nil || c.Status != customer.Active) {
			err = errPasswordToken
		}
		return t, nil, nil, c, err
	}
	a, err := u.tx.Account(u.ctx, t.AccountID)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if a == nil || !opSetPassword.takesAccount(a.Status(u.now)) {
		return nil, nil, nil, nil, errPasswordToken
	}
	o, err := u.tx.Order(u.ctx, a.OrderID)
	if err == nil && (o == nil || !opSetPassword.takesOrder(o.Status(u.now))) {
		err = errPasswordToken
	}
	return t, o, a, nil, err
}

func (u *unit) showSubject(t *PasswordToken, a *account.Account, c *customer.Customer) (*PasswordSubject, error) {
	b, err := u.brand(t.PartnerID, t.ResellerID)
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
	if len(token) != passwordTokenLen {
		return nil, errPasswordToken
	}
	var out *PasswordSubject
	err := s.read(ctx, platform, func(u *unit) error {
		t, _, a, c, err := u.passwordSubject(token)
		if err != nil {
			return err
		}
		out, err = u.showSubject(t, a, c)
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

// CheckNewPassword applies the rules for passwords that people choose here.
func CheckNewPassword(password string) error {
	switch {
	case !utf8.ValidString(password) || utf8.RuneCountInString(password) < minPassword:
		return errPasswordShort
	case len(password) > maxPassword:
		return errPasswordLong
	}
	return nil
}

// checkPassword applies the rule that is the same wherever this password is set.
func (p *PasswordSubject) checkPassword(password string) error {
	if !p.Classes {
		return CheckNewPassword(password)
	}
	var f fields
	if f.customerPassword(password); f.err != nil {
		return errPasswordClasses
	}
	return nil
}

const maxPassword = 1024 // bytes, what log-in takes

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
	hash, err := s.hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return nil, err
	}
	var out *PasswordSubject
	err = s.write(ctx, platform, func(u *unit) error {
		t, o, a, c, err := u.passwordSubject(cmd.Token)
		if err != nil {
			return err
		}
		if out, err = u.showSubject(t, a, c); err != nil {
			return err
		}
		u.actor = audit.Actor{PartnerID: t.PartnerID, Role: platform.Role, Name: "password-link", Address: cmd.Actor.Address, RequestID: cmd.Actor.RequestID}
		if err := u.tx.DropPasswordToken(u.ctx, t.AccountID, t.CustomerID); err != nil {
			return err
		}
		if c != nil {
			if err := u.setCustomerPassword(c, hash); err != nil {
				return err
			}
			return u.record(t.PartnerID, "customer.set_password", "customer", c.ID, nil)
		}
		a.PasswordHash, a.UpdatedAt = hash, u.now
		if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
			return err
		}
		if err := u.tx.AccessChanged(u.ctx, o.ID, a.ID); err != nil {
			return err
		}
		return u.record(t.PartnerID, "email_account.set_password", "account", a.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
