package imapd

import (
	"context"
	"io"
	"net/netip"
	"time"

	"posthouse/internal/mail/login"
	"posthouse/internal/mailstore"
)

// FromStore is the mail store as this door sees it.
func FromStore(s *mailstore.Store) Mail { return storeMail{s} }

type storeMail struct{ *mailstore.Store }

// Contents implements Mail.
func (m storeMail) Contents(ctx context.Context, accountID int64, entries []mailstore.Entry, fn func(int, Content) error) error {
	return m.Store.Contents(ctx, accountID, entries, func(i int, c *mailstore.Content) error {
		if c == nil {
			return fn(i, nil)
		}
		return fn(i, c)
	})
}

// Append implements Mail.
func (m storeMail) Append(ctx context.Context, folderID int64, r io.Reader, flags mailstore.Flags, internalDate time.Time) (uid, uidValidity uint32, err error) {
	stored, err := m.Put(ctx, r)
	if err != nil {
		return 0, 0, err
	}
	return m.Store.Append(ctx, folderID, stored, flags, internalDate)
}

// FromLogin is the login service as this door sees it.
func FromLogin(s *login.Service) Login { return serviceLogin{s} }

type serviceLogin struct{ s *login.Service }

// Login implements Login.
func (l serviceLogin) Login(ctx context.Context, email, password string, remote netip.Addr) (Account, error) {
	ss, err := l.s.Login(ctx, login.Attempt{Email: email, Password: password, Remote: remote, Protocol: "imap"})
	if err != nil {
		return Account{}, err
	}
	return Account{ID: ss.AccountID, Email: ss.Email, Revoked: ss.Revoked(), Close: ss.Close}, nil
}

var (
	_ Mail  = storeMail{}
	_ Login = serviceLogin{}
)
