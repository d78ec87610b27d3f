package provision

import (
	"context"
	"slices"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// ResellerDetails is a reseller as those who may see it do.
type ResellerDetails struct {
	Reseller       *reseller.Reseller
	ParentCurrency string          // in which it pays; of a root its accounting currency
	BrandURL       string          // of its control panel, or of those above
	ParentBrandURL string          // "" = it is the root
	Keys           []*reseller.Key // newest first, without secrets
}

// ShowReseller gives a reseller; 0 = the one that acts.
func (s *Service) ShowReseller(ctx context.Context, actor audit.Actor, id int64) (*ResellerDetails, error) {
	var out *ResellerDetails
	err := s.read(ctx, actor, func(u *unit) error {
		r, err := u.issuer(id)
		if err != nil {
			return err
		}
		out, err = u.resellerDetails(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) resellerDetails(r *reseller.Reseller) (*ResellerDetails, error) {
	out := &ResellerDetails{Reseller: r}
	var err error
	if _, out.ParentCurrency, err = u.costList(r); err != nil {
		return nil, err
	}
	if out.BrandURL, err = u.brandURL(r.PartnerID, r.ID, r.Profile.BrandURL); err != nil {
		return nil, err
	}
	if !r.Root() {
		parent, err := u.tx.Reseller(u.ctx, r.ParentID)
		if err != nil {
			return nil, err
		}
		if out.ParentBrandURL, err = u.brandURL(r.PartnerID, parent.ID, parent.Profile.BrandURL); err != nil {
			return nil, err
		}
	}
	keys, err := u.tx.ResellerKeys(u.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		k.LookupHash = nil
	}
	slices.Reverse(keys)
	out.Keys = keys
	return out, nil
}

// brandURL is where the panel of a reseller's customers is.
func (u *unit) brandURL(partnerID, resellerID int64, own string) (string, error) {
	if own != "" {
		return own, nil
	}
	b, err := u.brand(partnerID, resellerID)
	return b.PanelURL, err
}

// ResellerFilter selects resellers. Empty fields do not restrict. In texts, %
// stands for any text, and letters are compared without regard to case.
type ResellerFilter struct {
	PartnerID     int64 // of the operator; 0 = any
	Under         int64 // this reseller and those below it
	IDs           []int64
	ParentIDs     []int64
	Username      string
	Name          string
	Company       string
	Statuses      []reseller.Status
	CreatedAfter  *time.Time
	CreatedBefore *time.Time
	Offset, Limit int // Limit 0 = maxFoundResellers

	Path []int64 // set here: of whom Under names
}

// FoundResellers is a page of a search.
type FoundResellers struct {
	Total     int
	Resellers []*reseller.Reseller // by ID
}

// maxFoundResellers bounds a page, maxSearched the values of a filter.
const (
	maxFoundResellers = 1000
	maxSearched       = 500
)

// Resellers gives those that the actor sees: to a reseller it and those below.
func (s *Service) Resellers(ctx context.Context, actor audit.Actor, f ResellerFilter) (*FoundResellers, error) {
	if f.Limit <= 0 || f.Limit > maxFoundResellers {
		f.Limit = maxFoundResellers
	}
	if f.Offset < 0 || len(f.IDs) > maxSearched || len(f.ParentIDs) > maxSearched || len(f.Statuses) > maxSearched {
		return nil, fault.New(fault.Invalid, "The search is out of bounds")
	}
	for _, v := range []string{f.Username, f.Name, f.Company} {
		if len(v) > maxFreeText || !storable(v) {
			return nil, fault.New(fault.Invalid, "The search is out of bounds")
		}
	}
	var out *FoundResellers
	err := s.read(ctx, actor, func(u *unit) error {
		f := f
		if f.Under != 0 || u.actor.Limit.ResellerID != 0 {
			under, err := u.reseller(f.Under)
			if err != nil {
				return err
			}
			f.PartnerID, f.Path = under.PartnerID, under.Path
		} else if u.actor.PartnerID != 0 {
			f.PartnerID = u.actor.PartnerID
		}
		total, err := u.tx.CountResellers(u.ctx, f)
		if err != nil {
			return err
		}
		out = &FoundResellers{Total: total}
		out.Resellers, err = u.tx.FindResellers(u.ctx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
