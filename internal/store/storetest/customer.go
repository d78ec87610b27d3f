package storetest

import (
	"testing"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

func testResellerCustomer(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	one := &customer.Customer{PartnerID: p.ID, CustomerID: "c-1", ResellerID: 7, Username: "kim@example.org", Email: "Kim@Example.org", Name: "Kim ÅS",
		Company: "Kim_& Co", City: "Łódź", State: "S", PIN: "0042", TotalReceipts: 12500, Status: customer.Suspended, SuspendedBy: 8,
		Contact:   customer.Contact{Address1: "1 <High> St", Additional: map[string]string{"vat-id": "X"}},
		CreatedAt: when(1), UpdatedAt: when(2)}
	b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), one) })
	named := func(partnerID int64, name string) *customer.Customer {
		return get(b, func(tx work.Tx) (*customer.Customer, error) {
			return tx.CustomerByUsername(b.ctx(), partnerID, name)
		})
	}
	same(t, named(p.ID, "kim@example.org"), one)
	for _, name := range []string{"", "Kim@example.org", "lee@example.org"} {
		if c := named(p.ID, name); c != nil {
			t.Errorf("%q finds %s", name, show(c))
		}
	}
	if named(other.ID, "kim@example.org") != nil {
		t.Error("another partner's customer is found")
	}
	twin := &customer.Customer{PartnerID: p.ID, CustomerID: "c-2", Username: "kim@example.org", Status: customer.Active, CreatedAt: when(3), UpdatedAt: when(3)}
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), twin) })
	one.Status, one.SuspendedBy, one.UpdatedAt = customer.Deleted, 0, when(5)
	b.write(func(tx work.Tx) error { return tx.UpdateCustomer(b.ctx(), one) })
	same(t, get(b, func(tx work.Tx) (*customer.Customer, error) { return tx.Customer(b.ctx(), one.ID) }), one)
	if named(p.ID, "kim@example.org") != nil {
		t.Error("a deleted customer keeps its name")
	}
	twin.ID, twin.CustomerID = 0, "c-1"
	b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), twin) }) // both names are free
	same(t, named(p.ID, "kim@example.org"), twin)
	same(t, get(b, func(tx work.Tx) ([]*customer.Customer, error) {
		return tx.CustomersByPartnerID(b.ctx(), p.ID, "c-1")
	}), []*customer.Customer{twin})
}

