package order

import "time"

// Status is what an API shows at now. A pending order stays pending while it is
// suspended: it is not in service anyway, and the suspensions count once it is.
// From PurgeAt on an order is purged even if its data is still to be destroyed:
// it can't be reactivated any more (titan.md section 7.1).
func (o *Order) Status(now time.Time) Status {
	switch {
	case o.PurgedAt != nil, o.PurgeBegunAt != nil, o.DeletedAt != nil && o.PurgeAt != nil && !now.Before(*o.PurgeAt):
		return Purged
	case o.DeletedAt != nil:
		return Deleted
	case o.PendingPayment:
		return Pending
	case len(o.Suspensions) > 0:
		return Suspended
	}
	return Active
}

// Live reports whether the order is neither deleted nor purged.
func (o *Order) Live() bool { return o.DeletedAt == nil && o.PurgedAt == nil }

// InService reports whether its domain is served here: it is the one serviceable
// order of its domain, bought, and its mail service is ours (7.2, T-12).
func (o *Order) InService() bool {
	return o.Live() && !o.PendingPayment && o.Serviceable && o.MailService != ServiceLocal
}

// AcceptsMail reports whether mail from outside may come in: in service and not
// stopped for abuse (T-16).
func (o *Order) AcceptsMail() bool { return o.InService() && !o.Suspensions.RefusesInbound() }

// AllowsLogin reports whether its accounts may log in: serviceable or not (7.2),
// but not suspended by whatever type (T-16).
func (o *Order) AllowsLogin(now time.Time) bool { return o.Status(now) == Active }

// MaySend reports whether its accounts may submit mail.
func (o *Order) MaySend(now time.Time) bool {
	return o.AllowsLogin(now) && o.InService()
}

// Renews reports whether an expiry date that arrives at now is a renewal:
// whatever the caller says, the date decides (7.1).
func Renews(expiry, now time.Time) bool { return expiry.After(now) }

// Delete starts the time until the purge. The date of an order that is deleted
// already does not move.
func (o *Order) Delete(now time.Time, retention time.Duration, reason string) bool {
	if !o.Live() {
		return false
	}
	purge := now.Add(retention)
	o.DeletedAt, o.PurgeAt, o.DeletionReason = &now, &purge, reason
	return true
}

// Reactivate undoes Delete and ends a wait for payment.
func (o *Order) Reactivate(now time.Time) {
	if o.DeletedAt != nil {
		o.ReactivatedAt = &now
	}
	o.DeletedAt, o.PurgeAt, o.DeletionReason, o.Expired, o.Cancelled, o.PendingPayment = nil, nil, "", false, false, false
}

// Reasons why an order can't be reactivated (T-19).
const (
	ReasonNotDeleted    = "DOMAIN_NOT_IN_DELETED_STATE"
	ReasonAnotherOrder  = "ANOTHER_ORDER_ALREADY_EXISTS"
	ReasonAlreadyPurged = "ORDER_ALREADY_PURGED"
)

// RefusesReactivation gives the reason why o can't be reactivated, "" when it
// can. siblings are the partner's unpurged orders of the domain.
func (o *Order) RefusesReactivation(now time.Time, siblings []*Order) string {
	switch o.Status(now) {
	case Purged:
		return ReasonAlreadyPurged
	case Active, Suspended:
		return ReasonNotDeleted
	case Pending, Deleted:
	}
	for _, s := range siblings {
		if s.ID != o.ID && s.Live() {
			return ReasonAnotherOrder
		}
	}
	return ""
}
