package store

import (
	"context"
	"encoding/json"
	"time"

	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

const webSessionColumns = `hash, kind, partner_id, customer_id, order_id, account_id, key_id, stamp, asked, created_at,
	used_at, idle_at, expires_at, reseller_id, api_user_id`

func scanWebSession(row scanner, s *work.WebSession) error {
	var asked string
	if err := row.Scan(&s.Hash, &s.Kind, &s.PartnerID, &s.CustomerID, &s.OrderID, &s.AccountID, &s.KeyID, &s.Stamp, &asked,
		instant{&s.CreatedAt}, instant{&s.UsedAt}, instant{&s.IdleAt}, instant{&s.ExpiresAt}, &s.ResellerID, &s.APIUserID); err != nil {
		return err
	}
	return json.Unmarshal([]byte(asked), &s.Asked)
}

// InsertWebSession implements work.Tx.
func (t *tx) InsertWebSession(ctx context.Context, s *work.WebSession) error {
	asked, err := json.Marshal(s.Asked)
	if err != nil {
		return fault.Wrap(err)
	}
	_, err = t.Exec(ctx, "INSERT INTO web_session ("+webSessionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		s.Hash, s.Kind, s.PartnerID, s.CustomerID, s.OrderID, s.AccountID, s.KeyID, s.Stamp, string(asked),
		micros(s.CreatedAt), micros(s.UsedAt), micros(s.IdleAt), micros(s.ExpiresAt), s.ResellerID, s.APIUserID)
	return err
}

// WebSession implements work.Tx.
func (t *tx) WebSession(ctx context.Context, hash []byte) (*work.WebSession, error) {
	return one(t.QueryRow(ctx, "SELECT "+webSessionColumns+" FROM web_session WHERE hash = ?", hash), scanWebSession)
}

// TouchWebSession implements work.Tx.
func (t *tx) TouchWebSession(ctx context.Context, hash []byte, usedAt, idleAt time.Time) error {
	_, err := t.Exec(ctx, "UPDATE web_session SET used_at = ?, idle_at = ? WHERE hash = ?", micros(usedAt), micros(idleAt), hash)
	return err
}

// DeleteWebSession implements work.Tx.
func (t *tx) DeleteWebSession(ctx context.Context, hash []byte) error {
	_, err := t.Exec(ctx, "DELETE FROM web_session WHERE hash = ?", hash)
	return err
}

// DropPanelSessions implements work.Tx.
func (t *tx) DropPanelSessions(ctx context.Context, customerID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM web_session WHERE customer_id = ? AND customer_id <> 0", customerID)
	return err
}

// ForgetWebSessions implements work.Tx.
func (t *tx) ForgetWebSessions(ctx context.Context, before time.Time) error {
	if _, err := t.Exec(ctx, "DELETE FROM web_session WHERE idle_at < ?", micros(before)); err != nil {
		return err
	}
	_, err := t.Exec(ctx, "DELETE FROM web_session WHERE expires_at < ?", micros(before))
	return err
}

// InsertPartnerToken implements work.Tx.
func (t *tx) InsertPartnerToken(ctx context.Context, p *work.PartnerToken) error {
	_, err := t.Exec(ctx, "INSERT INTO partner_token (hash, partner_id, customer_id, key_id, expires_at) VALUES (?, ?, ?, ?, ?)",
		p.Hash, p.PartnerID, p.CustomerID, p.KeyID, micros(p.ExpiresAt))
	return err
}

// PartnerToken implements work.Tx.
func (t *tx) PartnerToken(ctx context.Context, hash []byte) (*work.PartnerToken, error) {
	return one(t.QueryRow(ctx, "SELECT hash, partner_id, customer_id, key_id, expires_at FROM partner_token WHERE hash = ?", hash),
		func(r scanner, p *work.PartnerToken) error {
			return r.Scan(&p.Hash, &p.PartnerID, &p.CustomerID, &p.KeyID, instant{&p.ExpiresAt})
		})
}

// ForgetPartnerTokens implements work.Tx.
func (t *tx) ForgetPartnerTokens(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM partner_token WHERE expires_at < ?", micros(before))
	return err
}
