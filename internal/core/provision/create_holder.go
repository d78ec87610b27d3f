package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
)

// CreateHolder is POST /users (basekit.md section 6). FirstName, LastName,
// Username and Email are required.
type CreateHolder struct {
	Data     HolderData
	Password string
}

// CreateHolder makes a customer of the partner that asks. In the partner's other
// dialects its customer id is its number.
func (s *Service) CreateHolder(ctx context.Context, actor audit.Actor, cmd CreateHolder) (*HolderDetails, error) {
	var f fields
	d := cmd.Data
	for name, v := range map[string]*string{"firstName": d.FirstName, "lastName": d.LastName, "username": d.Username, "email": d.Email} {
		if v == nil {
			f.field(name, func(f *fields) { f.failf("The %s is missing", name) })
		}
	}
	d = d.copied()
	d.check(&f)
	if err := checkHolderPassword(cmd.Password); err != nil {
		f.fail(err)
	}
	if f.err != nil {
		return nil, f.err
	}
	free := func(u *unit) error {
		if _, err := u.ownPartner(0); err != nil {
			return err
		}
		if err := u.freeUsername(u.actor.PartnerID, *d.Username, 0); err != nil {
			return err
		}
		return u.freeEmail(u.actor.PartnerID, *d.Email, 0)
	}
	// What is taken already costs no hash.
	if err := s.read(ctx, actor, free); err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return nil, err
	}
	var out *HolderDetails
	err = s.write(ctx, actor, func(u *unit) error {
		out = nil
		if err := free(u); err != nil {
			return err
		}
		c := &customer.Customer{
			PartnerID: u.actor.PartnerID, Username: strings.ToLower(*d.Username), Email: *d.Email, PasswordHash: hash,
			Holder: customer.Holder{Username: *d.Username},
		}
		d.apply(c)
		ref := int64(0)
		if d.ResellerRef != nil {
			ref = *d.ResellerRef
		}
		var err error
		if c.ResellerID, err = u.holderSeller(c.PartnerID, ref); err != nil {
			return err
		}
		if err := u.insertNamed(c); err != nil {
			return err
		}
		if err := u.emitHolder(c, event.AccountHolderCreated); err != nil {
			return err
		}
		out, err = u.holderDetails(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// copied gives data whose texts can be changed.
func (d HolderData) copied() HolderData {
	for _, p := range []**string{
		&d.FirstName, &d.LastName, &d.Username, &d.Email, &d.Language, &d.Company, &d.Phone, &d.Address1, &d.Address2, &d.City, &d.Zip, &d.State, &d.Country,
		&d.CountryCode, &d.CPFNumber, &d.External,
	} {
		if *p != nil {
			v := **p
			*p = &v
		}
	}
	return d
}
