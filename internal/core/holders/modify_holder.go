package holders

import (
	"context"
	"reflect"
	"strings"
	"unicode/utf8"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/work"
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
	var f work.Fields
	cmd.Data = cmd.Data.copied()
	cmd.Data.check(&f)
	if cmd.Password != nil {
		if err := checkHolderPassword(*cmd.Password); err != nil {
			f.Fail(err)
		}
	}
	if cmd.Deleted != nil && *cmd.Deleted {
		f.Fail(errHolderDeleted)
	}
	if f.Err != nil {
		return nil, f.Err
	}
	hash := ""
	if cmd.Password != nil {
		// What is refused costs no hash.
		err := s.Read(ctx, actor, func(u *work.Unit) error {
			c, err := holder(u, cmd.Ref)
			if err != nil {
				return err
			}
			return nameHolder(u, c, &cmd.Data)
		})
		if err == nil {
			hash, err = s.Hasher.Hash(ctx, *cmd.Password)
		}
		if err != nil {
			return nil, err
		}
	}
	var out *HolderDetails
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		out = nil
		c, err := holder(u, cmd.Ref)
		if err != nil {
			return err
		}
		before := *c
		if err := nameHolder(u, c, &cmd.Data); err != nil {
			return err
		}
		cmd.Data.apply(c)
		if c.Removed() {
			if cmd.Deleted == nil {
				return errHolderDeleted
			}
			if err := restoreHolder(u, c); err != nil {
				return err
			}
		}
		if ref := cmd.Data.ResellerRef; ref != nil {
			if err := moveHolder(u, c, *ref); err != nil {
				return err
			}
		}
		if err := saveHolder(u, &before, c); err != nil {
			return err
		}
		if hash != "" {
			if err := customers.SetCustomerPassword(u, c, hash); err != nil {
				return err
			}
			if err := u.Record(c.PartnerID, "customer.set_password", "customer", c.ID, nil); err != nil {
				return err
			}
		}
		out, err = DetailsOf(u, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// nameHolder gives c the user name and the address of d, if they are free. What
// he has already is no change, however short (B-31).
func nameHolder(u *work.Unit, c *customer.Customer, d *HolderData) error {
	if d.Username != nil {
		name := strings.ToLower(*d.Username)
		if name != c.Login() {
			if utf8.RuneCountInString(name) < minNewUsername {
				return errShortUsername
			}
			if err := customers.FreeUsername(u, c.PartnerID, name, c.ID); err != nil {
				return err
			}
			c.Username = name
		}
		if name == c.Username {
			c.Holder.Username = *d.Username
		}
	}
	if d.Email != nil && *d.Email != c.Email {
		if err := freeEmail(u, c.PartnerID, *d.Email, c.ID); err != nil {
			return err
		}
		c.Email = *d.Email
	}
	return nil
}

// saveHolder writes a changed customer and tells of it as other dialects do.
func saveHolder(u *work.Unit, before, c *customer.Customer) error {
	if reflect.DeepEqual(*c, *before) {
		return nil
	}
	c.UpdatedAt = u.Now
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return customers.Taken(err)
	}
	if c.Email != before.Email { // a link sent to the old address opens nothing
		if err := u.Tx.DropPasswordToken(u.Ctx, 0, c.ID); err != nil {
			return err
		}
	}
	if err := customers.TellCustomerUpdated(u, before, c); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "customer.modify", "customer", c.ID, work.Detail{
		"name": c.Name != before.Name, "email": c.Email != before.Email, "username": c.Username != before.Username, "country": c.Country,
		"reseller": c.ResellerID, "status": c.Status,
	})
}
