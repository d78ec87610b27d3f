package work

import (
	"context"
	"maps"
	"slices"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/shop"
)

// maxMemo bounds each kind of rows that a unit remembers: one that walks
// through many starts again.
const maxMemo = 64

// memo is what a unit has read of the rows that every rule asks for anew: who
// sells to whom and at what price. It lives as long as its transaction, whose
// reads can't change but by its own writes, and those go through it. Rows are
// given and kept as copies, so that a change counts once it is written.
type memo struct {
	Tx
	partners  map[int64]partner.Partner
	customers map[int64]customer.Customer
	resellers map[int64]reseller.Reseller
	roots     map[int64]int64 // by partner; only those that there are
	prices    map[asked]*price.Row
	listed    map[price.List]bool
	packages  map[int64][]shop.Package // by partner, all
	ofID      map[int64]shop.Package
	shops     map[int64]shop.Settings
}

// asked is one look-up of a price. A nil answer is one too.
type asked struct {
	list price.List
	item price.Item
}

// remember keeps a row.
func remember[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil || len(*m) >= maxMemo {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// recall gives a copy of the row that is kept under k, else reads and keeps it.
func recall[V any](m *map[int64]V, id int64, clone func(V) V, read func() (*V, error)) (*V, error) {
	if v, ok := (*m)[id]; ok {
		v = clone(v)
		return &v, nil
	}
	v, err := read()
	if err == nil && v != nil {
		remember(m, id, clone(*v))
	}
	return v, err
}

func clonePartner(p partner.Partner) partner.Partner {
	p.AllowedNetworks = slices.Clone(p.AllowedNetworks)
	for _, n := range []**int{&p.Settings.RatePerSecond, &p.Settings.RateBurst} {
		if *n != nil {
			v := **n
			*n = &v
		}
	}
	return p
}

func cloneCustomer(c customer.Customer) customer.Customer {
	c.Contact.Additional, c.Holder.Metadata = maps.Clone(c.Contact.Additional), maps.Clone(c.Holder.Metadata)
	for _, at := range []**time.Time{&c.DeletedAt, &c.Holder.LastLogin} {
		if *at != nil {
			v := **at
			*at = &v
		}
	}
	return c
}

func cloneReseller(r reseller.Reseller) reseller.Reseller {
	r.Path, r.AllowedNetworks, r.Products = slices.Clone(r.Path), slices.Clone(r.AllowedNetworks), slices.Clone(r.Products)
	r.Profile.Additional = maps.Clone(r.Profile.Additional)
	return r
}

func (m *memo) Partner(ctx context.Context, id int64) (*partner.Partner, error) {
	return recall(&m.partners, id, clonePartner, func() (*partner.Partner, error) { return m.Tx.Partner(ctx, id) })
}

func (m *memo) UpdatePartner(ctx context.Context, p *partner.Partner) error {
	delete(m.partners, p.ID)
	return m.Tx.UpdatePartner(ctx, p)
}

func (m *memo) Customer(ctx context.Context, id int64) (*customer.Customer, error) {
	return recall(&m.customers, id, cloneCustomer, func() (*customer.Customer, error) { return m.Tx.Customer(ctx, id) })
}

func (m *memo) UpdateCustomer(ctx context.Context, c *customer.Customer) error {
	delete(m.customers, c.ID)
	return m.Tx.UpdateCustomer(ctx, c)
}

func (m *memo) Reseller(ctx context.Context, id int64) (*reseller.Reseller, error) {
	return recall(&m.resellers, id, cloneReseller, func() (*reseller.Reseller, error) { return m.Tx.Reseller(ctx, id) })
}

func (m *memo) RootReseller(ctx context.Context, partnerID int64) (*reseller.Reseller, error) {
	if id, ok := m.roots[partnerID]; ok {
		return m.Reseller(ctx, id)
	}
	r, err := m.Tx.RootReseller(ctx, partnerID)
	if err == nil && r != nil {
		remember(&m.roots, partnerID, r.ID)
		remember(&m.resellers, r.ID, cloneReseller(*r))
	}
	return r, err
}

func (m *memo) UpdateReseller(ctx context.Context, r *reseller.Reseller) error {
	delete(m.resellers, r.ID)
	m.roots = nil
	return m.Tx.UpdateReseller(ctx, r)
}

func (m *memo) Price(ctx context.Context, l price.List, i price.Item) (*price.Row, error) {
	k := asked{l, i}
	row, known := m.prices[k]
	if !known {
		var err error
		if row, err = m.Tx.Price(ctx, l, i); err != nil {
			return nil, err
		}
		remember(&m.prices, k, row)
	}
	if row == nil {
		return nil, nil
	}
	out := *row
	return &out, nil
}

func (m *memo) HasPrices(ctx context.Context, l price.List) (bool, error) {
	if has, known := m.listed[l]; known {
		return has, nil
	}
	has, err := m.Tx.HasPrices(ctx, l)
	if err == nil {
		remember(&m.listed, l, has)
	}
	return has, err
}

func (m *memo) SetPrice(ctx context.Context, l price.List, r price.Row) error {
	m.prices, m.listed = nil, nil
	return m.Tx.SetPrice(ctx, l, r)
}

func (m *memo) RemovePrice(ctx context.Context, l price.List, i price.Item) error {
	m.prices, m.listed = nil, nil
	return m.Tx.RemovePrice(ctx, l, i)
}

func (m *memo) ClearPrices(ctx context.Context, l price.List) error {
	m.prices, m.listed = nil, nil
	return m.Tx.ClearPrices(ctx, l)
}

func clonePackage(p shop.Package) shop.Package {
	p.Prices, p.Capabilities = slices.Clone(p.Prices), maps.Clone(p.Capabilities)
	return p
}

func (m *memo) Packages(ctx context.Context, partnerID int64) ([]*shop.Package, error) {
	list, known := m.packages[partnerID]
	if !known {
		read, err := m.Tx.Packages(ctx, partnerID)
		if err != nil {
			return nil, err
		}
		for _, p := range read {
			list = append(list, clonePackage(*p))
		}
		remember(&m.packages, partnerID, list)
	}
	out := make([]*shop.Package, 0, len(list))
	for _, p := range list {
		p = clonePackage(p)
		out = append(out, &p)
	}
	return out, nil
}

func (m *memo) Package(ctx context.Context, id int64) (*shop.Package, error) {
	return recall(&m.ofID, id, clonePackage, func() (*shop.Package, error) { return m.Tx.Package(ctx, id) })
}

func (m *memo) InsertPackage(ctx context.Context, p *shop.Package) error {
	m.packages = nil
	return m.Tx.InsertPackage(ctx, p)
}

func (m *memo) UpdatePackage(ctx context.Context, p *shop.Package) error {
	m.packages, m.ofID = nil, nil
	return m.Tx.UpdatePackage(ctx, p)
}

func cloneShop(s shop.Settings) shop.Settings {
	s.Hosts, s.LinkHosts, s.Endings, s.Languages = slices.Clone(s.Hosts), slices.Clone(s.LinkHosts), slices.Clone(s.Endings), slices.Clone(s.Languages)
	s.Capabilities = maps.Clone(s.Capabilities)
	return s
}

func (m *memo) ShopSettings(ctx context.Context, partnerID int64) (*shop.Settings, error) {
	return recall(&m.shops, partnerID, cloneShop, func() (*shop.Settings, error) { return m.Tx.ShopSettings(ctx, partnerID) })
}

func (m *memo) PutShopSettings(ctx context.Context, partnerID int64, s *shop.Settings, at time.Time) error {
	delete(m.shops, partnerID)
	return m.Tx.PutShopSettings(ctx, partnerID, s, at)
}
