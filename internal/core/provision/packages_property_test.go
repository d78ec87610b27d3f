package provision_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"

	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	offer "posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// TestOrdersFollowThePackage: whatever is done in whatever dialect, each live
// order of a customer is suspended exactly while the suspension package is on or
// the partner itself has suspended it, and one subscription lives at most.
func TestOrdersFollowThePackage(t *testing.T) {
	w := newBrand(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		own := fmt.Sprintf("c%d", n)
		var customer int64
		domains := 0
		byPartner := map[int64]bool{} // suspended by the partner, whatever the package
		var orders []int64
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		add := func(customerID string) int64 {
			domains++
			o, err := w.s.CreateMailOrder(w.ctx, w.a, proOrder(fmt.Sprintf("d%d.%s.example", domains, own), customerID))
			must(err)
			if customerID == own {
				customer = o.CustomerID
			}
			orders = append(orders, o.OrderID)
			return o.OrderID
		}
		add(own)
		one := func() int64 { return rapid.SampledFrom(orders).Draw(t, "order") }
		ref := func(id int64) work.OrderRef { return work.OrderRef{ID: id} }
		assign := func(name string, months int) {
			_, err := w.tryAssign(customer, name, months, false)
			must(err)
		}
		steps := map[string]func(){
			"a package": func() {
				assign(rapid.SampledFrom([]string{"Professional", "Business"}).Draw(t, "package"), rapid.SampledFrom([]int{0, 1, 12}).Draw(t, "months"))
			},
			"suspension": func() { assign("Suspension", 0) },
			"remove": func() {
				list, err := w.s.AccountPackages(w.ctx, w.api, customer, packages.AccountPackageFilter{})
				must(err)
				for _, a := range list {
					must(w.s.RemoveAccountPackage(w.ctx, w.api, customer, a.Subscription.ID))
				}
			},
			"another order": func() { add(own) },
			"from elsewhere": func() {
				id := add("other-" + own)
				_, err := w.s.TransferMailOrder(w.ctx, w.a, ordering.TransferMailOrder{Order: ref(id), To: work.CustomerProfile{CustomerID: own}})
				must(err)
			},
			"delete": func() {
				_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref(one())})
				must(err)
			},
			"reactivate": func() {
				_, err := w.s.ReactivateMailOrder(w.ctx, w.a, ref(one()))
				must(err)
			},
			"partner suspends": func() {
				if id := one(); w.details(id).Status != order.Deleted {
					_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: ref(id), Note: "unpaid"})
					must(err)
					byPartner[id] = true
				}
			},
			"holder unsuspends": func() {
				must(w.s.UnsuspendHolder(w.ctx, w.api, customer))
				for _, id := range orders {
					if w.details(id).Status != order.Deleted {
						delete(byPartner, id)
					}
				}
			},
		}
		names := make([]string, 0, len(steps))
		for name := range steps {
			names = append(names, name)
		}
		slices.Sort(names)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			steps[rapid.SampledFrom(names).Draw(t, "step")]()
			list, err := w.s.AccountPackages(w.ctx, w.api, customer, packages.AccountPackageFilter{})
			must(err)
			if len(list) > 1 {
				t.Fatalf("%d subscriptions live", len(list))
			}
			off := len(list) == 1 && list[0].Package.Package.Kind == offer.SuspensionPackage
			for _, id := range orders {
				d := w.details(id)
				if d.Status == order.Deleted {
					continue
				}
				if want := off || byPartner[id]; want != (d.Status == order.Suspended) {
					t.Fatalf("the suspension package is on: %v, by the partner: %v, order %d: %s %+v", off, byPartner[id], id, d.Status, d.Order.Suspensions)
				}
				if slices.ContainsFunc(d.Order.Suspensions, func(m suspension.Suspension) bool { return m.ResellerID != 0 || m.Role != suspension.RolePartner }) {
					t.Fatalf("%+v", d.Order.Suspensions)
				}
			}
		}
	})
}
