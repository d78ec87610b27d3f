package customers

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SearchCustomers is a page of the customers of the reseller that asks. Without
// IDs and Resellers it covers its own ones; those of resellers below are found by
// either. What is not in its tree is not found.
type SearchCustomers struct {
	work.CustomerFilter
	Limit int // 1 to 500
	Page  int // from 1
}

// FoundCustomers is a page of a search.
type FoundCustomers struct {
	Total int // on all pages
	Page  []*CustomerDetails
	Live  map[int64]int // orders that are not deleted, by customer
}

// Bounds of a search.
const (
	MaxPageRows  = 500
	maxSearchIDs = 1000
	maxPageNo    = 1_000_000_000
)

// SearchCustomers finds customers by ID.
func (s *Service) SearchCustomers(ctx context.Context, actor audit.Actor, q SearchCustomers) (*FoundCustomers, error) {
	var f work.Fields
	f.Field("limit", func(f *work.Fields) {
		if q.Limit < 1 || q.Limit > MaxPageRows {
			f.Failf("A page has 1 to %d rows", MaxPageRows)
		}
	})
	f.Field("page", func(f *work.Fields) {
		if q.Page < 1 || q.Page > maxPageNo {
			f.Failf("There is no such page")
		}
	})
	f.Field("customerId", func(f *work.Fields) {
		if len(q.IDs) > maxSearchIDs {
			f.Failf("A search takes at most %d customers", maxSearchIDs)
		}
	})
	f.Field("resellerId", func(f *work.Fields) {
		if len(q.Resellers) > maxSearchIDs {
			f.Failf("A search takes at most %d resellers", maxSearchIDs)
		}
	})
	for _, v := range []struct {
		name string
		text *string
	}{{"username", &q.Username}, {"name", &q.Name}, {"company", &q.Company}, {"city", &q.City}, {"state", &q.State}} {
		f.Field(v.name, func(f *work.Fields) { *v.text = f.Line(v.name, *v.text, work.MaxFreeText) })
	}
	f.Field("status", func(f *work.Fields) {
		for _, st := range q.Statuses {
			if st != customer.Active && st != customer.Suspended && st != customer.Deleted {
				f.Fail(fault.New(fault.Invalid, "The status is unknown"))
			}
		}
	})
	if f.Err != nil {
		return nil, f.Err
	}
	slices.Sort(q.Statuses)
	q.Statuses = slices.Compact(q.Statuses)
	var out *FoundCustomers
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = searchCustomers(u, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func searchCustomers(u *work.Unit, q SearchCustomers) (*FoundCustomers, error) {
	me, err := u.Reseller(0)
	if err != nil {
		return nil, err
	}
	below, err := u.Tx.ResellersBelow(u.Ctx, me)
	if err != nil {
		return nil, err
	}
	tree := map[int64]*CustomerDetails{}
	for _, r := range below {
		tree[r.ID] = &CustomerDetails{Seller: r}
	}
	if me.Root() {
		tree[0] = tree[me.ID] // what belongs to no reseller is the root's
	}
	filter := q.CustomerFilter
	filter.PartnerID = me.PartnerID
	switch {
	case filter.Resellers != nil:
		filter.Resellers = slices.DeleteFunc(slices.Clone(filter.Resellers), func(id int64) bool { return id == 0 || tree[id] == nil })
		if me.Root() && slices.Contains(filter.Resellers, me.ID) {
			filter.Resellers = append(filter.Resellers, 0)
		}
	case filter.IDs == nil:
		filter.Resellers = []int64{me.ID}
		if me.Root() {
			filter.Resellers = append(filter.Resellers, 0)
		}
	}
	if filter.IDs != nil {
		if filter.IDs, err = customersInTree(u, filter.IDs, tree, me.PartnerID); err != nil {
			return nil, err
		}
	}
	out := &FoundCustomers{}
	if out.Total, err = u.Tx.CountCustomers(u.Ctx, filter); err != nil {
		return nil, err
	}
	page, err := u.Tx.FindCustomers(u.Ctx, filter, int64(q.Page-1)*int64(q.Limit), q.Limit)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(page))
	for _, c := range page {
		ids = append(ids, c.ID)
		d := &CustomerDetails{Customer: c}
		if t := tree[c.ResellerID]; t != nil {
			d.Seller = t.Seller
		}
		out.Page = append(out.Page, d)
	}
	out.Live, err = u.Tx.LiveOrdersOf(u.Ctx, ids)
	return out, err
}

// customersInTree keeps the ids of customers that the acting reseller may see.
func customersInTree(u *work.Unit, ids []int64, tree map[int64]*CustomerDetails, partnerID int64) ([]int64, error) {
	in := []int64{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 {
		return in, nil
	}
	page, err := u.Tx.FindCustomers(u.Ctx, work.CustomerFilter{PartnerID: partnerID, IDs: ids,
		Statuses: []customer.Status{customer.Active, customer.Deleted, customer.Suspended}}, 0, len(ids))
	for _, c := range page {
		if tree[c.ResellerID] != nil {
			in = append(in, c.ID)
		}
	}
	return in, err
}
