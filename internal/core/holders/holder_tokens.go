package holders

import (
	"crypto/subtle"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
)

// A holder's token is mailed to his address, and good once, for a while, and as
// long as that is his address (B-12, B-13). A newer one makes the older void.

// What a token of each purpose is: 190 bits at least.
const (
	passwordHashLen   = 40
	verificationLen   = 32
	maxMailsOfPurpose = 10 // in RequestWindow
)

func shape(p work.HolderPurpose) (length int, life time.Duration) {
	if p == work.VerifyEmail {
		return verificationLen, outbox.VerificationLife
	}
	return passwordHashLen, outbox.PasswordHashLife
}

// issueHolderToken makes a token of c's present address and gives its raw form.
func issueHolderToken(u *work.Unit, c *customer.Customer, p work.HolderPurpose) (string, error) {
	if err := u.Enter(c.PartnerID); err != nil {
		return "", err
	}
	length, life := shape(p)
	old, err := u.Tx.HolderToken(u.Ctx, c.ID, p)
	if err != nil {
		return "", err
	}
	t := &work.HolderToken{CustomerID: c.ID, Purpose: p, PartnerID: c.PartnerID, Email: c.Email, Mails: 1, CountedFrom: u.Real, ExpiresAt: u.Now.Add(life)}
	if old != nil && u.Real.Before(old.CountedFrom.Add(RequestWindow)) {
		if old.Mails >= maxMailsOfPurpose {
			return "", errManyMails
		}
		t.Mails, t.CountedFrom = old.Mails+1, old.CountedFrom
	}
	raw, err := secret.Alphanumeric(u.Platform.Random, length)
	if err != nil {
		return "", err
	}
	t.Hash = secret.Hash(raw)
	if c.Holder.MailedTo != c.Email {
		c.Holder.MailedTo = c.Email
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return "", err
		}
	}
	return raw, u.Tx.PutHolderToken(u.Ctx, t)
}

// good reports whether a token is one of c's present address now.
func good(u *work.Unit, t *work.HolderToken, c *customer.Customer) bool {
	return t.PartnerID == c.PartnerID && t.CustomerID == c.ID && t.Email == c.Email && u.Now.Before(t.ExpiresAt)
}

// holderOfHash gives the active customer whose password a hash sets; the error
// doesn't tell why it sets none.
func holderOfHash(u *work.Unit, partnerID int64, raw string) (*customer.Customer, error) {
	if len(raw) != passwordHashLen {
		return nil, errHolderHash
	}
	t, err := u.Tx.HolderTokenByHash(u.Ctx, secret.Hash(raw))
	if err != nil {
		return nil, err
	}
	if t == nil || t.Purpose != work.ResetPassword || t.PartnerID != partnerID {
		return nil, errHolderHash
	}
	c, err := u.Tx.Customer(u.Ctx, t.CustomerID)
	if err != nil {
		return nil, err
	}
	if c == nil || c.Status != customer.Active || !good(u, t, c) {
		return nil, errHolderHash
	}
	return c, nil
}

// provesEmail reports whether a token is the one that was mailed to c.
func provesEmail(u *work.Unit, c *customer.Customer, raw string) (bool, error) {
	if len(raw) != verificationLen {
		return false, nil
	}
	t, err := u.Tx.HolderToken(u.Ctx, c.ID, work.VerifyEmail)
	if err != nil || t == nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(t.Hash, secret.Hash(raw)) == 1 && good(u, t, c), nil
}

// notifyHolder mails a link of the caller's with a token.
func notifyHolder(u *work.Unit, c *customer.Customer, k notice.Kind, link, token string) error {
	first, _ := c.Names()
	return u.Notify(notice.Notice{
		PartnerID: c.PartnerID, ResellerID: c.ResellerID, CustomerID: c.ID, Kind: k, To: c.Email, Locale: c.Locale,
	}, notice.HolderLinkData{Name: first, Username: c.ShownUsername(), Email: c.Email, Link: link}, token)
}
