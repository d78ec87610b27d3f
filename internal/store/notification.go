package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/notification"
)

// InsertNotification implements work.Tx. The index notification_once decides.
func (t *tx) InsertNotification(ctx context.Context, n *notification.Notification) (bool, error) {
	err := t.insert(ctx, &n.ID, `INSERT INTO notification (partner_id, event, data, digest, request_id, received_at)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		n.PartnerID, n.Event, string(n.Data), n.Digest, n.RequestID, micros(n.ReceivedAt))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Notifications implements work.Tx.
func (t *tx) Notifications(ctx context.Context, partnerID, after int64, limit int) ([]*notification.Notification, error) {
	return all(ctx, t, func(r scanner, n *notification.Notification) error {
		return r.Scan(&n.ID, &n.PartnerID, &n.Event, document{(*[]byte)(&n.Data)}, &n.Digest, &n.RequestID, instant{&n.ReceivedAt})
	}, `SELECT id, partner_id, event, data, digest, request_id, received_at FROM notification
		WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?`, partnerID, after, limit)
}

const bookingColumns = `id, partner_id, notification_id, kind, txn_id, order_id, partner_order_id, domain, customer_id,
	currency, amount, tax_amount, usd_amount, booked_at`

func scanBooking(r scanner, b *notification.Booking) error {
	return r.Scan(&b.ID, &b.PartnerID, &b.NotificationID, &b.Kind, &b.TxnID, &b.OrderID, &b.PartnerOrderID, &b.Domain,
		&b.CustomerID, &b.Currency, &b.Amount, &b.TaxAmount, &b.USDAmount, instant{&b.At})
}

// InsertBooking implements work.Tx.
func (t *tx) InsertBooking(ctx context.Context, b *notification.Booking) error {
	return t.insert(ctx, &b.ID, `INSERT INTO booking (partner_id, notification_id, kind, txn_id, order_id, partner_order_id,
		domain, customer_id, currency, amount, tax_amount, usd_amount, booked_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		b.PartnerID, b.NotificationID, b.Kind, b.TxnID, b.OrderID, b.PartnerOrderID,
		b.Domain, b.CustomerID, b.Currency, b.Amount, b.TaxAmount, b.USDAmount, micros(b.At))
}

// BookingByTxn implements work.Tx.
func (t *tx) BookingByTxn(ctx context.Context, partnerID int64, kind notification.Kind, txnID string) (*notification.Booking, error) {
	return one(t.QueryRow(ctx, "SELECT "+bookingColumns+` FROM booking
		WHERE partner_id = ? AND kind = ? AND txn_id = ? AND txn_id <> ''`, partnerID, kind, txnID), scanBooking)
}

// Bookings implements work.Tx.
func (t *tx) Bookings(ctx context.Context, partnerID, after int64, limit int) ([]*notification.Booking, error) {
	return all(ctx, t, scanBooking, "SELECT "+bookingColumns+" FROM booking WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?",
		partnerID, after, limit)
}

// ReportSetup implements work.Tx.
func (t *tx) ReportSetup(ctx context.Context, orderID int64, at time.Time) error {
	_, err := t.Exec(ctx, "INSERT INTO order_setup (order_id, reported_at) VALUES (?, ?) ON CONFLICT (order_id) DO NOTHING",
		orderID, micros(at))
	return err
}

// SetupReported implements work.Tx.
func (t *tx) SetupReported(ctx context.Context, orderID int64) (*time.Time, error) {
	return one(t.QueryRow(ctx, "SELECT reported_at FROM order_setup WHERE order_id = ?", orderID),
		func(r scanner, at *time.Time) error { return r.Scan(instant{at}) })
}
