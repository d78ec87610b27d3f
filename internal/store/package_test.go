package store_test

import (
	"context"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
	"posthouse/internal/store/sqltest"
)

type noHasher struct{}

func (noHasher) Hash(context.Context, string) (string, error)         { return "", nil }
func (noHasher) Verify(context.Context, string, string) (bool, error) { return false, nil }

// TestParallelPackages: of packages assigned at one time one lives, and the
// order is suspended exactly when that is the suspension package.
func TestParallelPackages(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, operator := t.Context(), audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}
			s, err := provision.New(work.Config{Store: sqltest.Store(t, engine), Hasher: noHasher{}, SealingKey: make([]byte, 32),
				Clock: clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))})
			must(t, err)
			p, _, err := s.CreatePartner(ctx, operator, tenancy.CreatePartner{Name: "Brand"})
			must(t, err)
			_, err = s.SetUpShop(ctx, operator, retail.SetUpShop{PartnerID: p.ID, Username: "root@x.example"})
			must(t, err)
			brand := audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "api-user:1", Limited: true}
			seats, end := 2, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
			made, err := s.CreateMailOrder(ctx, brand, ordering.CreateMailOrder{Domain: "x.example", Customer: work.CustomerProfile{CustomerID: "c"}, Plan: plan.Pro,
				Seats: &seats, Expiry: &end, Payment: billing.PaymentDetails{Charged: &money.Amount{}}})
			must(t, err)
			offered, err := s.Packages(ctx, brand, packages.PackageFilter{})
			must(t, err)
			byKind := map[shop.Kind][]int64{}
			for _, k := range offered {
				byKind[k.Package.Kind] = append(byKind[k.Package.Kind], k.Package.ID)
			}
			months := 12
			for range 3 {
				done := make(chan error, 6)
				for i := range cap(done) {
					cmd := retail.AssignPackage{CustomerID: made.CustomerID, PackageID: byKind[shop.SuspensionPackage][0]}
					if i%2 == 0 {
						cmd.PackageID, cmd.Months = byKind[shop.MailPackage][1+i/2], &months
					}
					go func() {
						_, err := s.AssignPackage(ctx, brand, cmd)
						done <- err
					}()
				}
				for range cap(done) {
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
				live, err := s.AccountPackages(ctx, brand, made.CustomerID, packages.AccountPackageFilter{})
				must(t, err)
				o, err := s.FetchOrder(ctx, brand, work.OrderRef{ID: made.OrderID})
				must(t, err)
				if len(live) != 1 {
					t.Fatalf("%d packages live", len(live))
				}
				k := live[0].Package.Package
				if off := k.Kind == shop.SuspensionPackage; off != (o.Status == order.Suspended) || !off && o.Order.Plan != k.Plan {
					t.Errorf("the package is %s, the order %s with %s", k.Name, o.Status, o.Order.Plan)
				}
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
