package selling

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SearchOrders is resellerclub.md 7.8. Empty fields do not restrict. The orders
// are those of the caller's own customers, or of ResellerIDs'; with Children
// also those of resellers below. Ids that do not exist for the caller match nothing.
type SearchOrders struct {
	Product       product.Key // "" = all
	OrderIDs      []int64
	ResellerIDs   []int64
	CustomerIDs   []int64
	Children      bool
	States        []order.Shown
	Domain        string // exact, or with "%" for any text
	CreatedAfter  *time.Time
	CreatedBefore *time.Time
	ExpiresAfter  *time.Time
	ExpiresBefore *time.Time
	OrderBy       []work.OrderBy
	Page, PerPage int
}

// FoundOrders is a page of a search.
type FoundOrders struct {
	Total  int
	At     time.Time // the moment that states are of
	Orders []*order.Order
}

// Bounds of what a search may ask for.
const (
	maxPerPage   = 500
	lastPage     = 1_000_000_000
	maxOrderIDs  = 500
	maxWildcards = 4
	maxOrderBy   = 8
)

var errSearch = fault.New(fault.Invalid, "The search is out of bounds").WithReason("SEARCH_BOUNDS")

// offset is how many rows come before a page.
func offset(page, perPage int) (int, error) {
	if page < 1 || page > lastPage || perPage < 1 || perPage > maxPerPage {
		return 0, errSearch
	}
	return (page - 1) * perPage, nil
}

// SearchOrders looks through the orders of the caller's tree.
func (s *Service) SearchOrders(ctx context.Context, actor audit.Actor, q SearchOrders) (*FoundOrders, error) {
	skip, err := offset(q.Page, q.PerPage)
	if err != nil {
		return nil, err
	}
	domain := strings.ToLower(strings.TrimSpace(q.Domain))
	for strings.Contains(domain, "%%") {
		domain = strings.ReplaceAll(domain, "%%", "%")
	}
	if max(len(q.OrderIDs), len(q.ResellerIDs), len(q.CustomerIDs), len(q.States)) > maxOrderIDs || len(q.OrderBy) > maxOrderBy ||
		len(domain) > work.MaxFreeText || !work.Storable(domain) || strings.Count(domain, "%") > maxWildcards {
		return nil, errSearch
	}
	var out *FoundOrders
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		if err := sells(u, q.Product); err != nil {
			return err
		}
		sellers, err := sellers(u, q.ResellerIDs, q.Children)
		if err != nil {
			return err
		}
		out = &FoundOrders{At: u.Now}
		if len(sellers.Of) == 0 {
			return nil
		}
		out.Total, out.Orders, err = u.Tx.SearchOrders(u.Ctx, work.OrderSearchFilter{
			Sellers: sellers, At: u.Now, Products: keysOf(q.Product), OrderIDs: distinct(q.OrderIDs), CustomerIDs: distinct(q.CustomerIDs), States: q.States, Domain: domain,
			CreatedAfter: q.CreatedAfter, CreatedBefore: q.CreatedBefore, ExpiresAfter: q.ExpiresAfter, ExpiresBefore: q.ExpiresBefore,
			OrderBy: q.OrderBy, Offset: skip, Limit: q.PerPage,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// sellers gives those whose orders a search is about: the caller, or the ones
// named as far as they exist for it.
func sellers(u *work.Unit, ids []int64, below bool) (work.Sellers, error) {
	out := work.Sellers{PartnerID: u.Actor.PartnerID, Below: below}
	me, err := u.Reseller(0)
	if err != nil {
		return out, err
	}
	if len(ids) == 0 {
		out.Of = []*reseller.Reseller{me}
		return out, nil
	}
	for _, id := range distinct(ids) {
		r, err := u.Tx.Reseller(u.Ctx, id)
		if err != nil {
			return out, err
		}
		if r != nil && me.Above(r) {
			out.Of = append(out.Of, r)
		}
	}
	return out, nil
}

// keysOf are the keys that orders of a product have: those made in a dialect
// without products appear under one of them.
func keysOf(k product.Key) []product.Key {
	switch k {
	case "":
		return nil
	case product.OrDefault(""):
		return []product.Key{k, ""}
	}
	return []product.Key{k}
}

func distinct(ids []int64) []int64 {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}
