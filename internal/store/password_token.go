package store

import (
	"context"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
)

// PutPasswordToken implements work.Tx.
func (t *tx) PutPasswordToken(ctx context.Context, p *work.PasswordToken) error {
	_, err := t.Exec(ctx, `INSERT INTO password_token (account_id, customer_id, partner_id, reseller_id, locale, hash, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, customer_id) DO UPDATE SET partner_id = excluded.partner_id,
		reseller_id = excluded.reseller_id, locale = excluded.locale, hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at`,
		p.AccountID, p.CustomerID, p.PartnerID, p.ResellerID, p.Locale, p.Hash, micros(p.CreatedAt), micros(p.ExpiresAt))
	return err
}

// PasswordToken implements work.Tx.
func (t *tx) PasswordToken(ctx context.Context, hash []byte) (*work.PasswordToken, error) {
	return one(t.QueryRow(ctx, `SELECT account_id, customer_id, partner_id, reseller_id, locale, hash, created_at, expires_at
		FROM password_token WHERE hash = ?`, hash), func(r scanner, p *work.PasswordToken) error {
		return r.Scan(&p.AccountID, &p.CustomerID, &p.PartnerID, &p.ResellerID, &p.Locale, &p.Hash, instant{&p.CreatedAt}, instant{&p.ExpiresAt})
	})
}

// DropPasswordToken implements work.Tx.
func (t *tx) DropPasswordToken(ctx context.Context, accountID, customerID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM password_token WHERE account_id = ? AND customer_id = ?", accountID, customerID)
	return err
}

// ForgetPasswordTokens implements work.Tx.
func (t *tx) ForgetPasswordTokens(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM password_token WHERE expires_at < ?", micros(before))
	return err
}

// CustomersByEmail implements work.Tx.
func (t *tx) CustomersByEmail(ctx context.Context, partnerID int64, email string, limit int) ([]*customer.Customer, error) {
	return all(ctx, t, scanCustomer, "SELECT "+customerColumns+` FROM customer WHERE LOWER(email) = LOWER(?) AND (partner_id = ? OR ? = 0)
		ORDER BY id LIMIT ?`, email, partnerID, partnerID, limit)
}
