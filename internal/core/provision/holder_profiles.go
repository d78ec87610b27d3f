package provision

import (
	"context"
	"strings"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/fault"
)

// Bounds of profiles (B-30).
const (
	maxProfiles       = 20 // of one holder
	maxProfileFields  = 100
	maxProfileName    = 100  // characters
	maxProfileValue   = 1000 // characters
	profileSignLength = 200  // characters of a value below our mails
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
	if p.Name == "" || utf8.RuneCountInString(p.Name) > maxProfileName || !storable(p.Name) ||
		strings.ContainsFunc(p.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errProfileField
	}
	if p.Value != nil && (!storable(*p.Value) || utf8.RuneCountInString(*p.Value) > maxProfileValue) {
		return errProfileField
	}
	return nil
}

// HolderProfiles gives a customer's profiles, oldest first (basekit.md 5.13).
// There is always one, made when it is first looked for: setting site information
// is a look and a change of what was found.
func (s *Service) HolderProfiles(ctx context.Context, actor audit.Actor, ref int64) ([]*customer.Profile, error) {
	var out []*customer.Profile
	look := func(u *unit) (c *customer.Customer, err error) {
		if c, err = u.customer(ref); err == nil {
			out, err = u.tx.HolderProfiles(u.ctx, c.ID)
		}
		return c, err
	}
	err := s.read(ctx, actor, func(u *unit) error {
		_, err := look(u)
		return err
	})
	if err != nil || len(out) > 0 {
		return out, err
	}
	err = s.write(ctx, actor, func(u *unit) error {
		c, err := look(u)
		if err != nil || len(out) > 0 {
			return err
		}
		p := &customer.Profile{PartnerID: c.PartnerID, CustomerID: c.ID, CreatedAt: u.now, UpdatedAt: u.now}
		if err := u.tx.InsertHolderProfile(u.ctx, p); err != nil {
			return err
		}
		out = []*customer.Profile{p}
		return u.record(c.PartnerID, "customer.create_profile", "customer", c.ID, detail{"profile": p.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// HolderProfile gives one.
func (s *Service) HolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64) (*customer.Profile, error) {
	var out *customer.Profile
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.profile(ref, profileRef)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) profile(ref, profileRef int64) (*customer.Profile, error) {
	c, err := u.customer(ref)
	if err != nil {
		return nil, err
	}
	p, err := u.tx.HolderProfile(u.ctx, profileRef)
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
	err := s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(ref)
		if err != nil {
			return err
		}
		others, err := u.tx.HolderProfiles(u.ctx, c.ID)
		if err != nil {
			return err
		}
		if len(others) >= maxProfiles {
			return errProfiles
		}
		p := &customer.Profile{PartnerID: c.PartnerID, CustomerID: c.ID, CreatedAt: u.now, UpdatedAt: u.now}
		if err := fill(p, fields); err != nil {
			return err
		}
		if err := u.tx.InsertHolderProfile(u.ctx, p); err != nil {
			return err
		}
		out = p
		return u.record(c.PartnerID, "customer.create_profile", "customer", c.ID, detail{"profile": p.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ModifyHolderProfile sets the fields that are named; others keep their value.
func (s *Service) ModifyHolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64, fields []ProfileChange) (*customer.Profile, error) {
	var out *customer.Profile
	err := s.write(ctx, actor, func(u *unit) error {
		p, err := u.profile(ref, profileRef)
		if err != nil {
			return err
		}
		if err := fill(p, fields); err != nil {
			return err
		}
		p.UpdatedAt = u.now
		if err := u.tx.UpdateHolderProfile(u.ctx, p); err != nil {
			return err
		}
		out = p
		return u.record(p.PartnerID, "customer.modify_profile", "customer", p.CustomerID, detail{"profile": p.ID})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteHolderProfile removes one.
func (s *Service) DeleteHolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		p, err := u.profile(ref, profileRef)
		if err != nil {
			return err
		}
		if err := u.tx.DeleteHolderProfile(u.ctx, p.ID); err != nil {
			return err
		}
		return u.record(p.PartnerID, "customer.delete_profile", "customer", p.CustomerID, detail{"profile": p.ID})
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

// signatureOf gives what stands below mails to a customer, or about him: business
// and e-mail of his first profile.
func (u *unit) signatureOf(customerID int64) (notice.Signature, error) {
	all, err := u.tx.HolderProfiles(u.ctx, customerID)
	if err != nil || len(all) == 0 {
		return notice.Signature{}, err
	}
	cut := func(s string) string {
		if r := []rune(strings.Join(strings.Fields(s), " ")); len(r) > profileSignLength {
			return string(r[:profileSignLength])
		} else {
			return string(r)
		}
	}
	return notice.Signature{Business: cut(all[0].Field("business")), Email: cut(all[0].Field("email"))}, nil
}
