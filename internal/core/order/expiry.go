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

// Step is what the platform does to an order by itself.
type Step string

// The steps, in their order; "" is none.
const (
	StepNone    Step = ""
	StepSuspend Step = "suspend"
	StepDelete  Step = "delete"
	StepPurge   Step = "purge"
)

// NextDue is the next step that nobody need ask for, and when it falls due. An
// expiry date has followers only where the platform bills and the order is in
// service: partners suspend their own (T-14). A cancelled order goes at its end,
// whoever bills. Who brings a deleted order back
// has the time until the deletion once more to renew it.
func (o *Order) NextDue(s Spans) (Step, time.Time) {
	switch {
	case o.PurgedAt != nil:
		return StepNone, time.Time{}
	case o.PurgeBegunAt != nil:
		return StepPurge, *o.PurgeBegunAt
	case o.DeletedAt != nil && o.PurgeAt != nil:
		return StepPurge, *o.PurgeAt
	case o.DeletedAt != nil, o.PendingPayment, o.ExpiresAt == nil:
		return StepNone, time.Time{}
	case o.Cancelled:
		return StepDelete, *o.ExpiresAt
	case o.BillingOwner != partner.BilledByPlatform:
		return StepNone, time.Time{}
	}
	remove := o.ExpiresAt.Add(s.ToDeletion)
	if o.ReactivatedAt != nil && o.ReactivatedAt.After(*o.ExpiresAt) {
		remove = o.ReactivatedAt.Add(s.ToDeletion)
	}
	if suspend := o.ExpiresAt.Add(s.ToSuspension); !o.suspendedForExpiry() && !suspend.After(remove) {
		return StepSuspend, suspend
	}
	return StepDelete, remove
}

func (o *Order) suspendedForExpiry() bool {
	for _, m := range o.Suspensions {
		if m.Type == suspension.TypeExpiry && m.Role == suspension.RoleTitan {
			return true
		}
	}
	return false
}

// renewedBefore is how long before its end an order is renewed by itself.
const renewedBefore = 24 * time.Hour

// RenewsAt is when the order is renewed by itself (resellerclub.md R-26); nil = never.
func (o *Order) RenewsAt() *time.Time {
	if !o.AutoRenew || !o.Live() || o.PendingPayment || o.ExpiresAt == nil || o.BillingOwner != partner.BilledByPlatform {
		return nil
	}
	at := o.ExpiresAt.Add(-renewedBefore)
	return &at
}
