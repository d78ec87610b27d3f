package basekit

import (
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// subscriber makes a customer of b with an order of each domain.
func (w *world) subscriber(b brand, id string, domains ...string) (customer int64, orders []int64) {
	w.t.Helper()
	for _, d := range domains {
		seats, amount, end := 2, money.Amount{}, start.AddDate(0, 6, 0).Truncate(24*time.Hour)
		o, err := w.core.CreateMailOrder(w.t.Context(), b.key(), ordering.CreateMailOrder{
			Domain: d, Customer: work.CustomerProfile{CustomerID: id, Name: "Harry Lee", Email: id + "@b.test"}, Plan: plan.Pro, Seats: &seats, Expiry: &end,
			Payment: billing.PaymentDetails{Charged: &amount},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		customer, orders = o.CustomerID, append(orders, o.OrderID)
	}
	return customer, orders
}

// A live billing module changes the package, suspends and comes back (section 12).
func TestChangeOfPackageAndSuspension(t *testing.T) {
	w := newWorld(t)
	c, orders := w.subscriber(w.ours, "c1", "one.example", "two.example")
	five, six, off := w.packageNamed(w.ours, "Professional"), w.packageNamed(w.ours, "Business"), w.packageNamed(w.ours, "Suspension")
	user, path := fmt.Sprintf("/users/%d", c), fmt.Sprintf("/users/%d/account-packages", c)
	assign := func(ref int64, months string) map[string]any {
		t.Helper()
		return w.want(w.send(w.ours, "POST", path, "application/json", fmt.Sprintf(`{"packageRef":"%d","billingFrequency":%s}`, ref, months)), 200)
	}
	shown := func(want int64, suspended float64) {
		t.Helper()
		h := w.want(w.call(w.ours, "GET", user, nil), 200)["accountHolder"].(map[string]any)
		if h["subscriptionPackageRef"] != float64(want) || h["suspended"] != suspended {
			t.Errorf("package %v, suspended %v", h["subscriptionPackageRef"], h["suspended"])
		}
	}
	each := func(p plan.Plan, seats int, end time.Time, s order.Status) {
		t.Helper()
		for _, id := range orders {
			if o := w.orderNow(w.ours, id); o.Order.Plan != p || o.Order.Seats != seats || !o.Order.ExpiresAt.Equal(end) || o.Status != s {
				t.Errorf("order %d is %s, %d seats, until %s, %s", id, o.Order.Plan, o.Order.Seats, o.Order.ExpiresAt, o.Status)
			}
		}
	}
	if got := assign(five, "12")["capabilities"].(map[string]any); got["mailboxes"] != "5" || got["storageLimit"] != "5368709120" {
		t.Errorf("%v", got)
	}
	year := order.AddMonths(start, 12)
	each(plan.Pro, 5, year, order.Active)
	shown(five, 0)
	assign(six, "1")
	each(plan.Premium, 5, order.AddMonths(start, 1), order.Active)
	shown(six, 0)
	assign(six, `"1"`) // the same again is a renewal
	two := order.AddMonths(order.AddMonths(start, 1), 1)
	each(plan.Premium, 5, two, order.Active)
	assign(off, "null")
	each(plan.Premium, 5, two, order.Suspended)
	shown(off, 1)
	assign(off, "null") // twice is once
	shown(off, 1)
	assign(six, "1") // what runs goes on: coming back costs no time
	each(plan.Premium, 5, two, order.Active)
	shown(six, 0)
	assign(off, "1")
	assign(five, "null")
	each(plan.Pro, 5, two, order.Active)
	shown(five, 0)

	a := w.want(w.call(w.ours, "GET", path, nil), 200)["accountPackages"].([]any)
	if len(a) != 1 {
		t.Fatalf("%d account packages", len(a))
	}
	ref := int64(a[0].(map[string]any)["ref"].(float64))
	w.want(w.call(w.ours, "DELETE", fmt.Sprintf("%s/%d", path, ref), nil), 204)
	w.wantError(w.call(w.ours, "DELETE", fmt.Sprintf("%s/%d", path, ref), nil), 404, "", "")
	each(plan.Pro, 5, two, order.Active) // what is paid for stays
	if h := w.want(w.call(w.ours, "GET", user, nil), 200)["accountHolder"].(map[string]any); h["subscriptionPackageRef"] != nil {
		t.Error(h["subscriptionPackageRef"])
	}
}

func TestAssignRefusals(t *testing.T) {
	w := newWorld(t)
	c, orders := w.subscriber(w.ours, "c1", "one.example")
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	for _, local := range []string{"a", "b"} {
		if _, err := w.core.CreateEmailAccount(t.Context(), w.ours.key(), mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: orders[0]}, Email: local + "@one.example"}); err != nil {
			t.Fatal(err)
		}
	}
	path := fmt.Sprintf("/users/%d/account-packages", c)
	pro, free := w.packageNamed(w.ours, "Professional"), w.packageNamed(w.ours, "Free")
	for _, r := range []struct {
		body, field, rule string
	}{
		{`{"billingFrequency":1}`, "packageRef", "required"},
		{`{"packageRef":null,"billingFrequency":1}`, "packageRef", "required"},
		{fmt.Sprintf(`{"packageRef":%d}`, pro), "billingFrequency", "required"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":2}`, pro), "billingFrequency", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":-12}`, pro), "billingFrequency", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":"yearly"}`, pro), "billingFrequency", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":12,"addToBC":"often"}`, pro), "addToBC", "invalid"},
		{`{"packageRef":"x","billingFrequency":1}`, "packageRef", "invalid"},
		{`{"packageRef":99999999999999999999,"billingFrequency":1}`, "packageRef", "invalid"},
		{`{"packageRef":1,"billingFrequency":1}`, "packageRef", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, w.packageNamed(w.foreign, "Professional")), "packageRef", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, w.packageNamed(w.ours, "Domain")), "packageRef", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, free), "packageRef", "limitReached"}, // two mailboxes, one seat
	} {
		w.wantError(w.send(w.ours, "POST", path, "application/json", r.body), 400, r.field, r.rule)
	}
	w.want(w.call(admin, "PUT", fmt.Sprintf("/packages/%d", pro), map[string]any{"active": 0}), 200)
	w.wantError(w.call(w.ours, "POST", path, map[string]any{"packageRef": pro, "billingFrequency": 1}), 400, "packageRef", "notAllowed")
	if o := w.orderNow(w.ours, orders[0]); o.Order.Seats != 2 || o.Order.Plan != plan.Pro {
		t.Errorf("a refused package has changed the order: %d seats", o.Order.Seats)
	}
	if got := w.call(w.ours, "GET", path, nil).body; got != `{"accountPackages":[]}` {
		t.Errorf("a refused package is subscribed to: %s", got)
	}
}
