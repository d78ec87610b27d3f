package schedule

import (
	"context"
	"time"

	"posthouse/internal/core/customers"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// Forget drops what is of no more use: expired tokens, sessions and carts, old
// entries of the access log, answers of requests with an idempotency key.
func (s *Service) Forget(ctx context.Context) error {
	return s.Write(ctx, work.AsPlatform, func(u *work.Unit) error {
		if err := u.Tx.ForgetLoginTokens(u.Ctx, u.Now); err != nil {
			return err
		}
		// By the clock of a sandbox, which goes before the platform's, they expired even earlier.
		for _, forget := range []func(context.Context, time.Time) error{
			u.Tx.ForgetPartnerTokens, u.Tx.ForgetWebSessions, u.Tx.ForgetCarts, u.Tx.ForgetPasswordGuesses, u.Tx.ForgetLoginTickets,
		} {
			if err := forget(u.Ctx, u.Real); err != nil {
				return err
			}
		}
		if err := u.Tx.ForgetOAuthNonces(u.Ctx, u.Real.Add(-2*tenancy.OauthWindow)); err != nil {
			return err
		}
		if err := u.Tx.ForgetLoginAttempts(u.Ctx, u.Real.Add(-customers.AttemptLife)); err != nil {
			return err
		}
		if err := u.Tx.ForgetRequests(u.Ctx, u.Real.Add(-tenancy.RequestLife)); err != nil {
			return err
		}
		if err := u.Tx.ForgetPasswordTokens(u.Ctx, u.Now); err != nil {
			return err
		}
		if err := u.Tx.ForgetHolderTokens(u.Ctx, u.Now.Add(-holders.RequestWindow)); err != nil { // they count mails as long
			return err
		}
		if err := u.Tx.ForgetHolderRequests(u.Ctx, u.Real.Add(-2*holders.RequestWindow)); err != nil {
			return err
		}
		return u.Tx.ForgetAccessChanges(u.Ctx, u.Now.Add(-u.Platform.Settings.AccessLogLife))
	})
}
