package signin

import (
	"context"
	"strings"

	"posthouse/internal/core/locale"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
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
	if len(cmd.Token) != len(ticket.LoginTokenPrefix)+ticket.LoginTokenRandom || !strings.HasPrefix(cmd.Token, ticket.LoginTokenPrefix) {
		return nil, "", errLink
	}
	email := strings.ToLower(strings.TrimSpace(cmd.Email))
	return s.openByLoginToken(ctx, cmd, func(c *routing.LoginCandidate) bool { return c.Email == email })
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
	if len(cmd.Token) != ticket.MailboxTokenLen {
		return nil, "", errLink
	}
	return s.openByLoginToken(ctx, OpenWebmail{Token: cmd.Token, End: cmd.End, Locale: cmd.Locale, Address: cmd.Address, RequestID: cmd.RequestID},
		func(*routing.LoginCandidate) bool { return true })
}

// openByLoginToken uses a token up, and opens a session when admit lets its
// account in.
func (s *Service) openByLoginToken(ctx context.Context, cmd OpenWebmail, admit func(*routing.LoginCandidate) bool) (*Session, string, error) {
	hash := secret.Hash(cmd.Token)
	actor := work.AsPlatform
	actor.Address, actor.RequestID = cmd.Address, cmd.RequestID
	// Looked up on a snapshot first: guesses cost no write.
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		t, err := u.Tx.LoginToken(u.Ctx, hash)
		if err == nil && t == nil {
			err = work.ErrToken
		}
		return err
	})
	if err != nil {
		return nil, "", refusedLink(err)
	}
	var out *Session
	var raw string
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		out, raw = nil, ""
		t, err := u.Tx.TakeLoginToken(u.Ctx, hash)
		if err != nil || t == nil {
			return err
		}
		c, err := routing.FindCandidate(u, t.AccountID) // enters its partner's time
		if err != nil || c == nil || !u.Now.Before(t.ExpiresAt) || !admit(c) {
			return err // the token is used up
		}
		for i, old := range cmd.End {
			if i >= maxEnded {
				break
			}
			if err := endSession(u, old); err != nil {
				return err
			}
		}
		out, raw, err = beginSession(u, &work.WebSession{
			Kind: work.WebmailSession, PartnerID: c.PartnerID, AccountID: c.AccountID, OrderID: c.OrderID, Stamp: webmailStamp(c),
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
