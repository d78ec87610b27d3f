package provision

import (
	"encoding/json"

	"github.com/google/uuid"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/fault"
)

// emitHolder writes an event of an account holder, as it is now, in the
// transaction of its change (basekit.md section 11).
func (u *unit) emitHolder(c *customer.Customer, t event.Type) error {
	data, err := u.holderData(c)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fault.Wrap(err)
	}
	id, err := uuid.NewRandomFromReader(u.s.random)
	if err != nil {
		return fault.Unavail("No randomness", err)
	}
	e := &event.Event{
		PublicID: id.String(), PartnerID: c.PartnerID, CustomerID: c.ID, Type: t, Data: raw,
		Actor: u.actor.String(), RequestID: u.actor.RequestID, At: u.now,
	}
	if err := u.tx.AppendEvent(u.ctx, e); err != nil {
		return err
	}
	return u.enqueue(e)
}

func (u *unit) holderData(c *customer.Customer) (*event.AccountHolder, error) {
	settings, err := u.shop(c.PartnerID)
	if err != nil {
		return nil, err
	}
	name, err := u.shopName(c.PartnerID, settings)
	if err != nil {
		return nil, err
	}
	packages, err := u.holderPackages(c)
	if err != nil {
		return nil, err
	}
	out := &event.AccountHolder{
		Ref: c.ID, Email: c.Email, Username: c.ShownUsername(), Created: event.Moment(&c.CreatedAt), Brand: event.Brand{Ref: c.PartnerID, Name: name},
		Packages: packages, Metadata: c.Holder.Metadata,
	}
	out.FirstName, out.LastName = c.Names()
	if out.Metadata == nil {
		out.Metadata = map[string]string{}
	}
	return out, nil
}

// holderPackages gives what the holder has subscribed to.
func (u *unit) holderPackages(c *customer.Customer) ([]event.HolderPackage, error) {
	s, k, err := u.subscriptionOf(c)
	if err != nil || s == nil {
		return []event.HolderPackage{}, err
	}
	return []event.HolderPackage{{
		Ref: k.ID, Name: k.Name, ProductType: k.ProductType(), StartDate: event.Moment(&s.StartsAt), EndDate: event.Moment(s.EndsAt),
	}}, nil
}
