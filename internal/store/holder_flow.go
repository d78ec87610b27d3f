package store

import (
	"context"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
)

// InsertHolderRequest implements work.Tx.
func (t *tx) InsertHolderRequest(ctx context.Context, r *work.HolderRequest) error {
	return t.insert(ctx, &r.ID, `INSERT INTO holder_request (partner_id, username, email, link, request_id, done, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, r.PartnerID, r.Username, r.Email, r.Link, r.RequestID, r.Done, micros(r.CreatedAt))
}

// HolderRequest implements work.Tx.
func (t *tx) HolderRequest(ctx context.Context, id int64) (*work.HolderRequest, error) {
	return one(t.QueryRow(ctx, "SELECT id, partner_id, username, email, link, request_id, done, created_at FROM holder_request WHERE id = ?", id),
		func(s scanner, r *work.HolderRequest) error {
			return s.Scan(&r.ID, &r.PartnerID, &r.Username, &r.Email, &r.Link, &r.RequestID, &r.Done, instant{&r.CreatedAt})
		})
}

// EndHolderRequest implements work.Tx.
func (t *tx) EndHolderRequest(ctx context.Context, id int64) error {
	return t.update(ctx, "UPDATE holder_request SET done = TRUE WHERE id = ?", id)
}

// CountHolderRequests implements work.Tx.
func (t *tx) CountHolderRequests(ctx context.Context, r *work.HolderRequest, since time.Time, limit int) (named, all int, err error) {
	err = t.ScanRow(ctx, []any{&named, &all}, `SELECT
		(SELECT COUNT(*) FROM (SELECT 1 FROM holder_request WHERE partner_id = ? AND username = ? AND email = ? AND created_at > ? LIMIT ?) AS named),
		(SELECT COUNT(*) FROM (SELECT 1 FROM holder_request WHERE partner_id = ? AND created_at > ? LIMIT ?) AS every)`,
		r.PartnerID, r.Username, r.Email, micros(since), limit, r.PartnerID, micros(since), limit)
	return named, all, err
}

// ForgetHolderRequests implements work.Tx.
func (t *tx) ForgetHolderRequests(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM holder_request WHERE created_at < ?", micros(before))
	return err
}

const holderTokenColumns = "customer_id, purpose, partner_id, email, hash, mails, counted_from, expires_at"

func scanHolderToken(r scanner, h *work.HolderToken) error {
	return r.Scan(&h.CustomerID, &h.Purpose, &h.PartnerID, &h.Email, &h.Hash, &h.Mails, instant{&h.CountedFrom}, instant{&h.ExpiresAt})
}

// PutHolderToken implements work.Tx.
func (t *tx) PutHolderToken(ctx context.Context, h *work.HolderToken) error {
	_, err := t.Exec(ctx, "INSERT INTO holder_token ("+holderTokenColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (customer_id, purpose) DO UPDATE SET partner_id = excluded.partner_id, email = excluded.email, hash = excluded.hash,
		mails = excluded.mails, counted_from = excluded.counted_from, expires_at = excluded.expires_at`,
		h.CustomerID, h.Purpose, h.PartnerID, h.Email, h.Hash, h.Mails, micros(h.CountedFrom), micros(h.ExpiresAt))
	return err
}

// HolderToken implements work.Tx.
func (t *tx) HolderToken(ctx context.Context, customerID int64, p work.HolderPurpose) (*work.HolderToken, error) {
	return one(t.QueryRow(ctx, "SELECT "+holderTokenColumns+" FROM holder_token WHERE customer_id = ? AND purpose = ?", customerID, p), scanHolderToken)
}

// HolderTokenByHash implements work.Tx.
func (t *tx) HolderTokenByHash(ctx context.Context, hash []byte) (*work.HolderToken, error) {
	return one(t.QueryRow(ctx, "SELECT "+holderTokenColumns+" FROM holder_token WHERE hash = ? AND email <> ''", hash), scanHolderToken)
}

// DropHolderTokens implements work.Tx. A token without an address is of nobody's.
func (t *tx) DropHolderTokens(ctx context.Context, customerID int64, p work.HolderPurpose) error {
	_, err := t.Exec(ctx, "UPDATE holder_token SET email = '', expires_at = counted_from WHERE customer_id = ? AND (purpose = ? OR ? = '')", customerID, p, p)
	return err
}

// ForgetHolderTokens implements work.Tx.
func (t *tx) ForgetHolderTokens(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM holder_token WHERE expires_at < ?", micros(before))
	return err
}

const holderProfileColumns = "id, partner_id, customer_id, fields, created_at, updated_at"

func scanHolderProfile(r scanner, p *customer.Profile) error {
	return r.Scan(&p.ID, &p.PartnerID, &p.CustomerID, fromJSON{&p.Fields}, instant{&p.CreatedAt}, instant{&p.UpdatedAt})
}

// InsertHolderProfile implements work.Tx.
func (t *tx) InsertHolderProfile(ctx context.Context, p *customer.Profile) error {
	fields, err := toJSON(p.Fields)
	if err != nil {
		return err
	}
	return t.insert(ctx, &p.ID, "INSERT INTO holder_profile (partner_id, customer_id, fields, created_at, updated_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
		p.PartnerID, p.CustomerID, fields, micros(p.CreatedAt), micros(p.UpdatedAt))
}

// UpdateHolderProfile implements work.Tx.
func (t *tx) UpdateHolderProfile(ctx context.Context, p *customer.Profile) error {
	fields, err := toJSON(p.Fields)
	if err != nil {
		return err
	}
	return t.update(ctx, "UPDATE holder_profile SET fields = ?, updated_at = ? WHERE id = ?", fields, micros(p.UpdatedAt), p.ID)
}

// HolderProfile implements work.Tx.
func (t *tx) HolderProfile(ctx context.Context, id int64) (*customer.Profile, error) {
	return one(t.QueryRow(ctx, "SELECT "+holderProfileColumns+" FROM holder_profile WHERE id = ?", id), scanHolderProfile)
}

// HolderProfiles implements work.Tx.
func (t *tx) HolderProfiles(ctx context.Context, customerID int64) ([]*customer.Profile, error) {
	return all(ctx, t, scanHolderProfile, "SELECT "+holderProfileColumns+" FROM holder_profile WHERE customer_id = ? ORDER BY id", customerID)
}

// DeleteHolderProfile implements work.Tx.
func (t *tx) DeleteHolderProfile(ctx context.Context, id int64) error {
	_, err := t.Exec(ctx, "DELETE FROM holder_profile WHERE id = ?", id)
	return err
}

// DeleteHolderProfiles implements work.Tx.
func (t *tx) DeleteHolderProfiles(ctx context.Context, customerID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM holder_profile WHERE customer_id = ?", customerID)
	return err
}
