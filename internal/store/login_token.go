package store

import (
	"context"
	"time"

	"posthouse/internal/core/work"
)

// InsertLoginToken implements work.Tx.
func (t *tx) InsertLoginToken(ctx context.Context, l work.LoginToken) error {
	_, err := t.Exec(ctx, "INSERT INTO login_token (hash, account_id, expires_at) VALUES (?, ?, ?)",
		l.Hash, l.AccountID, micros(l.ExpiresAt))
	return err
}

// LoginToken implements work.Tx.
func (t *tx) LoginToken(ctx context.Context, hash []byte) (*work.LoginToken, error) {
	return one(t.QueryRow(ctx, "SELECT hash, account_id, expires_at FROM login_token WHERE hash = ?", hash), scanLoginToken)
}

func scanLoginToken(r scanner, l *work.LoginToken) error {
	return r.Scan(&l.Hash, &l.AccountID, instant{&l.ExpiresAt})
}

// TakeLoginToken implements work.Tx.
func (t *tx) TakeLoginToken(ctx context.Context, hash []byte) (*work.LoginToken, error) {
	return one(t.QueryRow(ctx, "DELETE FROM login_token WHERE hash = ? RETURNING hash, account_id, expires_at", hash), scanLoginToken)
}

// ForgetLoginTokens implements work.Tx.
func (t *tx) ForgetLoginTokens(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM login_token WHERE expires_at < ?", micros(before))
	return err
}
