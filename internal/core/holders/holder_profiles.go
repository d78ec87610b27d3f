package holders

import (
	"context"
	"strings"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Bounds of profiles (B-30).
const (
	maxProfiles      = 20 // of one holder
	maxProfileFields = 100
	maxProfileName   = 100  // characters
	maxProfileValue  = 1000 // characters

)

var (
	errProfile      = fault.New(fault.NotFound, "No such profile")
	errProfiles     = fault.Newf(fault.Invalid, "A user can have at most %d profiles", maxProfiles).WithReason("PROFILE_LIMIT")
	errProfileCount = fault.Newf(fault.Invalid, "A profile can have at most %d fields", maxProfileFields).WithReason("PROFILE_FIELD_LIMIT")
	errProfileField = fault.Newf(fault.Invalid, "A field has a name of 1 to %d characters and a value of at most %d", maxProfileName, maxProfileValue).WithReason("PROFILE_FIELD_INVALID")
)

// ProfileChange is a field to be set; a nil Value removes it.
type ProfileChange struct {
	Name  string
	Value *string
}

func (p ProfileChange) check() error {
	if p.Name == "" || utf8.RuneCountInString(p.Name) > maxProfileName || !work.Storable(p.Name) ||
		strings.ContainsFunc(p.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errProfileField
	}
	if p.Value != nil && (!work.Storable(*p.Value) || utf8.RuneCountInString(*p.Value) > maxProfileValue) {
		return errProfileField
	}
	return nil
}

// HolderProfiles gives a customer's profiles, oldest first (basekit.md 5.13).
// There is always one, made when it is first looked for: setting site information
// is a look and a change of what was found.
func (s *Service) HolderProfiles(ctx context.Context, actor audit.Actor, ref int64) ([]*customer.Profile, error) {
	var out []*customer.Profile
	look := func(u *work.Unit) (c *customer.Customer, err error) {
		if c, err = u.Customer(ref); err == nil {
			out, err = u.Tx.HolderProfiles(u.Ctx, c.ID)
		}
		return c, err
	}
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, err := look(u)
		return err
	})
	if err != nil || len(out) > 0 {
		return out, err
	}
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := look(u)
		if err != nil || len(out) > 0 {
			return err
		}
		p := &customer.Profile{PartnerID: c.PartnerID, CustomerID: c.ID, CreatedAt: u.Now, UpdatedAt: u.Now}
		if err := u.Tx.InsertHolderProfile(u.Ctx, p); err != nil {
			return err
		}
		out = []*customer.Profile{p}
		return u.Record(c.PartnerID, "customer.create_profile", "customer", c.ID, work.Detail{"profile": p.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// HolderProfile gives one.
func (s *Service) HolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64) (*customer.Profile, error) {
	var out *customer.Profile
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = profile(u, ref, profileRef)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func profile(u *work.Unit, ref, profileRef int64) (*customer.Profile, error) {
	c, err := u.Customer(ref)
	if err != nil {
		return nil, err
	}
	p, err := u.Tx.HolderProfile(u.Ctx, profileRef)
	if err != nil {
		return nil, err
	}
	if p == nil || p.CustomerID != c.ID {
		return nil, errProfile
	}
	return p, nil
}

// CreateHolderProfile makes one.
func (s *Service) CreateHolderProfile(ctx context.Context, actor audit.Actor, ref int64, fields []ProfileChange) (*customer.Profile, error) {
	var out *customer.Profile
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(ref)
		if err != nil {
			return err
		}
		others, err := u.Tx.HolderProfiles(u.Ctx, c.ID)
		if err != nil {
			return err
		}
		if len(others) >= maxProfiles {
			return errProfiles
		}
		p := &customer.Profile{PartnerID: c.PartnerID, CustomerID: c.ID, CreatedAt: u.Now, UpdatedAt: u.Now}
		if err := fill(p, fields); err != nil {
			return err
		}
		if err := u.Tx.InsertHolderProfile(u.Ctx, p); err != nil {
			return err
		}
		out = p
		return u.Record(c.PartnerID, "customer.create_profile", "customer", c.ID, work.Detail{"profile": p.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ModifyHolderProfile sets the fields that are named; others keep their value.
func (s *Service) ModifyHolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64, fields []ProfileChange) (*customer.Profile, error) {
	var out *customer.Profile
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := profile(u, ref, profileRef)
		if err != nil {
			return err
		}
		if err := fill(p, fields); err != nil {
			return err
		}
		p.UpdatedAt = u.Now
		if err := u.Tx.UpdateHolderProfile(u.Ctx, p); err != nil {
			return err
		}
		out = p
		return u.Record(p.PartnerID, "customer.modify_profile", "customer", p.CustomerID, work.Detail{"profile": p.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteHolderProfile removes one.
func (s *Service) DeleteHolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := profile(u, ref, profileRef)
		if err != nil {
			return err
		}
		if err := u.Tx.DeleteHolderProfile(u.Ctx, p.ID); err != nil {
			return err
		}
		return u.Record(p.PartnerID, "customer.delete_profile", "customer", p.CustomerID, work.Detail{"profile": p.ID})
	})
}

func fill(p *customer.Profile, fields []ProfileChange) error {
	for _, f := range fields {
		if err := f.check(); err != nil {
			return err
		}
		if p.Set(f.Name, f.Value); len(p.Fields) > maxProfileFields {
			return errProfileCount
		}
	}
	return nil
}
