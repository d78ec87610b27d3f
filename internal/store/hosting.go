package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// JoinHosting implements work.Tx.
func (t *tx) JoinHosting(ctx context.Context, o *order.Order, a order.CPanel) error {
	_, err := t.Exec(ctx, `INSERT INTO hosting_order (order_id, partner_id, host_name, user_name) VALUES (?, ?, ?, ?)
		ON CONFLICT (order_id) DO UPDATE SET host_name = excluded.host_name, user_name = excluded.user_name`,
		o.ID, o.PartnerID, a.HostName, a.UserName)
	return err
}

// HostingOrders implements work.Tx.
func (t *tx) HostingOrders(ctx context.Context, partnerID int64, a order.CPanel) ([]*order.Order, error) {
	return t.orders(ctx, "SELECT "+orderColumns+` FROM mail_order WHERE id IN
		(SELECT order_id FROM hosting_order WHERE partner_id = ? AND host_name = ? AND user_name = ?)
		AND deleted_at IS NULL AND purged_at IS NULL ORDER BY id`, partnerID, a.HostName, a.UserName)
}

// HostingService implements work.Tx.
func (t *tx) HostingService(ctx context.Context, partnerID int64, a order.CPanel) (order.MailService, error) {
	var s order.MailService
	err := t.ScanRow(ctx, []any{&s}, `SELECT mail_service FROM hosting_service
		WHERE partner_id = ? AND host_name = ? AND user_name = ?`, partnerID, a.HostName, a.UserName)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return s, err
}

// PutHostingService implements work.Tx.
func (t *tx) PutHostingService(ctx context.Context, partnerID int64, a order.CPanel, s order.MailService, at time.Time) error {
	_, err := t.Exec(ctx, `INSERT INTO hosting_service (partner_id, host_name, user_name, mail_service, updated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (partner_id, host_name, user_name) DO UPDATE SET mail_service = excluded.mail_service, updated_at = excluded.updated_at`,
		partnerID, a.HostName, a.UserName, s, micros(at))
	return err
}

// InsertServerSync implements work.Tx.
func (t *tx) InsertServerSync(ctx context.Context, s *work.ServerSync) (bool, error) {
	err := t.insert(ctx, &s.ID, `INSERT INTO server_sync (partner_id, customer_id, server_host, requested_at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING id`, s.PartnerID, s.CustomerID, s.ServerHost, micros(s.RequestedAt))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// ServerSyncs implements work.Tx.
func (t *tx) ServerSyncs(ctx context.Context, partnerID int64) ([]*work.ServerSync, error) {
	return all(ctx, t, func(r scanner, s *work.ServerSync) error {
		return r.Scan(&s.ID, &s.PartnerID, &s.CustomerID, &s.ServerHost, instant{&s.RequestedAt})
	}, "SELECT id, partner_id, customer_id, server_host, requested_at FROM server_sync WHERE partner_id = ? ORDER BY id", partnerID)
}
