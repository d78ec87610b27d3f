package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/locale"
	"posthouse/internal/core/panel"
	"posthouse/internal/secret"
)

// OpenWebmail is a redirect into webmail (R1, titan.md 9.2).
type OpenWebmail struct {
	Token     string // slt
	Email     string // email_account
	End       []string
	Locale    string
	Address   string // the browser's
	RequestID string
}

// maxEnded bounds the sessions that one redirect ends: more are not in a cookie.
const maxEnded = 16

// OpenWebmailSession uses an auto-login token up, also when it is tried with the
// wrong address, and gives the secret for the browser's cookie. The sessions
// whose secrets are in End are logged out first. Whatever is wrong is the same
// fault.Unauthenticated.
func (s *Service) OpenWebmailSession(ctx context.Context, cmd OpenWebmail) (*Session, string, error) {
	if len(cmd.Token) != len(loginTokenPrefix)+loginTokenRandom || !strings.HasPrefix(cmd.Token, loginTokenPrefix) {
		return nil, "", errLink
	}
	hash, email := secret.Hash(cmd.Token), strings.ToLower(strings.TrimSpace(cmd.Email))
	actor := platform
	actor.Address, actor.RequestID = cmd.Address, cmd.RequestID
	// Looked up on a snapshot first: guesses cost no write.
	err := s.read(ctx, actor, func(u *unit) error {
		t, err := u.tx.LoginToken(u.ctx, hash)
		if err == nil && t == nil {
			err = errToken
		}
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	var out *Session
	var raw string
	err = s.write(ctx, actor, func(u *unit) error {
		out, raw = nil, ""
		t, err := u.tx.TakeLoginToken(u.ctx, hash)
		if err != nil || t == nil {
			return err
		}
		c, err := u.loginCandidate(t.AccountID) // enters its partner's time
		if err != nil || c == nil || !u.now.Before(t.ExpiresAt) || c.Email != email {
			return err // the token is used up
		}
		for i, old := range cmd.End {
			if i >= maxEnded {
				break
			}
			if err := u.endSession(old); err != nil {
				return err
			}
		}
		out, raw, err = u.beginSession(&WebSession{
			Kind: WebmailSession, PartnerID: c.PartnerID, AccountID: c.AccountID, OrderID: c.OrderID, Stamp: webmailStamp(c),
			Asked: panel.Asked{Section: panel.Home, Locale: locale.Match(cmd.Locale).Tag},
		})
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	if out == nil {
		return nil, "", errLink
	}
	return out, raw, nil
}
