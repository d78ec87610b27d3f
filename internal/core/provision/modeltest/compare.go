package modeltest

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"posthouse/internal/core/account"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

// compare asks the service everything and wants the model's answers.
func (m *machine) compare(t *rapid.T) {
	for _, o := range m.model.orders {
		m.compareOrder(t, o)
	}
	for _, a := range m.model.accounts {
		m.compareAccount(t, a)
	}
	for _, d := range m.domains {
		m.compareDomain(t, d)
	}
}

func (m *machine) compareOrder(t *rapid.T, o *mOrder) {
	d, err := m.s.FetchOrder(m.ctx, m.actor(o.partner, "partner"), ref(o))
	if m.model.status(o) == "purged" {
		if !fault.Is(err, fault.OrderNotFound) {
			t.Fatalf("order %d is purged, got %+v, %v", o.id, d, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	active, all := m.model.provisioned(o)
	switch {
	case string(d.Status) != m.model.status(o):
		t.Fatalf("order %d is %s, the model says %s", o.id, d.Status, m.model.status(o))
	case d.Order.Serviceable != o.serviceable || (d.Order.ProvenAt != nil) == o.proven.IsZero():
		t.Fatalf("order %d serves %v, proven %v; the model says %v, %v", o.id, d.Order.Serviceable, d.Order.ProvenAt, o.serviceable, o.proven)
	case d.Counters.Active != active || d.Counters.Provisioned != all || d.Order.Seats != o.seats || all > o.seats:
		t.Fatalf("order %d has %+v of %d, the model says %d, %d of %d", o.id, d.Counters, d.Order.Seats, active, all, o.seats)
	case !sameMarks(d.Order.Suspensions, o.marks):
		t.Fatalf("order %d has %+v, the model says %v", o.id, d.Order.Suspensions, o.marks)
	case o.deleted && !d.Order.PurgeAt.Equal(o.purgeAt):
		t.Fatalf("order %d goes on %v, the model says %v", o.id, d.Order.PurgeAt, o.purgeAt)
	}
	// Nobody else may see it.
	if _, err := m.s.FetchOrder(m.ctx, m.actor(1-o.partner, "partner"), ref(o)); !fault.Is(err, fault.OrderNotFound) {
		t.Fatalf("the other partner sees order %d: %v", o.id, err)
	}
}

func sameMarks(s suspension.Set, marks map[mark]bool) bool {
	got := map[mark]bool{}
	for _, x := range s {
		got[mark{x.Type, string(x.Role)}] = true
	}
	return len(got) == len(s) && maps.Equal(got, marks)
}

func (m *machine) compareAccount(t *rapid.T, a *mAccount) {
	d, err := m.s.FetchEmailAccount(m.ctx, m.actor(a.order.partner, "partner"), accountRef(a))
	if m.model.status(a.order) == "purged" || m.model.accountStatus(a) == "purged" {
		if err == nil {
			t.Fatalf("account %d is purged, got %+v", a.id, d)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var aliases []string
	for l := range a.aliases {
		aliases = append(aliases, l+"@"+a.order.domain)
	}
	slices.Sort(aliases)
	held := d.Account.HeldAliases()
	slices.Sort(held)
	switch {
	case string(d.Status) != m.model.accountStatus(a):
		t.Fatalf("account %d is %s, the model says %s", a.id, d.Status, m.model.accountStatus(a))
	case !sameMarks(d.Account.Suspensions, a.marks):
		t.Fatalf("account %d has %+v, the model says %v", a.id, d.Account.Suspensions, a.marks)
	case !slices.Equal(held, aliases):
		t.Fatalf("account %d has aliases %v, the model says %v", a.id, held, aliases)
	case a.deleted && !d.Account.PurgeAt.Equal(a.purgeAt):
		t.Fatalf("account %d goes on %v, the model says %v", a.id, d.Account.PurgeAt, a.purgeAt)
	}
	may := d.Status == account.Active && m.model.status(a.order) == "active"
	c, err := m.s.LoginAccount(m.ctx, a.id)
	if err != nil || (c != nil) != may || (c != nil && c.MaySend != a.order.serviceable) {
		t.Fatalf("account %d logs in: %+v, %v; the model says %v, sends %v", a.id, c, err, may, a.order.serviceable)
	}
}

func (m *machine) compareDomain(t *rapid.T, domain string) {
	for _, local := range locals {
		id, reason := m.model.resolve(local, domain)
		r, err := m.s.ResolveRecipient(m.ctx, local, domain)
		switch {
		case reason == "" && (err != nil || len(r.Targets) != 1 || r.Targets[0].AccountID != id):
			t.Fatalf("%s@%s goes to %+v, %v; the model says %d", local, domain, r, err, id)
		case reason != "" && (err == nil || fault.Of(err).Reason != reason):
			t.Fatalf("%s@%s goes to %+v, %v; the model says %s", local, domain, r, err, reason)
		}
	}
	for p := range m.partners {
		got, err := m.s.CheckMailOrderAvailability(m.ctx, m.actor(p, "partner"), domain)
		if err != nil || got.Available != (m.model.live(p, domain) == nil) {
			t.Fatalf("%s is available to %d: %+v, %v", domain, p, got, err)
		}
	}
	serving := 0
	for _, o := range m.model.orders {
		if o.domain == domain && o.serviceable {
			serving++
		}
	}
	if serving > 1 {
		t.Fatalf("%d orders serve %s", serving, domain)
	}
}
