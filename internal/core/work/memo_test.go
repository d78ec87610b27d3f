package work

import (
	"context"
	"testing"

	"github.com/govalues/decimal"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
)

// rowsRead answers with rows and counts how often it is asked.
type rowsRead struct {
	Tx
	reads    int
	partner  partner.Partner
	customer customer.Customer
	reseller reseller.Reseller
	price    *price.Row
}

func (r *rowsRead) Partner(context.Context, int64) (*partner.Partner, error) {
	r.reads++
	p := clonePartner(r.partner)
	return &p, nil
}

func (r *rowsRead) UpdatePartner(_ context.Context, p *partner.Partner) error {
	r.partner = clonePartner(*p)
	return nil
}

func (r *rowsRead) Customer(context.Context, int64) (*customer.Customer, error) {
	r.reads++
	c := cloneCustomer(r.customer)
	return &c, nil
}

func (r *rowsRead) UpdateCustomer(_ context.Context, c *customer.Customer) error {
	r.customer = cloneCustomer(*c)
	return nil
}

func (r *rowsRead) Reseller(_ context.Context, id int64) (*reseller.Reseller, error) {
	r.reads++
	if id != r.reseller.ID {
		return nil, nil
	}
	c := cloneReseller(r.reseller)
	return &c, nil
}

func (r *rowsRead) RootReseller(ctx context.Context, _ int64) (*reseller.Reseller, error) {
	return r.Reseller(ctx, r.reseller.ID)
}

func (r *rowsRead) UpdateReseller(_ context.Context, c *reseller.Reseller) error {
	r.reseller = cloneReseller(*c)
	return nil
}

func (r *rowsRead) Price(context.Context, price.List, price.Item) (*price.Row, error) {
	r.reads++
	return r.price, nil
}

func (r *rowsRead) SetPrice(_ context.Context, _ price.List, row price.Row) error {
	r.price = &row
	return nil
}

func (r *rowsRead) RemovePrice(context.Context, price.List, price.Item) error {
	r.price = nil
	return nil
}

func (r *rowsRead) ClearPrices(context.Context, price.List) error {
	r.price = nil
	return nil
}

// TestMemo wants a unit to read a row once, to see what it writes and not what it
// only changes in its hands, nested values included.
func TestMemo(t *testing.T) {
	ctx := t.Context()
	rate := 5
	rows := &rowsRead{
		partner:  partner.Partner{ID: 1, Settings: partner.Settings{RatePerSecond: &rate}},
		customer: customer.Customer{ID: 1, Contact: customer.Contact{Additional: map[string]string{"k": "old"}}},
		reseller: reseller.Reseller{ID: 1, Path: []int64{1}, Profile: reseller.Profile{Additional: map[string]string{"k": "old"}}},
	}
	m := &memo{Tx: rows}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, got, wanted any, reads int) {
		t.Helper()
		if got != wanted || rows.reads != reads {
			t.Errorf("%s: got %v with %d reads, want %v with %d", what, got, rows.reads, wanted, reads)
		}
		rows.reads = 0
	}

	p, err := m.Partner(ctx, 1)
	must(err)
	*p.Settings.RatePerSecond, p.Name = 7, "new"
	unsaved, err := m.Partner(ctx, 1)
	must(err)
	want("a partner that was only changed", *unsaved.Settings.RatePerSecond, 5, 1)
	must(m.UpdatePartner(ctx, p))
	saved, err := m.Partner(ctx, 1)
	must(err)
	want("a partner that was written", saved.Name, "new", 1)

	c, err := m.Customer(ctx, 1)
	must(err)
	c.Contact.Additional["k"] = "new"
	again, err := m.Customer(ctx, 1)
	must(err)
	want("a customer that was only changed", again.Contact.Additional["k"], "old", 1)
	again.Contact.Additional["k"] = "newer"
	must(m.UpdateCustomer(ctx, c))
	c, err = m.Customer(ctx, 1)
	must(err)
	want("a customer that was written", c.Contact.Additional["k"], "new", 1)

	r, err := m.RootReseller(ctx, 9)
	must(err)
	r.Path[0], r.Profile.Additional["k"] = 2, "new"
	other, err := m.Reseller(ctx, 1)
	must(err)
	want("a reseller that was only changed", other.Path[0], int64(1), 1)
	must(m.UpdateReseller(ctx, r))
	other, err = m.Reseller(ctx, 1)
	must(err)
	want("a reseller that was written", other.Profile.Additional["k"], "new", 1)
	if none, err := m.Reseller(ctx, 3); none != nil || err != nil {
		t.Errorf("a reseller from nowhere: %v %v", none, err)
	}
	rows.reads = 0

	l, i := price.List{PartnerID: 1}, price.Item{Months: 12}
	for range 2 {
		row, err := m.Price(ctx, l, i)
		must(err)
		if row != nil {
			t.Errorf("a price from nowhere: %v", row)
		}
	}
	want("no price", rows.price == nil, true, 1)
	must(m.SetPrice(ctx, l, price.Row{Item: i, Figure: decimal.One}))
	for range 2 {
		row, err := m.Price(ctx, l, i)
		must(err)
		if row == nil || row.Figure != decimal.One {
			t.Fatalf("a price that was set: %v", row)
		}
		row.Figure = decimal.Zero
	}
	want("a price", rows.price.Figure, decimal.One, 1)
	for _, remove := range []func() error{
		func() error { return m.RemovePrice(ctx, l, i) },
		func() error { return m.ClearPrices(ctx, l) },
	} {
		must(m.SetPrice(ctx, l, price.Row{Item: i, Figure: decimal.One}))
		_, err := m.Price(ctx, l, i)
		must(err)
		must(remove())
		row, err := m.Price(ctx, l, i)
		must(err)
		if row != nil {
			t.Errorf("a price that was removed: %v", row)
		}
	}

	for id := range int64(10 * maxMemo) {
		_, err := m.Customer(ctx, id)
		must(err)
	}
	if len(m.customers) > maxMemo {
		t.Errorf("%d customers are remembered", len(m.customers))
	}
}
