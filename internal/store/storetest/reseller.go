package storetest

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// reseller makes one below parent, nil = the root.
func (b *bench) reseller(p *partner.Partner, parent *reseller.Reseller, name string) *reseller.Reseller {
	b.t.Helper()
	r := &reseller.Reseller{PartnerID: p.ID, Username: name + "@x.example", Status: reseller.Active, CreatedAt: epoch, UpdatedAt: epoch}
	if parent != nil {
		r.ParentID, r.Path = parent.ID, slices.Clone(parent.Path)
	}
	b.write(func(tx work.Tx) error {
		r := *r
		return tx.InsertReseller(b.ctx(), &r)
	})
	return get(b, func(tx work.Tx) (*reseller.Reseller, error) {
		return tx.ResellerByUsername(b.ctx(), p.ID, r.Username)
	})
}

func testReseller(t *testing.T, b *bench) {
	p := b.partner()
	full := &reseller.Reseller{
		PartnerID: p.ID, Username: "full@x.example", PasswordHash: "hash", Status: reseller.Suspended, Test: true, Funds: reseller.Prepaid,
		Profile:         reseller.Profile{Name: "Näme", Company: "Company", Country: "DE", Additional: map[string]string{"k": "v"}},
		SellingCurrency: "EUR", AccountingCurrency: "USD", ConversionRate: "1.1", TaxName: "VAT", TaxRate: "19", TotalReceipts: 12345,
		AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Products: []product.Key{product.TitanGlobal}, CreatedAt: epoch, UpdatedAt: when(1),
	}
	b.write(func(tx work.Tx) error {
		full.Path = nil
		return tx.InsertReseller(b.ctx(), full)
	})
	of := func(id int64) *reseller.Reseller {
		return get(b, func(tx work.Tx) (*reseller.Reseller, error) { return tx.Reseller(b.ctx(), id) })
	}
	if full.ID < 100000 || !slices.Equal(full.Path, []int64{full.ID}) {
		t.Errorf("id %d, path %v", full.ID, full.Path)
	}
	same(t, of(full.ID), full)
	same(t, get(b, func(tx work.Tx) (*reseller.Reseller, error) { return tx.RootReseller(b.ctx(), p.ID) }), full)
	full.Status, full.Products, full.AllowedNetworks, full.Profile = reseller.Active, []product.Key{}, nil, reseller.Profile{Name: "Other"}
	b.write(func(tx work.Tx) error { return tx.UpdateReseller(b.ctx(), full) })
	same(t, of(full.ID), full)
	absent(b, "another's name", func(tx work.Tx) (*reseller.Reseller, error) {
		return tx.ResellerByUsername(b.ctx(), b.empty(), full.Username)
	})
	b.refused(fault.Conflict, func(tx work.Tx) error {
		return tx.InsertReseller(b.ctx(), &reseller.Reseller{PartnerID: p.ID, ParentID: full.ID, Path: full.Path, Username: full.Username})
	})
	b.refused(fault.Conflict, func(tx work.Tx) error { // a second root
		return tx.InsertReseller(b.ctx(), &reseller.Reseller{PartnerID: p.ID, Username: "second@x.example"})
	})
	key := &reseller.Key{ResellerID: full.ID, LookupHash: []byte("hash"), Hint: "abcd", CreatedAt: epoch}
	b.write(func(tx work.Tx) error { return tx.InsertResellerKey(b.ctx(), key) })
	same(t, get(b, func(tx work.Tx) (*reseller.Key, error) { return tx.ResellerKeyByHash(b.ctx(), []byte("hash")) }), key)
	end := when(2)
	key.ExpiresAt, key.RevokedAt = &end, &end
	b.write(func(tx work.Tx) error { return tx.UpdateResellerKey(b.ctx(), key) })
	same(t, get(b, func(tx work.Tx) ([]*reseller.Key, error) { return tx.ResellerKeys(b.ctx(), full.ID) }), []*reseller.Key{key})
	absent(b, "unknown key", func(tx work.Tx) (*reseller.Key, error) { return tx.ResellerKeyByHash(b.ctx(), []byte("other")) })
}

