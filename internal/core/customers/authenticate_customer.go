package customers

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// AuthenticateCustomer is a log-in in a reseller's name (resellerclub.md
// section 10, rows 9 and 12).
type AuthenticateCustomer struct {
	Username string
	Password string
}

// MaxLoginAttempts is how many passwords may be tried in vain; then nothing is
// tried for AttemptLife.
const (
	MaxLoginAttempts = 5
	AttemptLife      = 15 * time.Minute
)

// errLogin is the reason of whatever is wrong with name or password.
var errLogin = fault.New(fault.Unauthenticated, "The user name or the password is wrong").WithReason("LOGIN_FAILED")

// RefusedLogin is a failed log-in: who gets it may tell how often it may be tried.
type RefusedLogin struct {
	Remaining int
}

// Error is the same for all of them.
func (r *RefusedLogin) Error() string { return errLogin.Text }

// Unwrap makes it a fault.
func (r *RefusedLogin) Unwrap() error { return errLogin }

// AuthenticateCustomer checks a customer's password, or a temporary one. An
// unknown name, a wrong password and a name that was tried too often are one
// RefusedLogin, count alike and cost the same. An attempt counts before it is
// tried, so that many at once are no more than one after the other. Of a
// suspended customer only who knows the password learns that it is.
func (s *Service) AuthenticateCustomer(ctx context.Context, actor audit.Actor, cmd AuthenticateCustomer) (*CustomerDetails, error) {
	var out *CustomerDetails
	err := LoginCustomer(ctx, s.Platform, actor, cmd, func(u *work.Unit, c *customer.Customer) (err error) {
		if out, err = customerDetails(u, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.login", "customer", c.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// GenerateCustomerToken is row 9: a log-in that gives a ticket for the browser at
// an address.
type GenerateCustomerToken struct {
	AuthenticateCustomer
	IP string
}

// CustomerTokenLife is the life of what GenerateCustomerToken gives.
const CustomerTokenLife = 120 * time.Second

// GenerateCustomerToken checks a password as AuthenticateCustomer does.
func (s *Service) GenerateCustomerToken(ctx context.Context, actor audit.Actor, cmd GenerateCustomerToken) (string, error) {
	var f work.Fields
	address := f.Address(cmd.IP)
	if f.Err != nil {
		return "", f.Err
	}
	raw := ""
	err := LoginCustomer(ctx, s.Platform, actor, cmd.AuthenticateCustomer, func(u *work.Unit, c *customer.Customer) error {
		me, err := u.Self()
		if err != nil {
			return err
		}
		raw, err = ticket.IssueTicket(u, me, c, nil, address, CustomerTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// Attempt is what there is to compare a password with.
type Attempt struct {
	Subject string // whose attempts are counted
	Count   int
	found   *customer.Customer // nil: nobody
	Hash    string             // of the password; "" = none
	Temp    bool               // a temporary password is right
}

// LoginCustomer runs then in the transaction of a successful log-in.
func LoginCustomer(ctx context.Context, p *work.Platform, actor audit.Actor, cmd AuthenticateCustomer, then func(*work.Unit, *customer.Customer) error) error {
	var try Attempt
	if err := p.Write(ctx, actor, func(u *work.Unit) (err error) {
		try, err = beginAttempt(u, cmd)
		return err
	}); err != nil {
		return err
	}
	ok, err := VerifyAttempt(ctx, p, &try, cmd.Password)
	if err != nil {
		return err
	}
	if !ok {
		return &RefusedLogin{Remaining: max(0, MaxLoginAttempts-try.Count)}
	}
	return p.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(try.found.ID)
		if err != nil {
			return err
		}
		if c.PasswordHash != try.Hash { // changed while it was compared
			return &RefusedLogin{Remaining: max(0, MaxLoginAttempts-try.Count)}
		}
		if err := u.Tx.DropLoginAttempts(u.Ctx, try.Subject); err != nil {
			return err
		}
		if err := MayOrder(c); err != nil {
			return err
		}
		return then(u, c)
	})
}

// beginAttempt counts an attempt and finds what to compare with. Attempts count
// for a customer, or for a name in vain within one reseller: nobody can bar a
// customer of somebody else's. A partner's call is about all its customers.
func beginAttempt(u *work.Unit, cmd AuthenticateCustomer) (Attempt, error) {
	var a Attempt
	within := fmt.Sprintf("partner/%d", u.Actor.PartnerID)
	partnerID := u.Actor.PartnerID
	if u.Actor.Limit.ResellerID != 0 {
		me, err := u.Reseller(0)
		if err != nil {
			return a, err
		}
		within, partnerID = strconv.FormatInt(me.ID, 10), me.PartnerID
	}
	var err error
	if a.found, err = FindNamed(u, partnerID, cmd.Username); err != nil {
		return a, err
	}
	if a.found != nil {
		a.Subject, a.Hash = SubjectOf(a.found), a.found.PasswordHash
		if a.Temp, err = isTempPassword(u, a.found, cmd.Password); err != nil || a.Temp {
			return a, err
		}
	} else {
		a.Subject = SubjectOfNobody(within, cmd.Username)
	}
	return a, CountAttempt(u, &a)
}

// CountAttempt counts one more of the attempt's subject.
func CountAttempt(u *work.Unit, a *Attempt) (err error) {
	since := u.Real.Add(-AttemptLife)
	if a.Count, err = u.Tx.LoginAttempts(u.Ctx, a.Subject, since); err != nil {
		return err
	}
	if a.Count >= MaxLoginAttempts { // barred; the time goes on from the last one that was tried
		a.Count++
		return nil
	}
	a.Count, err = u.Tx.CountLoginAttempt(u.Ctx, a.Subject, u.Real, since)
	return err
}

// SubjectOf is under what a customer's attempts are counted.
func SubjectOf(c *customer.Customer) string { return fmt.Sprintf("customer/%d", c.ID) }

// SubjectOfNobody is bounded, whatever was sent as a name.
func SubjectOfNobody(within, username string) string {
	return fmt.Sprintf("nobody/%s/%s", within, hex.EncodeToString(secret.Hash(strings.ToLower(strings.TrimSpace(username)))))
}

// isTempPassword looks the password up among the temporary ones of c, which are
// random and so need no slow hash.
func isTempPassword(u *work.Unit, c *customer.Customer, password string) (bool, error) {
	if len(password) != tempPasswordLen {
		return false, nil
	}
	t, err := u.Tx.LoginTicket(u.Ctx, secret.Hash(password))
	if t == nil || err != nil {
		return false, err
	}
	return t.Kind == work.TempPassword && t.CustomerID == c.ID && u.Real.Before(t.ExpiresAt), nil
}

// VerifyAttempt computes one hash whatever it is given, also for who is barred.
func VerifyAttempt(ctx context.Context, p *work.Platform, a *Attempt, password string) (bool, error) {
	if a.Temp {
		return true, nil
	}
	hash := a.Hash
	nobody := hash == "" || len(password) > work.MaxPassword || a.Count > MaxLoginAttempts
	if nobody {
		var err error
		if hash, err = p.DecoyHash(ctx); err != nil {
			return false, err
		}
	}
	if len(password) > work.MaxPassword {
		password = ""
	}
	ok, err := p.Hasher.Verify(ctx, password, hash)
	return ok && !nobody, err
}
