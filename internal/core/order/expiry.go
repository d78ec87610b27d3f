package order

import (
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
)

// Spans are the times that pass from an expiry date to what follows it (T-13).
type Spans struct {
	ToSuspension time.Duration
	ToDeletion   time.Duration
}

// Due says what has fallen due at now for an order whose date has come and that
// nobody renewed. Only orders that the platform bills and that are in service
// are concerned: partners suspend their own (T-14).
func (o *Order) Due(now time.Time, s Spans) (suspend, remove bool) {
	if o.BillingOwner != partner.BilledByPlatform || o.ExpiresAt == nil || !o.Live() || o.PendingPayment {
		return false, false
	}
	remove = !now.Before(o.ExpiresAt.Add(s.ToDeletion))
	if now.Before(o.ExpiresAt.Add(s.ToSuspension)) {
		return false, remove
	}
	for _, m := range o.Suspensions {
		if m.Type == suspension.TypeExpiry && m.Role == suspension.RoleTitan {
			return false, remove
		}
	}
	return true, remove
}
