package ticket

import (
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
)

// A log-in token of a mailbox is LoginTokenPrefix and as many random characters as
// LoginTokenRandom says (T-43); one of the BaseKit dialect is MailboxTokenLen
// random characters.
const (
	LoginTokenPrefix = "1:"
	LoginTokenRandom = 32
	MailboxTokenLen  = 32
)

// IssueLoginToken makes an auto-login token: single use, short-lived, kept by
// hash only (T-43).
func IssueLoginToken(u *work.Unit, accountID int64) (string, error) {
	r, err := secret.Alphanumeric(u.Platform.Random, LoginTokenRandom)
	if err != nil {
		return "", err
	}
	token := LoginTokenPrefix + r
	return token, u.Tx.InsertLoginToken(u.Ctx, work.LoginToken{
		Hash: secret.Hash(token), AccountID: accountID, ExpiresAt: u.Now.Add(u.Platform.Settings.LoginTokenLife),
	})
}
