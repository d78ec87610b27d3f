package retail

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// RemoveAccountPackage ends a customer's live subscription. His orders keep plan,
// seats and end, which are paid for; those that he makes from then on have the
// brand's default package. Without the suspension package, what it stood in for
// is back.
func (s *Service) RemoveAccountPackage(ctx context.Context, actor audit.Actor, customerID, id int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		live, k, err := packages.SubscriptionOf(u, c)
		if err != nil {
			return err
		}
		if live == nil || live.ID != id {
			return packages.ErrSubscription
		}
		if k.Kind == shop.SuspensionPackage {
			return holders.LiftSuspensionPackage(u, c)
		}
		if err := packages.ExpireSubscription(u, live); err != nil {
			return err
		}
		if err := packages.EmitHolder(u, c, event.AccountHolderPackageChange); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "account_package.delete", "customer", c.ID, work.Detail{"package": k.ID, "subscription": live.ID})
	})
}
