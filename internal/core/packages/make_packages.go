package packages

import (
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// MakePackages gives a brand the packages that it has by itself (B-20), those
// that it has not yet: what an administrator made of one stays, a deleted one
// stays deleted. A domain package of an ending that is no longer on offer goes
// off, and comes back with the ending.
func MakePackages(u *work.Unit, p *partner.Partner) error {
	settings, err := tenancy.Shop(u, p.ID)
	if err != nil {
		return err
	}
	have, err := u.Tx.Packages(u.Ctx, p.ID)
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
	for _, k := range shop.Made(u.Platform.Catalogue, settings.Endings) {
		wanted[k.Origin] = true
		if byOrigin[k.Origin] != nil {
			continue
		}
		k.PartnerID, k.CreatedAt, k.UpdatedAt = p.ID, u.Real, u.Real
		k.Name = freeName(have, k.Name)
		if err := u.Tx.InsertPackage(u.Ctx, &k); err != nil {
			return err
		}
		if err := u.Record(p.ID, "package.create", "package", k.ID, work.Detail{"kind": k.Kind, "name": k.Name, "plan": k.Plan, "seats": k.Seats}); err != nil {
			return err
		}
	}
	for _, k := range have {
		if k.Origin == "" || k.Kind != shop.DomainPackage || k.Ending == "" || k.DeletedAt != nil || k.Active == wanted[k.Origin] {
			continue
		}
		k.Active, k.UpdatedAt = wanted[k.Origin], u.Real
		if err := u.Tx.UpdatePackage(u.Ctx, k); err != nil {
			return err
		}
		if err := u.Record(p.ID, "package.modify", "package", k.ID, work.Detail{"active": k.Active}); err != nil {
			return err
		}
	}
	return nil
}
