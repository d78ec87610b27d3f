package work

import (
	"context"

	"posthouse/internal/core/shop"
)

// PackageTx is the rows of what brands have on offer, and of who has subscribed.
type PackageTx interface {
	// InsertPackage keeps a package. One with an origin that the partner has a
	// package of already is not written: its ID stays 0.
	InsertPackage(ctx context.Context, p *shop.Package) error
	UpdatePackage(ctx context.Context, p *shop.Package) error
	Package(ctx context.Context, id int64) (*shop.Package, error) // deleted ones too
	// Packages gives a partner's by ID, deleted ones too.
	Packages(ctx context.Context, partnerID int64) ([]*shop.Package, error)

	// InsertSubscription is refused while the customer has another that lives.
	InsertSubscription(ctx context.Context, s *shop.Subscription) error
	UpdateSubscription(ctx context.Context, s *shop.Subscription) error
	Subscription(ctx context.Context, id int64) (*shop.Subscription, error) // expired ones too
	// LiveSubscription gives the one of a customer that has not expired.
	LiveSubscription(ctx context.Context, customerID int64) (*shop.Subscription, error)
	// LiveSubscriptionsOf is LiveSubscription of many at once; a customer without is absent.
	LiveSubscriptionsOf(ctx context.Context, customerIDs []int64) (map[int64]*shop.Subscription, error)
}
