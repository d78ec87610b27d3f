package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
)

// SearchActions is actions/search-current and search-archived (resellerclub.md
// section 11), over the caller's whole tree. Empty fields do not restrict.
type SearchActions struct {
	Pending       bool // current ones, else those that are over
	IDs           []int64
	OrderIDs      []int64
	EntityTypes   []int64
	Statuses      []action.Status
	Types         []action.Type
	Page, PerPage int
}

// FoundActions is a page of a search.
type FoundActions struct {
	Total   int
	Actions []*action.Action
}

// SearchActions looks through actions, the oldest first.
func (s *Service) SearchActions(ctx context.Context, actor audit.Actor, q SearchActions) (*FoundActions, error) {
	skip, err := offset(q.Page, q.PerPage)
	if err != nil {
		return nil, err
	}
	if max(len(q.IDs), len(q.OrderIDs), len(q.EntityTypes), len(q.Statuses), len(q.Types)) > maxOrderIDs {
		return nil, errSearch
	}
	var keys []product.Key
	for _, p := range product.All() {
		for _, id := range q.EntityTypes {
			if int64(p.EntityTypeID) == id {
				keys = append(keys, p.Key)
			}
		}
	}
	var out *FoundActions
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		sellers, err := sellers(u, nil, true)
		if err != nil {
			return err
		}
		out = &FoundActions{}
		if len(q.EntityTypes) > 0 && len(keys) == 0 {
			return nil
		}
		out.Total, out.Actions, err = u.Tx.SearchActions(u.Ctx, work.ActionSearchFilter{
			Sellers: sellers, Pending: q.Pending, IDs: distinct(q.IDs), OrderIDs: distinct(q.OrderIDs), Products: keys, Statuses: q.Statuses, Types: q.Types,
			Offset: skip, Limit: q.PerPage,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
