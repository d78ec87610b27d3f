package ticket

import (
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
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

const LoginTokenPrefix = "1:"

const LoginTokenRandom = 32

// MailboxTokenLen makes log-in tokens of this dialect: see OpenMailboxSession.
const MailboxTokenLen = 32
