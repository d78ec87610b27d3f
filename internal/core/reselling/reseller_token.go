package reselling

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
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
	var f work.Fields
	address := f.Address(cmd.IP)
	if f.Err != nil {
		return "", f.Err
	}
	raw := ""
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		r, me, err := loginOf(u, cmd.ResellerID)
		if err != nil {
			return err
		}
		raw, err = ticket.IssueTicket(u, me, nil, r, address, u.Platform.Settings.LoginTokenLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// loginOf gives a reseller that may log in, and the one that acts.
func loginOf(u *work.Unit, id int64) (r, me *reseller.Reseller, err error) {
	if me, err = u.Self(); err != nil {
		return nil, nil, err
	}
	if r, err = u.Reseller(id); err != nil {
		return nil, nil, err
	}
	active, err := u.ActiveChain(r)
	if err == nil && !active {
		err = errResellerSuspended
	}
	return r, me, err
}

var errResellerSuspended = fault.New(fault.Forbidden, "The reseller is suspended").WithReason("RESELLER_SUSPENDED")

var errResellerToken = fault.New(fault.Invalid, "The token is not valid").WithReason(work.FieldPrefix + "token")

// AuthenticateResellerToken says whose token it is, and uses it up. One of a
// reseller that the caller does not see is none, and stays.
func (s *Service) AuthenticateResellerToken(ctx context.Context, actor audit.Actor, token string) (*ResellerDetails, error) {
	var out *ResellerDetails
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		if _, err := u.Reseller(0); err != nil { // whatever the token, the caller is one
			return err
		}
		t, err := ticket.LiveTicket(u, token, true)
		if err != nil {
			return err
		}
		if t == nil || t.ResellerID == 0 {
			return errResellerToken
		}
		r, _, err := loginOf(u, t.ResellerID)
		if fault.Is(err, fault.NotFound) {
			return errResellerToken
		}
		if err != nil {
			return err
		}
		if t, err = ticket.LiveTicket(u, token, false); err != nil || t == nil {
			return errResellerToken
		}
		if out, err = resellerDetails(u, r); err != nil {
			return err
		}
		return u.Record(r.PartnerID, "reseller.login", "reseller", r.ID, work.Detail{"by": "token"})
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
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		raw = ""
		r, me, err := loginOf(u, id)
		if err != nil {
			return err
		}
		random, err := secret.Alphanumeric(u.Platform.Random, tempResellerLen-4)
		if err != nil {
			return err
		}
		raw = random[:8] + "aA1!" + random[8:]
		if err := u.Tx.InsertLoginTicket(u.Ctx, &work.LoginTicket{
			Hash: secret.Hash(raw), Kind: work.TempPassword, PartnerID: r.PartnerID, IssuerID: me.ID, ResellerID: r.ID,
			CreatedAt: u.Real, ExpiresAt: u.Real.Add(tempResellerLife),
		}); err != nil {
			return err
		}
		return u.Record(r.PartnerID, "reseller.temp_password", "reseller", r.ID, nil)
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
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		t, err := u.Tx.LoginTicket(u.Ctx, secret.Hash(password))
		ok = t != nil && t.Kind == work.TempPassword && t.ResellerID == resellerID && u.Real.Before(t.ExpiresAt)
		return err
	})
	return ok, err
}
