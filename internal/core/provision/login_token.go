package provision

import (
	"context"
	"time"

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

// Forget drops what is of no more use: expired tokens, sessions and carts, old
// entries of the access log, answers of requests with an idempotency key.
func (s *Service) Forget(ctx context.Context) error {
	return s.write(ctx, platform, func(u *unit) error {
		if err := u.tx.ForgetLoginTokens(u.ctx, u.now); err != nil {
			return err
		}
		// By the clock of a sandbox, which goes before the platform's, they expired even earlier.
		for _, forget := range []func(context.Context, time.Time) error{
			u.tx.ForgetPartnerTokens, u.tx.ForgetWebSessions, u.tx.ForgetCarts, u.tx.ForgetPasswordGuesses, u.tx.ForgetLoginTickets,
		} {
			if err := forget(u.ctx, u.real); err != nil {
				return err
			}
		}
		if err := u.tx.ForgetOAuthNonces(u.ctx, u.real.Add(-2*oauthWindow)); err != nil {
			return err
		}
		if err := u.tx.ForgetLoginAttempts(u.ctx, u.real.Add(-attemptLife)); err != nil {
			return err
		}
		if err := u.tx.ForgetRequests(u.ctx, u.real.Add(-requestLife)); err != nil {
			return err
		}
		if err := u.tx.ForgetPasswordTokens(u.ctx, u.now); err != nil {
			return err
		}
		if err := u.tx.ForgetHolderTokens(u.ctx, u.now.Add(-requestWindow)); err != nil { // they count mails as long
			return err
		}
		if err := u.tx.ForgetHolderRequests(u.ctx, u.real.Add(-2*requestWindow)); err != nil {
			return err
		}
		return u.tx.ForgetAccessChanges(u.ctx, u.now.Add(-u.s.settings.AccessLogLife))
	})
}
