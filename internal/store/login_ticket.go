package store

import (
	"context"
	"time"

	"posthouse/internal/core/work"
)

const loginTicketColumns = "hash, kind, partner_id, issuer_id, customer_id, reseller_id, created_at, expires_at, api_user_id"

func scanLoginTicket(r scanner, l *work.LoginTicket) error {
	return r.Scan(&l.Hash, &l.Kind, &l.PartnerID, &l.IssuerID, &l.CustomerID, &l.ResellerID, instant{&l.CreatedAt}, instant{&l.ExpiresAt}, &l.APIUserID)
}

// InsertLoginTicket implements work.Tx.
func (t *tx) InsertLoginTicket(ctx context.Context, l *work.LoginTicket) error {
	_, err := t.Exec(ctx, "INSERT INTO login_ticket ("+loginTicketColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		l.Hash, l.Kind, l.PartnerID, l.IssuerID, l.CustomerID, l.ResellerID, micros(l.CreatedAt), micros(l.ExpiresAt), l.APIUserID)
	return err
}

// LoginTicket implements work.Tx.
func (t *tx) LoginTicket(ctx context.Context, hash []byte) (*work.LoginTicket, error) {
	return one(t.QueryRow(ctx, "SELECT "+loginTicketColumns+" FROM login_ticket WHERE hash = ?", hash), scanLoginTicket)
}

// TakeLoginTicket implements work.Tx.
func (t *tx) TakeLoginTicket(ctx context.Context, hash []byte) (*work.LoginTicket, error) {
	return one(t.QueryRow(ctx, "DELETE FROM login_ticket WHERE hash = ? RETURNING "+loginTicketColumns, hash), scanLoginTicket)
}

// LoginTicketsOf implements work.Tx.
func (t *tx) LoginTicketsOf(ctx context.Context, customerID int64) ([]*work.LoginTicket, error) {
	return all(ctx, t, scanLoginTicket, "SELECT "+loginTicketColumns+" FROM login_ticket WHERE customer_id = ? AND customer_id <> 0 ORDER BY created_at, hash", customerID)
}

// DropLoginTickets implements work.Tx.
func (t *tx) DropLoginTickets(ctx context.Context, customerID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM login_ticket WHERE customer_id = ? AND customer_id <> 0", customerID)
	return err
}

// DropResellerTickets implements work.Tx.
func (t *tx) DropResellerTickets(ctx context.Context, resellerID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM login_ticket WHERE reseller_id = ? AND reseller_id <> 0", resellerID)
	return err
}

// ForgetLoginTickets implements work.Tx.
func (t *tx) ForgetLoginTickets(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM login_ticket WHERE expires_at < ?", micros(before))
	return err
}

// CountLoginAttempt implements work.Tx.
func (t *tx) CountLoginAttempt(ctx context.Context, subject string, at, since time.Time) (int, error) {
	var n int
	return n, t.ScanRow(ctx, []any{&n}, `INSERT INTO login_attempt (subject, attempts, last_at) VALUES (?, 1, ?)
		ON CONFLICT (subject) DO UPDATE SET attempts = CASE WHEN login_attempt.last_at < ? THEN 1 ELSE login_attempt.attempts + 1 END,
		last_at = excluded.last_at RETURNING attempts`, subject, micros(at), micros(since))
}

// LoginAttempts implements work.Tx.
func (t *tx) LoginAttempts(ctx context.Context, subject string, since time.Time) (int, error) {
	n, err := one(t.QueryRow(ctx, "SELECT attempts FROM login_attempt WHERE subject = ? AND last_at >= ?", subject, micros(since)),
		func(r scanner, n *int) error { return r.Scan(n) })
	if n == nil {
		return 0, err
	}
	return *n, err
}

// DropLoginAttempts implements work.Tx.
func (t *tx) DropLoginAttempts(ctx context.Context, subject string) error {
	_, err := t.Exec(ctx, "DELETE FROM login_attempt WHERE subject = ?", subject)
	return err
}

// ForgetLoginAttempts implements work.Tx.
func (t *tx) ForgetLoginAttempts(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM login_attempt WHERE last_at < ?", micros(before))
	return err
}