func testResellerTree(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	root := b.reseller(p, nil, "root")
	left, right := b.reseller(p, root, "left"), b.reseller(p, root, "right")
	leaf := b.reseller(p, left, "leaf")
	other := b.reseller(q, nil, "root")
	below := func(r *reseller.Reseller, want ...int64) {
		t.Helper()
		got := get(b, func(tx work.Tx) ([]*reseller.Reseller, error) { return tx.ResellersBelow(b.ctx(), r) })
		var ids []int64
		for _, r := range got {
			ids = append(ids, r.ID)
		}
		same(t, ids, want)
	}
	below(root, root.ID, left.ID, right.ID, leaf.ID)
	below(left, left.ID, leaf.ID)
	below(leaf, leaf.ID)
	below(other, other.ID)
	right.Profile = reseller.Profile{Name: "ÄRGER 100%", Company: "a_b"}
	right.Status, right.CreatedAt = reseller.Suspended, when(10)
	b.write(func(tx work.Tx) error { return tx.UpdateReseller(b.ctx(), right) })
	early, late := when(5), when(10)
	for i, c := range []struct {
		f    work.ResellerFilter
		want []int64
	}{
		{work.ResellerFilter{}, []int64{root.ID, left.ID, right.ID, leaf.ID, other.ID}},
		{work.ResellerFilter{PartnerID: q.ID}, []int64{other.ID}},
		{work.ResellerFilter{Path: left.Path}, []int64{left.ID, leaf.ID}},
		{work.ResellerFilter{IDs: []int64{leaf.ID, other.ID}, Path: root.Path}, []int64{leaf.ID}},
		{work.ResellerFilter{ParentIDs: []int64{root.ID}}, []int64{left.ID, right.ID}},
		{work.ResellerFilter{Username: "ROOT@x.example"}, []int64{root.ID, other.ID}},
		{work.ResellerFilter{Username: "%ea%"}, []int64{leaf.ID}},
		{work.ResellerFilter{Name: "ärger%"}, []int64{right.ID}},
		{work.ResellerFilter{Company: "a_b"}, []int64{right.ID}},
		{work.ResellerFilter{Company: "%axb"}, nil},
		{work.ResellerFilter{Company: "%_%"}, []int64{right.ID}},
		{work.ResellerFilter{Statuses: []reseller.Status{reseller.Suspended, reseller.Deleted}}, []int64{right.ID}},
		{work.ResellerFilter{CreatedAfter: &early}, []int64{right.ID}},
		{work.ResellerFilter{CreatedAfter: &late}, nil},
		{work.ResellerFilter{CreatedBefore: &late, PartnerID: p.ID}, []int64{root.ID, left.ID, leaf.ID}},
		{work.ResellerFilter{Username: "'; DROP TABLE reseller --"}, nil},
	} {
		c.f.Limit = 100
		total := get(b, func(tx work.Tx) (int, error) { return tx.CountResellers(b.ctx(), c.f) })
		got := get(b, func(tx work.Tx) ([]*reseller.Reseller, error) { return tx.FindResellers(b.ctx(), c.f) })
		var ids []int64
		for _, r := range got {
			ids = append(ids, r.ID)
		}
		if total != len(c.want) || !slices.Equal(ids, c.want) {
			t.Errorf("%d, %+v: %d, %v, want %v", i, c.f, total, ids, c.want)
		}
	}
	page := get(b, func(tx work.Tx) ([]*reseller.Reseller, error) {
		return tx.FindResellers(b.ctx(), work.ResellerFilter{PartnerID: p.ID, Offset: 1, Limit: 2})
	})
	if len(page) != 2 || page[0].ID != left.ID || page[1].ID != right.ID {
		t.Error(fmt.Sprint(page))
	}
}
