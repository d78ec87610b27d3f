package work

import (
	"context"
	"time"

	"posthouse/internal/core/notification"
)

// NotificationTx keeps what partners report.
type NotificationTx interface {
	// InsertNotification reports false, writing nothing, when the partner has
	// one with the same digest.
	InsertNotification(ctx context.Context, n *notification.Notification) (bool, error)
	// Notifications gives a partner's with ID > after, oldest first, at most limit.
	Notifications(ctx context.Context, partnerID, after int64, limit int) ([]*notification.Notification, error)
	InsertBooking(ctx context.Context, b *notification.Booking) error
	// BookingByTxn looks a partner's booking with a transaction id up.
	BookingByTxn(ctx context.Context, partnerID int64, kind notification.Kind, txnID string) (*notification.Booking, error)
	// Bookings gives a partner's with ID > after, oldest first, at most limit.
	Bookings(ctx context.Context, partnerID, after int64, limit int) ([]*notification.Booking, error)
	// ReportSetup notes that an order's set-up is complete; the first time stays.
	ReportSetup(ctx context.Context, orderID int64, at time.Time) error
	// SetupReported gives that time, nil while nobody told.
	SetupReported(ctx context.Context, orderID int64) (*time.Time, error)
}