func testFindCustomers(t *testing.T, b *bench) {
	p, other := b.partner(), b.partner()
	var ids []int64
	add := func(c customer.Customer) {
		c.UpdatedAt = when(50)
		if c.Status == "" {
			c.Status = customer.Active
		}
		b.write(func(tx work.Tx) error {
			c := c
			err := tx.InsertCustomer(b.ctx(), &c)
			ids = append(ids, c.ID)
			return err
		})
	}
	ids = nil
	add(customer.Customer{PartnerID: p.ID, CustomerID: "0", ResellerID: 1, Username: "a@x.example", Name: "Ann Ålund", Company: "100% Co", City: "Rome", State: "LZ", CreatedAt: when(1)})
	add(customer.Customer{PartnerID: p.ID, CustomerID: "1", ResellerID: 2, Username: "b@x.example", Name: "Bob", Company: "A_B!", City: "ROME", CreatedAt: when(2), TotalReceipts: 5000})
	add(customer.Customer{PartnerID: p.ID, CustomerID: "2", Email: "C@X.example", Name: "Cid", Company: "AxB!", CreatedAt: when(3), TotalReceipts: 9000, Status: customer.Suspended})
	add(customer.Customer{PartnerID: p.ID, CustomerID: "3", ResellerID: 1, Username: "d@x.example", Name: "Dan", CreatedAt: when(4), Status: customer.Deleted})
	add(customer.Customer{PartnerID: other.ID, CustomerID: "0", ResellerID: 1, Username: "a@x.example", Name: "Ann Ålund", CreatedAt: when(1)})
	value := func(v money.Value) *money.Value { return &v }
	at := func(n int) *time.Time { v := when(n); return &v }
	for name, c := range map[string]struct {
		f    work.CustomerFilter
		want []int
	}{
		"all but deleted":    {work.CustomerFilter{}, []int{0, 1, 2}},
		"every state":        {work.CustomerFilter{Statuses: []customer.Status{customer.Active, customer.Deleted, customer.Suspended}}, []int{0, 1, 2, 3}},
		"deleted":            {work.CustomerFilter{Statuses: []customer.Status{customer.Deleted}}, []int{3}},
		"resellers":          {work.CustomerFilter{Resellers: []int64{1, 0}}, []int{0, 2}},
		"no reseller":        {work.CustomerFilter{Resellers: []int64{}}, nil},
		"ids":                {work.CustomerFilter{IDs: []int64{ids[1], ids[4], ids[3], 99}}, []int{1}},
		"no id":              {work.CustomerFilter{IDs: []int64{}}, nil},
		"both":               {work.CustomerFilter{IDs: []int64{ids[0], ids[1]}, Resellers: []int64{2}}, []int{1}},
		"name":               {work.CustomerFilter{Name: "ANN ÅLUND"}, []int{0}},
		"part of a name":     {work.CustomerFilter{Name: "%å%"}, []int{0}},
		"no part":            {work.CustomerFilter{Name: "ann"}, nil},
		"underscore":         {work.CustomerFilter{Company: "a_b%"}, []int{1}},
		"exclamation mark":   {work.CustomerFilter{Company: "%b!"}, []int{1, 2}},
		"per cent":           {work.CustomerFilter{Company: "100% co"}, []int{0}},
		"quote":              {work.CustomerFilter{Company: "' OR 1=1 --"}, nil},
		"city":               {work.CustomerFilter{City: "rome"}, []int{0, 1}},
		"state":              {work.CustomerFilter{State: "lz"}, []int{0}},
		"username":           {work.CustomerFilter{Username: "B@x.example"}, []int{1}},
		"address as a name":  {work.CustomerFilter{Username: "c@x.example"}, []int{2}},
		"usernames":          {work.CustomerFilter{Username: "%@X.example"}, []int{0, 1, 2}},
		"after":              {work.CustomerFilter{CreatedAfter: at(1)}, []int{1, 2}},
		"before":             {work.CustomerFilter{CreatedBefore: at(2)}, []int{0}},
		"receipts":           {work.CustomerFilter{ReceiptsFrom: value(5000), ReceiptsTo: value(8999)}, []int{1}},
		"receipts, no limit": {work.CustomerFilter{ReceiptsFrom: value(5000)}, []int{1, 2}},
	} {
		c.f.PartnerID = p.ID
		got := get(b, func(tx work.Tx) ([]*customer.Customer, error) { return tx.FindCustomers(b.ctx(), c.f, 0, 100) })
		n := get(b, func(tx work.Tx) (int, error) { return tx.CountCustomers(b.ctx(), c.f) })
		var have, want []int64
		for _, x := range got {
			have = append(have, x.ID)
		}
		for _, i := range c.want {
			want = append(want, ids[i])
		}
		if show(have) != show(want) || n != len(want) {
			t.Errorf("%s: %v, count %d, want %v", name, have, n, want)
		}
	}
	page := get(b, func(tx work.Tx) ([]*customer.Customer, error) {
		return tx.FindCustomers(b.ctx(), work.CustomerFilter{PartnerID: p.ID}, 1, 1)
	})
	if len(page) != 1 || page[0].ID != ids[1] {
		t.Errorf("second page %s", show(page))
	}
	o := b.anOrder("live.example")
	live := get(b, func(tx work.Tx) (map[int64]int, error) {
		return tx.LiveOrdersOf(b.ctx(), []int64{o.CustomerID, ids[0]})
	})
	same(t, live, map[int64]int{o.CustomerID: 1})
	gone := when(60)
	o.DeletedAt = &gone
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), o) })
	live = get(b, func(tx work.Tx) (map[int64]int, error) { return tx.LiveOrdersOf(b.ctx(), []int64{o.CustomerID}) })
	same(t, live, map[int64]int{})
}

