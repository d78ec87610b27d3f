package basekit

import (
	"fmt"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// shopper is a holder of a brand, and how tests of orders and domains go about
// with him.
type shopper struct {
	*world
	brand
	ref int64
}

func (w *world) shopper(b brand, name string) *shopper {
	w.t.Helper()
	c := &customer.Customer{PartnerID: b.id, CustomerID: name, Username: name, Name: "Harry Lee", Email: name + "@mail.example", Status: customer.Active,
		Holder: customer.Holder{Username: name, FirstName: "Harry", LastName: "Lee"}, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()}
	if err := w.store.Write(w.t.Context(), func(tx work.Tx) error { return tx.InsertCustomer(w.t.Context(), c) }); err != nil {
		w.t.Fatal(err)
	}
	return &shopper{w, b, c.ID}
}

// pack gives the ref of a package that the brand has by itself.
func (s *shopper) pack(origin string) int64 {
	s.t.Helper()
	var ref int64
	if err := s.store.Read(s.t.Context(), func(tx work.Tx) error {
		list, err := tx.Packages(s.t.Context(), s.id)
		for _, k := range list {
			if k.Origin == origin {
				ref = k.ID
			}
		}
		return err
	}); err != nil || ref == 0 {
		s.t.Fatalf("package %s: %v", origin, err)
	}
	return ref
}

// priced gives a package prices of its own.
func (s *shopper) priced(origin string, prices ...shop.Price) int64 {
	s.t.Helper()
	ref := s.pack(origin)
	if err := s.store.Write(s.t.Context(), func(tx work.Tx) error {
		k, err := tx.Package(s.t.Context(), ref)
		if err != nil {
			return err
		}
		k.Prices = prices
		return tx.UpdatePackage(s.t.Context(), k)
	}); err != nil {
		s.t.Fatal(err)
	}
	return ref
}

func (s *shopper) do(method, path string, in any) reply {
	s.t.Helper()
	return s.world.call(s.brand, method, path, in)
}

// at is a path with the holder's ref in the place of "me".
func (s *shopper) at(path string) string {
	return strings.Replace(path, "me", fmt.Sprint(s.ref), 1)
}

// begun makes an order with domain items.
func (s *shopper) begun(domains ...string) (path string, items []string) {
	s.t.Helper()
	out := s.want(s.do("POST", "/orders", object{"accountHolderRef": s.ref}), 201)
	path = fmt.Sprintf("/orders/%.0f", out["order"].(map[string]any)["ref"])
	for _, d := range domains {
		out = s.want(s.do("POST", path+"/items", object{"packageRef": s.pack(shop.OriginOfEnding("")), "billingPeriodMonths": 12, "domainName": d}), 201)
		items = append(items, fmt.Sprintf("%s/items/%.0f", path, out["orderItem"].(map[string]any)["ref"]))
	}
	return path, items
}

// bought makes and pays an order of one domain and gives the account domain's ref.
func (s *shopper) bought(domain string) int64 {
	s.t.Helper()
	path, _ := s.begun(domain)
	out := s.want(s.do("PUT", path, object{"paymentStatus": "success"}), 200)
	ref, ok := out["order"].(map[string]any)["items"].([]any)[0].(map[string]any)["accountDomainRef"].(float64)
	if !ok {
		s.t.Fatalf("nothing was made: %v", out)
	}
	return int64(ref)
}

// provisioned sets the mail service of an order up, as the calendar does.
func (s *shopper) provisioned(ref int64) {
	s.t.Helper()
	if err := s.core.RunDue(s.t.Context(), audit.Actor{Role: suspension.RoleTitan, Name: "job"}, due.Item{Kind: due.MailService, ObjectID: ref}, nil); err != nil {
		s.t.Fatal(err)
	}
}
