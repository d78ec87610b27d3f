package holders

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// ListHolders is GET /users (basekit.md section 6).
type ListHolders struct {
	work.HolderFilter       // PartnerID is the actor's, Resellers those of ResellerRef
	ResellerRef       int64 // of its branch; 0 = of all
	Offset            int
	Limit             int
}

// MaxHolders bounds a page.
const MaxHolders = 100

// FoundHolders is a page of a list.
type FoundHolders struct {
	Total int // on all pages
	Page  []*HolderDetails
}

// ListHolders gives customers by ref. A reseller that is not the partner's has none.
func (s *Service) ListHolders(ctx context.Context, actor audit.Actor, q ListHolders) (*FoundHolders, error) {
	var out *FoundHolders
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = &FoundHolders{}
		p, err := u.OwnPartner(0)
		if err != nil {
			return err
		}
		f := q.HolderFilter
		f.PartnerID, f.Resellers, f.Username = p.ID, nil, strings.ToLower(strings.TrimSpace(f.Username))
		if !work.Storable(f.Username) || len(f.Username) > work.MaxFreeText {
			return nil
		}
		if q.ResellerRef != 0 {
			if f.Resellers, err = branch(u, p.ID, q.ResellerRef); err != nil {
				return err
			}
		}
		if out.Total, err = u.Tx.CountHolders(u.Ctx, f); err != nil {
			return err
		}
		page, err := u.Tx.FindHolders(u.Ctx, f, int64(max(0, q.Offset)), max(1, min(q.Limit, MaxHolders)))
		if err != nil {
			return err
		}
		out.Page, err = holdersDetails(u, page)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// branch gives a partner's reseller and those below it; never nil.
func branch(u *work.Unit, partnerID, ref int64) ([]int64, error) {
	r, err := u.Tx.Reseller(u.Ctx, ref)
	if err != nil || r == nil || r.PartnerID != partnerID {
		return []int64{}, err
	}
	if r.Root() {
		return []int64{0, r.ID}, nil
	}
	below, err := u.Tx.ResellersBelow(u.Ctx, r)
	out := []int64{r.ID}
	for _, b := range below {
		if b.ID != r.ID {
			out = append(out, b.ID)
		}
	}
	return out, err
}

// FoundHolder is a customer that a search finds, with his live orders.
type FoundHolder struct {
	*HolderDetails
	Orders []*order.Order
}

// maxFoundHolders bounds what a search gives, and the orders of each.
const (
	maxFoundHolders = 20
	maxSites        = 50
)

// SearchHolders finds customers by the beginning of their user name, address,
// name, last name or company, by a domain name of theirs, or by their ref.
func (s *Service) SearchHolders(ctx context.Context, actor audit.Actor, text string) ([]*FoundHolder, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || len(text) > work.MaxFreeText || !work.Storable(text) {
		return nil, nil
	}
	var out []*FoundHolder
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		p, err := u.OwnPartner(0)
		if err != nil {
			return err
		}
		found, err := u.Tx.SearchHolders(u.Ctx, p.ID, text, maxFoundHolders)
		if err != nil {
			return err
		}
		if domain, derr := order.ParseDomain(text); derr == nil {
			orders, err := u.Tx.OrdersByDomain(u.Ctx, p.ID, domain)
			if err != nil {
				return err
			}
			for _, o := range orders {
				if !o.Live() {
					continue
				}
				c, err := u.CustomerOf(o)
				if err != nil {
					return err
				}
				if c.Status != customer.Deleted {
					found = append(found, c)
				}
			}
		}
		if ref, nerr := strconv.ParseInt(text, 10, 64); nerr == nil {
			c, err := u.Tx.Customer(u.Ctx, ref)
			if err != nil {
				return err
			}
			if c != nil && c.PartnerID == p.ID && c.Status != customer.Deleted {
				found = append(found, c)
			}
		}
		slices.SortFunc(found, func(a, b *customer.Customer) int { return cmp.Compare(a.ID, b.ID) })
		found = slices.CompactFunc(found, func(a, b *customer.Customer) bool { return a.ID == b.ID })
		found = found[:min(len(found), maxFoundHolders)]
		details, err := holdersDetails(u, found)
		if err != nil {
			return err
		}
		ids := make([]int64, len(found))
		for i, c := range found {
			ids[i] = c.ID
		}
		orders, err := u.Tx.FirstOrdersOf(u.Ctx, ids, maxSites)
		for _, d := range details {
			out = append(out, &FoundHolder{HolderDetails: d, Orders: orders[d.ID]})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
