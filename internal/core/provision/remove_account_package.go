package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/shop"
)

// RemoveAccountPackage ends a customer's live subscription. His orders keep plan,
// seats and end, which are paid for; those that he makes from then on have the
// brand's default package. Without the suspension package, what it stood in for
// is back.
func (s *Service) RemoveAccountPackage(ctx context.Context, actor audit.Actor, customerID, id int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		live, k, err := u.subscriptionOf(c)
		if err != nil {
			return err
		}
		if live == nil || live.ID != id {
			return errSubscription
		}
		if k.Kind == shop.SuspensionPackage {
			return u.liftSuspensionPackage(c)
		}
		if err := u.expireSubscription(live); err != nil {
			return err
		}
		if err := u.emitHolder(c, event.AccountHolderPackageChange); err != nil {
			return err
		}
		return u.record(c.PartnerID, "account_package.delete", "customer", c.ID, detail{"package": k.ID, "subscription": live.ID})
	})
}
