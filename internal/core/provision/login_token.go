package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/suspension"
	"posthouse/internal/secret"
)

// loginTokenPrefix and loginTokenRandom are the form of T-43.
const (
	loginTokenPrefix = "1:"
	loginTokenRandom = 32
)

// issueLoginToken makes an auto-login token: single use, short-lived, kept by
// hash only (T-43).
func (u *unit) issueLoginToken(accountID int64) (string, error) {
	r, err := secret.Alphanumeric(u.s.random, loginTokenRandom)
	if err != nil {
		return "", err
	}
	token := loginTokenPrefix + r
	return token, u.tx.InsertLoginToken(u.ctx, LoginToken{
		Hash: secret.Hash(token), AccountID: accountID, ExpiresAt: u.now.Add(u.s.settings.LoginTokenLife),
	})
}

// platform is the actor of what the platform does for somebody who only now
// becomes known.
var platform = audit.Actor{Role: suspension.RoleTitan, Name: "platform"}

// RedeemLoginToken uses a token up and gives the account that it logs in. A
// token that is tried with the wrong address is used up as well.
func (s *Service) RedeemLoginToken(ctx context.Context, token, email string) (*LoginCandidate, error) {
	if len(token) != len(loginTokenPrefix)+loginTokenRandom || !strings.HasPrefix(token, loginTokenPrefix) {
		return nil, errToken
	}
	email = strings.ToLower(strings.TrimSpace(email))
	var out *LoginCandidate
	err := s.write(ctx, platform, func(u *unit) error {
		out = nil
		t, err := u.tx.TakeLoginToken(u.ctx, secret.Hash(token))
		if err != nil || t == nil {
			return err
		}
		c, err := u.loginCandidate(t.AccountID) // enters its partner's time
		if !u.now.Before(t.ExpiresAt) {
			return err
		}
		if err == nil && c != nil && c.Email == email {
			out = c
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if out == nil {
		return nil, errToken
	}
	return out, nil
}

// Forget drops what is of no more use: expired tokens, old entries of the access
// log, answers of requests with an idempotency key.
func (s *Service) Forget(ctx context.Context) error {
	return s.write(ctx, platform, func(u *unit) error {
		if err := u.tx.ForgetLoginTokens(u.ctx, u.now); err != nil {
			return err
		}
		if err := u.tx.ForgetRequests(u.ctx, u.real.Add(-requestLife)); err != nil {
			return err
		}
		if err := u.tx.ForgetPasswordTokens(u.ctx, u.now); err != nil {
			return err
		}
		return u.tx.ForgetAccessChanges(u.ctx, u.now.Add(-u.s.settings.AccessLogLife))
	})
}