func testLoginTicket(t *testing.T, b *bench) {
	p := b.partner()
	list := []*work.LoginTicket{
		{Hash: []byte("a"), Kind: work.LoginOnce, PartnerID: p.ID, APIUserID: 3, CustomerID: 5, CreatedAt: when(2), ExpiresAt: when(9)},
		{Hash: []byte("b"), Kind: work.TempPassword, PartnerID: p.ID, IssuerID: 3, CustomerID: 5, CreatedAt: when(1), ExpiresAt: when(5)},
		{Hash: []byte("c"), Kind: work.LoginOnce, PartnerID: p.ID, IssuerID: 3, ResellerID: 4, CreatedAt: when(1), ExpiresAt: when(6)},
	}
	for _, v := range list {
		b.write(func(tx work.Tx) error { return tx.InsertLoginTicket(b.ctx(), v) })
	}
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertLoginTicket(b.ctx(), list[0]) })
	find := func(hash string) *work.LoginTicket {
		return get(b, func(tx work.Tx) (*work.LoginTicket, error) { return tx.LoginTicket(b.ctx(), []byte(hash)) })
	}
	for range 2 { // looking does not use it up
		same(t, find("a"), list[0])
	}
	same(t, find("c"), list[2])
	held := func(id int64) []*work.LoginTicket {
		return get(b, func(tx work.Tx) ([]*work.LoginTicket, error) { return tx.LoginTicketsOf(b.ctx(), id) })
	}
	same(t, held(5), []*work.LoginTicket{list[1], list[0]})
	if n := len(held(0)); n != 0 {
		t.Errorf("%d tickets of nobody", n)
	}
	b.write(func(tx work.Tx) error { return tx.ForgetLoginTickets(b.ctx(), when(6)) })
	same(t, []bool{find("a") != nil, find("b") != nil, find("c") != nil}, []bool{true, false, true})
	var got, again *work.LoginTicket
	b.write(func(tx work.Tx) (err error) { got, err = tx.TakeLoginTicket(b.ctx(), []byte("a")); return err })
	b.write(func(tx work.Tx) (err error) { again, err = tx.TakeLoginTicket(b.ctx(), []byte("a")); return err })
	same(t, got, list[0])
	if again != nil {
		t.Error("taken twice")
	}
	b.write(func(tx work.Tx) error { return tx.InsertLoginTicket(b.ctx(), list[0]) })
	b.write(func(tx work.Tx) error { return tx.DropLoginTickets(b.ctx(), 0) })
	b.write(func(tx work.Tx) error { return tx.DropLoginTickets(b.ctx(), 5) })
	same(t, []bool{find("a") != nil, find("c") != nil}, []bool{false, true})
	for name, id := range map[string]int64{"r": 7, "s": 8} {
		b.write(func(tx work.Tx) error {
			return tx.InsertLoginTicket(b.ctx(), &work.LoginTicket{Hash: []byte(name), Kind: work.TempPassword, PartnerID: 1, IssuerID: 1, ResellerID: id, CreatedAt: when(1), ExpiresAt: when(9)})
		})
	}
	b.write(func(tx work.Tx) error { return tx.DropResellerTickets(b.ctx(), 7) })
	b.write(func(tx work.Tx) error { return tx.DropResellerTickets(b.ctx(), 0) })
	same(t, []bool{find("r") != nil, find("s") != nil, find("c") != nil}, []bool{false, true, true})
}

func testLoginAttempt(t *testing.T, b *bench) {
	count := func(subject string, at, since int) (n int) {
		b.write(func(tx work.Tx) (err error) {
			n, err = tx.CountLoginAttempt(b.ctx(), subject, when(at), when(since))
			return err
		})
		return n
	}
	has := func(subject string, since int) int {
		return get(b, func(tx work.Tx) (int, error) { return tx.LoginAttempts(b.ctx(), subject, when(since)) })
	}
	same(t, []int{has("a", 0), count("a", 10, 0), count("a", 20, 0), count("b", 20, 0), has("a", 20), has("a", 21)}, []int{0, 1, 2, 1, 2, 0})
	same(t, []int{count("a", 30, 20), count("a", 40, 31)}, []int{3, 1}) // the last one was too long ago
	b.write(func(tx work.Tx) error { return tx.ForgetLoginAttempts(b.ctx(), when(40)) })
	same(t, []int{has("a", 0), has("b", 0)}, []int{1, 0})
	b.write(func(tx work.Tx) error { return tx.DropLoginAttempts(b.ctx(), "a") })
	same(t, has("a", 0), 0)
}
