package provision

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
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
// tried for attemptLife.
const (
	MaxLoginAttempts = 5
	attemptLife      = 15 * time.Minute
)

// errLogin is the reason of whatever is wrong with name or password.
var errLogin = fault.New(fault.Unauthenticated, "The user name or the password is wrong").WithReason("LOGIN_FAILED")

// RefusedLogin is a failed log-in: who gets it may tell how often it may be tried.
type RefusedLogin struct {
	Remaining int
}

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
	err := s.loginCustomer(ctx, actor, cmd, func(u *unit, c *customer.Customer) (err error) {
		if out, err = u.customerDetails(c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.login", "customer", c.ID, nil)
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

// customerTokenLife is the life of what GenerateCustomerToken gives.
const customerTokenLife = 120 * time.Second

// GenerateCustomerToken checks a password as AuthenticateCustomer does.
func (s *Service) GenerateCustomerToken(ctx context.Context, actor audit.Actor, cmd GenerateCustomerToken) (string, error) {
	var f fields
	address := f.address(cmd.IP)
	if f.err != nil {
		return "", f.err
	}
	raw := ""
	err := s.loginCustomer(ctx, actor, cmd.AuthenticateCustomer, func(u *unit, c *customer.Customer) error {
		me, err := u.self()
		if err != nil {
			return err
		}
		raw, err = u.issueTicket(me, c, nil, address, customerTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// address is an IP address.
func (f *fields) address(v string) string {
	out := ""
	f.field("ip", func(f *fields) {
		a, err := netip.ParseAddr(strings.TrimSpace(v))
		if err != nil {
			f.failf("The address is not valid")
			return
		}
		out = a.WithZone("").String()
	})
	return out
}

// attempt is what there is to compare a password with.
type attempt struct {
	subject string // whose attempts are counted
	count   int
	found   *customer.Customer // nil: nobody
	hash    string             // of the password; "" = none
	temp    bool               // a temporary password is right
}

// loginCustomer runs then in the transaction of a successful log-in.
func (s *Service) loginCustomer(ctx context.Context, actor audit.Actor, cmd AuthenticateCustomer, then func(*unit, *customer.Customer) error) error {
	var try attempt
	if err := s.write(ctx, actor, func(u *unit) (err error) {
		try, err = u.beginAttempt(cmd)
		return err
	}); err != nil {
		return err
	}
	ok, err := s.verifyAttempt(ctx, &try, cmd.Password)
	if err != nil {
		return err
	}
	if !ok {
		return &RefusedLogin{Remaining: max(0, MaxLoginAttempts-try.count)}
	}
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(try.found.ID)
		if err != nil {
			return err
		}
		if c.PasswordHash != try.hash { // changed while it was compared
			return &RefusedLogin{Remaining: max(0, MaxLoginAttempts-try.count)}
		}
		if err := u.tx.DropLoginAttempts(u.ctx, try.subject); err != nil {
			return err
		}
		if err := mayOrder(c); err != nil {
			return err
		}
		return then(u, c)
	})
}

// beginAttempt counts an attempt and finds what to compare with. Attempts count
// for a customer, or for a name in vain within one reseller: nobody can bar a
// customer of somebody else's. A partner's call is about all its customers.
func (u *unit) beginAttempt(cmd AuthenticateCustomer) (attempt, error) {
	var a attempt
	within := fmt.Sprintf("partner/%d", u.actor.PartnerID)
	partnerID := u.actor.PartnerID
	if u.actor.Limit.ResellerID != 0 {
		me, err := u.reseller(0)
		if err != nil {
			return a, err
		}
		within, partnerID = strconv.FormatInt(me.ID, 10), me.PartnerID
	}
	var err error
	if a.found, err = u.findNamed(partnerID, cmd.Username); err != nil {
		return a, err
	}
	if a.found != nil {
		a.subject, a.hash = subjectOf(a.found), a.found.PasswordHash
		if a.temp, err = u.isTempPassword(a.found, cmd.Password); err != nil || a.temp {
			return a, err
		}
	} else {
		a.subject = subjectOfNobody(within, cmd.Username)
	}
	return a, u.countAttempt(&a)
}

// countAttempt counts one more of the attempt's subject.
func (u *unit) countAttempt(a *attempt) (err error) {
	since := u.real.Add(-attemptLife)
	if a.count, err = u.tx.LoginAttempts(u.ctx, a.subject, since); err != nil {
		return err
	}
	if a.count >= MaxLoginAttempts { // barred; the time goes on from the last one that was tried
		a.count++
		return nil
	}
	a.count, err = u.tx.CountLoginAttempt(u.ctx, a.subject, u.real, since)
	return err
}

func subjectOf(c *customer.Customer) string { return fmt.Sprintf("customer/%d", c.ID) }

// subjectOfNobody is bounded, whatever was sent as a name.
func subjectOfNobody(within, username string) string {
	return fmt.Sprintf("nobody/%s/%s", within, hex.EncodeToString(secret.Hash(strings.ToLower(strings.TrimSpace(username)))))
}

// isTempPassword looks the password up among the temporary ones of c, which are
// random and so need no slow hash.
func (u *unit) isTempPassword(c *customer.Customer, password string) (bool, error) {
	if len(password) != tempPasswordLen {
		return false, nil
	}
	t, err := u.tx.LoginTicket(u.ctx, secret.Hash(password))
	if t == nil || err != nil {
		return false, err
	}
	return t.Kind == TempPassword && t.CustomerID == c.ID && u.real.Before(t.ExpiresAt), nil
}

// verifyAttempt computes one hash whatever it is given, also for who is barred.
func (s *Service) verifyAttempt(ctx context.Context, a *attempt, password string) (bool, error) {
	if a.temp {
		return true, nil
	}
	hash := a.hash
	nobody := hash == "" || len(password) > maxPassword || a.count > MaxLoginAttempts
	if nobody {
		var err error
		if hash, err = s.decoyHash(ctx); err != nil {
			return false, err
		}
	}
	if len(password) > maxPassword {
		password = ""
	}
	ok, err := s.hasher.Verify(ctx, password, hash)
	return ok && !nobody, err
}
