package provision

import (
	"context"
	"reflect"
	"strings"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
)

// ModifyHolder is PUT /users/:ref (basekit.md section 6).
type ModifyHolder struct {
	Ref      int64
	Data     HolderData
	Password *string
	Deleted  *bool // false brings one back that was deleted (B-32)
}

// ModifyHolder changes what was sent. A deleted holder takes a change only
// together with his return.
func (s *Service) ModifyHolder(ctx context.Context, actor audit.Actor, cmd ModifyHolder) (*HolderDetails, error) {
	var f fields
	cmd.Data = cmd.Data.copied()
	cmd.Data.check(&f)
	if cmd.Password != nil {
		if err := checkHolderPassword(*cmd.Password); err != nil {
			f.fail(err)
		}
	}
	if cmd.Deleted != nil && *cmd.Deleted {
		f.fail(errHolderDeleted)
	}
	if f.err != nil {
		return nil, f.err
	}
	hash := ""
	if cmd.Password != nil {
		// What is refused costs no hash.
		err := s.read(ctx, actor, func(u *unit) error {
			c, err := u.holder(cmd.Ref)
			if err != nil {
				return err
			}
			return u.nameHolder(c, &cmd.Data)
		})
		if err == nil {
			hash, err = s.hasher.Hash(ctx, *cmd.Password)
		}
		if err != nil {
			return nil, err
		}
	}
	var out *HolderDetails
	err := s.write(ctx, actor, func(u *unit) error {
		out = nil
		c, err := u.holder(cmd.Ref)
		if err != nil {
			return err
		}
		before := *c
		if err := u.nameHolder(c, &cmd.Data); err != nil {
			return err
		}
		cmd.Data.apply(c)
		if c.Removed() {
			if cmd.Deleted == nil {
				return errHolderDeleted
			}
			if err := u.restoreHolder(c); err != nil {
				return err
			}
		}
		if ref := cmd.Data.ResellerRef; ref != nil {
			if err := u.moveHolder(c, *ref); err != nil {
				return err
			}
		}
		if err := u.saveHolder(&before, c); err != nil {
			return err
		}
		if hash != "" {
			if err := u.setCustomerPassword(c, hash); err != nil {
				return err
			}
			if err := u.record(c.PartnerID, "customer.set_password", "customer", c.ID, nil); err != nil {
				return err
			}
		}
		out, err = u.holderDetails(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// nameHolder gives c the user name and the address of d, if they are free. What
// he has already is no change, however short (B-31).
func (u *unit) nameHolder(c *customer.Customer, d *HolderData) error {
	if d.Username != nil {
		name := strings.ToLower(*d.Username)
		if name != c.Login() {
			if utf8.RuneCountInString(name) < minNewUsername {
				return errShortUsername
			}
			if err := u.freeUsername(c.PartnerID, name, c.ID); err != nil {
				return err
			}
			c.Username = name
		}
		if name == c.Username {
			c.Holder.Username = *d.Username
		}
	}
	if d.Email != nil && *d.Email != c.Email {
		if err := u.freeEmail(c.PartnerID, *d.Email, c.ID); err != nil {
			return err
		}
		c.Email = *d.Email
	}
	return nil
}

// saveHolder writes a changed customer and tells of it as other dialects do.
func (u *unit) saveHolder(before, c *customer.Customer) error {
	if reflect.DeepEqual(*c, *before) {
		return nil
	}
	c.UpdatedAt = u.now
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return taken(err)
	}
	if c.Email != before.Email { // a link sent to the old address opens nothing
		if err := u.tx.DropPasswordToken(u.ctx, 0, c.ID); err != nil {
			return err
		}
	}
	if err := u.tellCustomerUpdated(before, c); err != nil {
		return err
	}
	return u.record(c.PartnerID, "customer.modify", "customer", c.ID, detail{
		"name": c.Name != before.Name, "email": c.Email != before.Email, "username": c.Username != before.Username, "country": c.Country,
		"reseller": c.ResellerID, "status": c.Status,
	})
}
