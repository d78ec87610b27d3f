package provision

import (
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
)

// makePackages gives a brand the packages that it has by itself (B-20), those
// that it has not yet: what an administrator made of one stays, a deleted one
// stays deleted. A domain package of an ending that is no longer on offer goes
// off, and comes back with the ending.
func (u *unit) makePackages(p *partner.Partner) error {
	settings, err := u.shop(p.ID)
	if err != nil {
		return err
	}
	have, err := u.tx.Packages(u.ctx, p.ID)
	if err != nil {
		return err
	}
	byOrigin := map[string]*shop.Package{}
	for _, k := range have {
		if k.Origin != "" {
			byOrigin[k.Origin] = k
		}
	}
	wanted := map[string]bool{}
	for _, k := range shop.Made(u.s.catalogue, settings.Endings) {
		wanted[k.Origin] = true
		if byOrigin[k.Origin] != nil {
			continue
		}
		k.PartnerID, k.CreatedAt, k.UpdatedAt = p.ID, u.real, u.real
		k.Name = freeName(have, k.Name)
		if err := u.tx.InsertPackage(u.ctx, &k); err != nil {
			return err
		}
		if err := u.record(p.ID, "package.create", "package", k.ID, detail{"kind": k.Kind, "name": k.Name, "plan": k.Plan, "seats": k.Seats}); err != nil {
			return err
		}
	}
	for _, k := range have {
		if k.Origin == "" || k.Kind != shop.DomainPackage || k.Ending == "" || k.DeletedAt != nil || k.Active == wanted[k.Origin] {
			continue
		}
		k.Active, k.UpdatedAt = wanted[k.Origin], u.real
		if err := u.tx.UpdatePackage(u.ctx, k); err != nil {
			return err
		}
		if err := u.record(p.ID, "package.modify", "package", k.ID, detail{"active": k.Active}); err != nil {
			return err
		}
	}
	return nil
}
