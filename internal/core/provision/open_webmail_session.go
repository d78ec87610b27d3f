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
	email := strings.ToLower(strings.TrimSpace(cmd.Email))
	return s.openByLoginToken(ctx, cmd, func(c *LoginCandidate) bool { return c.Email == email })
}

// OpenMailbox is a redirect into webmail with a token of the BaseKit dialect
// (basekit.md 5.7), which says alone whose mailbox it is.
type OpenMailbox struct {
	Token     string // loginToken
	End       []string
	Locale    string
	Address   string // the browser's
	RequestID string
}

// OpenMailboxSession is OpenWebmailSession without an address. The tokens of the
// two ways are of different forms, and each opens nothing the other way: who
// saw one of R1 does not get in without knowing whose it is.
func (s *Service) OpenMailboxSession(ctx context.Context, cmd OpenMailbox) (*Session, string, error) {
	if len(cmd.Token) != mailboxTokenLen {
		return nil, "", errLink
	}
	return s.openByLoginToken(ctx, OpenWebmail{Token: cmd.Token, End: cmd.End, Locale: cmd.Locale, Address: cmd.Address, RequestID: cmd.RequestID},
		func(*LoginCandidate) bool { return true })
}

// openByLoginToken uses a token up, and opens a session when admit lets its
// account in.
func (s *Service) openByLoginToken(ctx context.Context, cmd OpenWebmail, admit func(*LoginCandidate) bool) (*Session, string, error) {
	hash := secret.Hash(cmd.Token)
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
		if err != nil || c == nil || !u.now.Before(t.ExpiresAt) || !admit(c) {
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
