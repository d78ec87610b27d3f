package ticket

import (
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
)

// PasswordTokenLen is 238 bits: nobody tries them all in a day.
const PasswordTokenLen = 40

// IssuePasswordToken makes the token of an account or customer of o's partner.
func IssuePasswordToken(u *work.Unit, o *order.Order, t work.PasswordToken) (string, error) {
	t.PartnerID, t.ResellerID = o.PartnerID, work.ResellerOf(o)
	return PutPasswordToken(u, t)
}

// PutPasswordToken completes and keeps a token, and gives its raw form.
func PutPasswordToken(u *work.Unit, t work.PasswordToken) (string, error) {
	token, err := secret.Alphanumeric(u.Platform.Random, PasswordTokenLen)
	if err != nil {
		return "", err
	}
	if err := u.Enter(t.PartnerID); err != nil {
		return "", err
	}
	t.Hash = secret.Hash(token)
	t.CreatedAt, t.ExpiresAt = u.Now, u.Now.Add(u.Platform.Settings.PasswordTokenLife)
	return token, u.Tx.PutPasswordToken(u.Ctx, &t)
}
