package provision

import (
	"context"
	"crypto/subtle"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/secret"
)

// A holder's token is mailed to his address, and good once, for a while, and as
// long as that is his address (B-12, B-13). A newer one makes the older void.

// What a token of each purpose is: 190 bits at least.
const (
	passwordHashLen   = 40
	passwordHashLife  = 2 * time.Hour
	verificationLen   = 32
	verificationLife  = 24 * time.Hour
	maxMailsOfPurpose = 10 // in requestWindow
)

func (p HolderPurpose) shape() (length int, life time.Duration) {
	if p == VerifyEmail {
		return verificationLen, verificationLife
	}
	return passwordHashLen, passwordHashLife
}

// issueHolderToken makes a token of c's present address and gives its raw form.
func (u *unit) issueHolderToken(c *customer.Customer, p HolderPurpose) (string, error) {
	if err := u.enter(c.PartnerID); err != nil {
		return "", err
	}
	length, life := p.shape()
	old, err := u.tx.HolderToken(u.ctx, c.ID, p)
	if err != nil {
		return "", err
	}
	t := &HolderToken{CustomerID: c.ID, Purpose: p, PartnerID: c.PartnerID, Email: c.Email, Mails: 1, CountedFrom: u.real, ExpiresAt: u.now.Add(life)}
	if old != nil && u.real.Before(old.CountedFrom.Add(requestWindow)) {
		if old.Mails >= maxMailsOfPurpose {
			return "", errManyMails
		}
		t.Mails, t.CountedFrom = old.Mails+1, old.CountedFrom
	}
	raw, err := secret.Alphanumeric(u.s.random, length)
	if err != nil {
		return "", err
	}
	t.Hash = secret.Hash(raw)
	if c.Holder.MailedTo != c.Email {
		c.Holder.MailedTo = c.Email
		if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
			return "", err
		}
	}
	return raw, u.tx.PutHolderToken(u.ctx, t)
}

// good reports whether a token is one of c's present address now.
func (u *unit) good(t *HolderToken, c *customer.Customer) bool {
	return t.PartnerID == c.PartnerID && t.CustomerID == c.ID && t.Email == c.Email && u.now.Before(t.ExpiresAt)
}

// holderOfHash gives the active customer whose password a hash sets; the error
// doesn't tell why it sets none.
func (u *unit) holderOfHash(partnerID int64, raw string) (*customer.Customer, error) {
	if len(raw) != passwordHashLen {
		return nil, errHolderHash
	}
	t, err := u.tx.HolderTokenByHash(u.ctx, secret.Hash(raw))
	if err != nil {
		return nil, err
	}
	if t == nil || t.Purpose != ResetPassword || t.PartnerID != partnerID {
		return nil, errHolderHash
	}
	c, err := u.tx.Customer(u.ctx, t.CustomerID)
	if err != nil {
		return nil, err
	}
	if c == nil || c.Status != customer.Active || !u.good(t, c) {
		return nil, errHolderHash
	}
	return c, nil
}

// provesEmail reports whether a token is the one that was mailed to c.
func (u *unit) provesEmail(c *customer.Customer, raw string) (bool, error) {
	if len(raw) != verificationLen {
		return false, nil
	}
	t, err := u.tx.HolderToken(u.ctx, c.ID, VerifyEmail)
	if err != nil || t == nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(t.Hash, secret.Hash(raw)) == 1 && u.good(t, c), nil
}

// notifyHolder mails a link of the caller's with a token.
func (u *unit) notifyHolder(c *customer.Customer, k notice.Kind, link, token string) error {
	first, _ := c.Names()
	return u.notify(notice.Notice{
		PartnerID: c.PartnerID, ResellerID: c.ResellerID, CustomerID: c.ID, Kind: k, To: c.Email, Locale: c.Locale,
	}, notice.HolderLinkData{Name: first, Username: c.ShownUsername(), Email: c.Email, Link: link}, token)
}

// UpdateCustomer: an address that was changed is not the proved one, and what was
// mailed to the old one is void, whoever changes it and even if it comes back (B-13).
func (c calendar) UpdateCustomer(ctx context.Context, x *customer.Customer) error {
	h := &x.Holder
	if h.VerifiedEmail != x.Email {
		h.VerifiedEmail = ""
	}
	if h.MailedTo != "" && h.MailedTo != x.Email {
		h.MailedTo = ""
		if err := c.Tx.DropHolderTokens(ctx, x.ID, ""); err != nil {
			return err
		}
	}
	return c.Tx.UpdateCustomer(ctx, x)
}
