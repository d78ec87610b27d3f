package packages

import (
	"encoding/json"

	"github.com/google/uuid"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// EmitHolder writes an event of an account holder, as it is now, in the
// transaction of its change (basekit.md section 11).
func EmitHolder(u *work.Unit, c *customer.Customer, t event.Type) error {
	data, err := holderData(u, c)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fault.Wrap(err)
	}
	id, err := uuid.NewRandomFromReader(u.Platform.Random)
	if err != nil {
		return fault.Unavail("No randomness", err)
	}
	e := &event.Event{
		PublicID: id.String(), PartnerID: c.PartnerID, CustomerID: c.ID, Type: t, Data: raw,
		Actor: u.Actor.String(), RequestID: u.Actor.RequestID, At: u.Now,
	}
	if err := u.Tx.AppendEvent(u.Ctx, e); err != nil {
		return err
	}
	return u.Enqueue(e)
}

func holderData(u *work.Unit, c *customer.Customer) (*event.AccountHolder, error) {
	settings, err := tenancy.Shop(u, c.PartnerID)
	if err != nil {
		return nil, err
	}
	name, err := shopName(u, c.PartnerID, settings)
	if err != nil {
		return nil, err
	}
	packages, err := holderPackages(u, c)
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
func holderPackages(u *work.Unit, c *customer.Customer) ([]event.HolderPackage, error) {
	s, k, err := SubscriptionOf(u, c)
	if err != nil || s == nil {
		return []event.HolderPackage{}, err
	}
	return []event.HolderPackage{{
		Ref: k.ID, Name: k.Name, ProductType: k.ProductType(), StartDate: event.Moment(&s.StartsAt), EndDate: event.Moment(s.EndsAt),
	}}, nil
}
