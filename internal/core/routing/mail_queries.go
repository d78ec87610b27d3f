package routing

import (
	"context"
	"strconv"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/work"
	"posthouse/internal/mailaddr"
)

// LoginCandidate is an account that may log in now.
type LoginCandidate struct {
	AccountID    int64
	OrderID      int64
	PartnerID    int64
	Email        string
	PasswordHash string // "" = no password can match
	SessionEpoch int64  // see Stamp
	MaySend      bool   // false: mail services are denied (non-serviceable order)
}

// Stamp changes when what is open or remembered of the account's log-ins is to
// end: with the password, and with ClearEmailSessions.
func (c *LoginCandidate) Stamp() string {
	if c.SessionEpoch == 0 {
		return c.PasswordHash
	}
	return c.PasswordHash + " " + strconv.FormatInt(c.SessionEpoch, 10)
}

// Sender is what an account may send as.
type Sender struct {
	AccountID int64
	OrderID   int64
	PartnerID int64
	Domain    string
	Name      string
	Addresses []string // own address first, then held aliases
	Sandbox   bool
	MaySend   bool
}

// Routing is how mail from inside to a domain is to be routed (T-51).
type Routing struct {
	Served    bool // a serviceable order in service exists
	Proven    bool // its ownership is proven, and not in a sandbox: deliver here, else ask the domain's MX
	Sandbox   bool
	OrderID   int64
	PartnerID int64
}

// LoginCandidates gives the accounts with that address that may log in now.
// There can be several: in non-serviceable orders of the domain one can log in
// too (7.2). The caller tries the password on each.
func (s *Service) LoginCandidates(ctx context.Context, email string) ([]LoginCandidate, error) {
	a, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return nil, nil // what can't be an address is nobody's
	}
	var out []LoginCandidate
	err = s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		out = nil
		accounts, err := u.Tx.AccountsByEmail(u.Ctx, a.Key(), a.Domain)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			c, err := candidate(u, a)
			if err != nil {
				return err
			}
			if c != nil {
				out = append(out, *c)
			}
		}
		return nil
	})
	return out, err
}

// LoginAccount gives one account if it may log in now, nil if not.
func (s *Service) LoginAccount(ctx context.Context, accountID int64) (*LoginCandidate, error) {
	var out *LoginCandidate
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		out, err = FindCandidate(u, accountID)
		return err
	})
	return out, err
}

// FindCandidate gives nil for an account that is not there or may not log in now.
func FindCandidate(u *work.Unit, accountID int64) (*LoginCandidate, error) {
	a, err := u.Tx.Account(u.Ctx, accountID)
	if a == nil || err != nil {
		return nil, err
	}
	return candidate(u, a)
}

// candidate gives nil for an account that may not log in now (T-16).
func candidate(u *work.Unit, a *account.Account) (*LoginCandidate, error) {
	if err := u.Enter(a.PartnerID); err != nil {
		return nil, err
	}
	if a.Status(u.Now) != account.Active {
		return nil, nil
	}
	o, err := u.Tx.Order(u.Ctx, a.OrderID)
	if err != nil || o == nil || !o.AllowsLogin(u.Now) {
		return nil, err
	}
	return &LoginCandidate{
		AccountID: a.ID, OrderID: o.ID, PartnerID: o.PartnerID, Email: a.Email(), PasswordHash: a.PasswordHash, SessionEpoch: a.SessionEpoch, MaySend: o.MaySend(u.Now),
	}, nil
}

// Sender says what an account may send as. An account that is gone is fault.AccountNotFound.
func (s *Service) Sender(ctx context.Context, accountID int64) (*Sender, error) {
	var out *Sender
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		a, err := u.Tx.Account(u.Ctx, accountID)
		if err != nil {
			return err
		}
		if a == nil || !a.Live() {
			return work.ErrAccount
		}
		o, err := u.Tx.Order(u.Ctx, a.OrderID)
		if err != nil {
			return err
		}
		if o == nil || !o.Live() {
			return work.ErrAccount
		}
		if err := u.Enter(o.PartnerID); err != nil {
			return err
		}
		p, err := u.Partner(o.PartnerID)
		if err != nil {
			return err
		}
		out = &Sender{
			AccountID: a.ID, OrderID: o.ID, PartnerID: o.PartnerID, Domain: o.Domain, Name: a.Name, Sandbox: p.Sandbox,
			Addresses: append([]string{a.Email()}, a.HeldAliases()...),
			MaySend:   a.Status(u.Now) == account.Active && o.MaySend(u.Now),
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SenderAddresses gives the addresses that an account may send as now: its own
// and its aliases. fault.Forbidden when it may not send.
func (s *Service) SenderAddresses(ctx context.Context, accountID int64) ([]string, error) {
	snd, err := s.Sender(ctx, accountID)
	if err != nil {
		return nil, err
	}
	if !snd.MaySend {
		return nil, work.ErrMayNotSend
	}
	return snd.Addresses, nil
}

// DomainRouting says how mail from inside to a domain goes (T-51).
func (s *Service) DomainRouting(ctx context.Context, domain string) (*Routing, error) {
	domain = strings.ToLower(domain)
	out := &Routing{}
	if !work.Storable(domain) {
		return out, nil
	}
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		out = &Routing{}
		o, err := orderAt(u, domain)
		if err != nil || o == nil || !o.InService() {
			return err
		}
		p, err := u.Partner(o.PartnerID)
		if err != nil {
			return err
		}
		out = &Routing{Served: true, Proven: o.ProvenAt != nil && o.Domain == domain && !p.Sandbox, Sandbox: p.Sandbox, OrderID: o.ID, PartnerID: o.PartnerID}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AccessChangesAfter gives the log of what must be looked at again, for the
// login package.
func (s *Service) AccessChangesAfter(ctx context.Context, after int64, limit int) ([]work.AccessChange, error) {
	var out []work.AccessChange
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		out, err = u.Tx.AccessChangesAfter(u.Ctx, after, limit)
		return err
	})
	return out, err
}

// LastAccessChange is the greatest ID of that log.
func (s *Service) LastAccessChange(ctx context.Context) (int64, error) {
	var out int64
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		out, err = u.Tx.LastAccessChange(u.Ctx)
		return err
	})
	return out, err
}
