package provision

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// GenerateResellerLogin is resellers/generate-login-token.
type GenerateResellerLogin struct {
	ResellerID int64 // 0 = the one that acts
	IP         string
}

// GenerateResellerLogin gives a token that says once whose it is: to the panels
// of those who sell here. There is no panel for resellers on this platform.
func (s *Service) GenerateResellerLogin(ctx context.Context, actor audit.Actor, cmd GenerateResellerLogin) (string, error) {
	var f fields
	address := f.address(cmd.IP)
	if f.err != nil {
		return "", f.err
	}
	raw := ""
	err := s.write(ctx, actor, func(u *unit) error {
		r, me, err := u.loginOf(cmd.ResellerID)
		if err != nil {
			return err
		}
		raw, err = u.issueTicket(me, nil, r, address, u.s.settings.LoginTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// loginOf gives a reseller that may log in, and the one that acts.
func (u *unit) loginOf(id int64) (r, me *reseller.Reseller, err error) {
	if me, err = u.self(); err != nil {
		return nil, nil, err
	}
	if r, err = u.reseller(id); err != nil {
		return nil, nil, err
	}
	active, err := u.activeChain(r)
	if err == nil && !active {
		err = errResellerSuspended
	}
	return r, me, err
}

var errResellerSuspended = fault.New(fault.Forbidden, "The reseller is suspended").WithReason("RESELLER_SUSPENDED")

var errResellerToken = fault.New(fault.Invalid, "The token is not valid").WithReason(FieldPrefix + "token")

// AuthenticateResellerToken says whose token it is, and uses it up. One of a
// reseller that the caller does not see is none, and stays.
func (s *Service) AuthenticateResellerToken(ctx context.Context, actor audit.Actor, token string) (*ResellerDetails, error) {
	var out *ResellerDetails
	err := s.write(ctx, actor, func(u *unit) error {
		out = nil
		if _, err := u.reseller(0); err != nil { // whatever the token, the caller is one
			return err
		}
		t, err := u.liveTicket(token, true)
		if err != nil {
			return err
		}
		if t == nil || t.ResellerID == 0 {
			return errResellerToken
		}
		r, _, err := u.loginOf(t.ResellerID)
		if fault.Is(err, fault.NotFound) {
			return errResellerToken
		}
		if err != nil {
			return err
		}
		if t, err = u.liveTicket(token, false); err != nil || t == nil {
			return errResellerToken
		}
		if out, err = u.resellerDetails(r); err != nil {
			return err
		}
		return u.record(r.PartnerID, "reseller.login", "reseller", r.ID, detail{"by": "token"})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// TempResellerPassword gives a password that stands in for auth-password for a
// day. The reseller's own stays.
func (s *Service) TempResellerPassword(ctx context.Context, actor audit.Actor, id int64) (string, error) {
	raw := ""
	err := s.write(ctx, actor, func(u *unit) error {
		raw = ""
		r, me, err := u.loginOf(id)
		if err != nil {
			return err
		}
		random, err := secret.Alphanumeric(u.s.random, tempResellerLen-4)
		if err != nil {
			return err
		}
		raw = random[:8] + "aA1!" + random[8:]
		if err := u.tx.InsertLoginTicket(u.ctx, &LoginTicket{
			Hash: secret.Hash(raw), Kind: TempPassword, PartnerID: r.PartnerID, IssuerID: me.ID, ResellerID: r.ID,
			CreatedAt: u.real, ExpiresAt: u.real.Add(tempResellerLife),
		}); err != nil {
			return err
		}
		return u.record(r.PartnerID, "reseller.temp_password", "reseller", r.ID, nil)
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

const (
	tempResellerLen  = 24 // of which 20 are random
	tempResellerLife = 24 * time.Hour
)

// isTempPassword reports whether a password stands in for a reseller's own now.
func (s *Service) isTempPassword(ctx context.Context, resellerID int64, password string) (bool, error) {
	if len(password) != tempResellerLen {
		return false, nil
	}
	ok := false
	err := s.read(ctx, platform, func(u *unit) error {
		t, err := u.tx.LoginTicket(u.ctx, secret.Hash(password))
		ok = t != nil && t.Kind == TempPassword && t.ResellerID == resellerID && u.real.Before(t.ExpiresAt)
		return err
	})
	return ok, err
}
