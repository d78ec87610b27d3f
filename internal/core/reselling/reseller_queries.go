package reselling

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
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
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		r, err := pricing.Issuer(u, id)
		if err != nil {
			return err
		}
		out, err = resellerDetails(u, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func resellerDetails(u *work.Unit, r *reseller.Reseller) (*ResellerDetails, error) {
	out := &ResellerDetails{Reseller: r}
	var err error
	if _, out.ParentCurrency, err = pricing.CostList(u, r); err != nil {
		return nil, err
	}
	if out.BrandURL, err = brandURL(u, r.PartnerID, r.ID, r.Profile.BrandURL); err != nil {
		return nil, err
	}
	if !r.Root() {
		parent, err := u.Tx.Reseller(u.Ctx, r.ParentID)
		if err != nil {
			return nil, err
		}
		if out.ParentBrandURL, err = brandURL(u, r.PartnerID, parent.ID, parent.Profile.BrandURL); err != nil {
			return nil, err
		}
	}
	keys, err := u.Tx.ResellerKeys(u.Ctx, r.ID)
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
func brandURL(u *work.Unit, partnerID, resellerID int64, own string) (string, error) {
	if own != "" {
		return own, nil
	}
	b, err := tenancy.Brand(u, partnerID, resellerID)
	return b.PanelURL, err
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
func (s *Service) Resellers(ctx context.Context, actor audit.Actor, f work.ResellerFilter) (*FoundResellers, error) {
	if f.Limit <= 0 || f.Limit > maxFoundResellers {
		f.Limit = maxFoundResellers
	}
	if f.Offset < 0 || len(f.IDs) > maxSearched || len(f.ParentIDs) > maxSearched || len(f.Statuses) > maxSearched {
		return nil, fault.New(fault.Invalid, "The search is out of bounds")
	}
	for _, v := range []string{f.Username, f.Name, f.Company} {
		if len(v) > work.MaxFreeText || !work.Storable(v) {
			return nil, fault.New(fault.Invalid, "The search is out of bounds")
		}
	}
	var out *FoundResellers
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		f := f
		if f.Under != 0 || u.Actor.Limit.ResellerID != 0 {
			under, err := u.Reseller(f.Under)
			if err != nil {
				return err
			}
			f.PartnerID, f.Path = under.PartnerID, under.Path
		} else if u.Actor.PartnerID != 0 {
			f.PartnerID = u.Actor.PartnerID
		}
		total, err := u.Tx.CountResellers(u.Ctx, f)
		if err != nil {
			return err
		}
		out = &FoundResellers{Total: total}
		out.Resellers, err = u.Tx.FindResellers(u.Ctx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
