package holders

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/event"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
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
	var f work.Fields
	d := cmd.Data
	for name, v := range map[string]*string{"firstName": d.FirstName, "lastName": d.LastName, "username": d.Username, "email": d.Email} {
		if v == nil {
			f.Field(name, func(f *work.Fields) { f.Failf("The %s is missing", name) })
		}
	}
	d = d.copied()
	d.check(&f)
	if err := checkHolderPassword(cmd.Password); err != nil {
		f.Fail(err)
	}
	if f.Err != nil {
		return nil, f.Err
	}
	free := func(u *work.Unit) error {
		if _, err := u.OwnPartner(0); err != nil {
			return err
		}
		if err := customers.FreeUsername(u, u.Actor.PartnerID, *d.Username, 0); err != nil {
			return err
		}
		return freeEmail(u, u.Actor.PartnerID, *d.Email, 0)
	}
	// What is taken already costs no hash.
	if err := s.Read(ctx, actor, free); err != nil {
		return nil, err
	}
	hash, err := s.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return nil, err
	}
	var out *HolderDetails
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		if err := free(u); err != nil {
			return err
		}
		c := &customer.Customer{
			PartnerID: u.Actor.PartnerID, Username: strings.ToLower(*d.Username), Email: *d.Email, PasswordHash: hash,
			Holder: customer.Holder{Username: *d.Username},
		}
		d.apply(c)
		ref := int64(0)
		if d.ResellerRef != nil {
			ref = *d.ResellerRef
		}
		var err error
		if c.ResellerID, err = holderSeller(u, c.PartnerID, ref); err != nil {
			return err
		}
		if err := customers.InsertNamed(u, c); err != nil {
			return err
		}
		if err := packages.EmitHolder(u, c, event.AccountHolderCreated); err != nil {
			return err
		}
		out, err = DetailsOf(u, c)
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

// mayCreateHolder refuses a further customer of a reseller that is full or not enabled.
func mayCreateHolder(u *work.Unit, r *reseller.Reseller) error {
	if r.Status != reseller.Active {
		return errResellerDisabled
	}
	if r.Profile.AccountLimit == 0 {
		return nil
	}
	n, err := u.Tx.CountCustomers(u.Ctx, work.CustomerFilter{PartnerID: r.PartnerID, Resellers: []int64{r.ID}})
	if err == nil && n >= r.Profile.AccountLimit {
		err = errAccountLimit
	}
	return err
}

var errAccountLimit = fault.New(fault.Invalid, "The reseller has as many account holders as it may have").WithReason(ReasonResellerFull)

var errResellerDisabled = fault.New(fault.Invalid, "The reseller is not enabled").WithReason("RESELLER_DISABLED")

// ReasonResellerFull says that a reseller has as many customers as it may have.
const ReasonResellerFull = "RESELLER_FULL"
