package work

import (
	"encoding/json"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
)

// ServerHost is the host that tells customers of a server-scoped partner apart,
// "" for all others (7.6).
func ServerHost(p *partner.Partner, given string, metadata json.RawMessage) string {
	if !p.Settings.ServerScoped {
		return ""
	}
	if given == "" {
		given = order.CPanelOf(metadata).HostName
	}
	return order.HostName(given)
}

// FindCustomer gives the customer that a profile names, nil when there is none.
func (u *Unit) FindCustomer(p *partner.Partner, customerID, host string) (*customer.Customer, error) {
	all, err := u.Tx.CustomersByPartnerID(u.Ctx, p.ID, customerID)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if order.HostName(c.ServerHost) == host {
			return c, nil
		}
	}
	return nil, nil
}

// NameCustomer makes the customer that an order or a transfer names; of one that
// exists it fills the empty fields and changes no others (T-50).
func (u *Unit) NameCustomer(p *partner.Partner, prof CustomerProfile, passwordHash string, metadata json.RawMessage) (*customer.Customer, error) {
	host := ServerHost(p, prof.ServerHost, metadata)
	c, err := u.FindCustomer(p, prof.CustomerID, host)
	if err != nil {
		return nil, err
	}
	if c != nil {
		changed := false
		fill := func(field *string, v string) {
			if *field == "" && v != "" {
				*field, changed = v, true
			}
		}
		fill(&c.Name, prof.Name)
		fill(&c.Email, prof.Email)
		fill(&c.AlternateEmail, prof.AlternateEmail)
		fill(&c.Country, prof.Country)
		fill(&c.Locale, prof.Locale)
		fill(&c.PasswordHash, passwordHash)
		if !changed {
			return c, nil
		}
		c.UpdatedAt = u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return nil, err
		}
		return c, u.Record(p.ID, "customer.fill", "customer", c.ID, nil)
	}
	c = &customer.Customer{
		PartnerID: p.ID, CustomerID: prof.CustomerID, ServerHost: host, Name: prof.Name, Email: prof.Email,
		AlternateEmail: prof.AlternateEmail, Country: prof.Country, Locale: prof.Locale, PasswordHash: passwordHash,
		Status: customer.Active, CreatedAt: u.Now, UpdatedAt: u.Now,
	}
	if err := u.Tx.InsertCustomer(u.Ctx, c); err != nil {
		return nil, err
	}
	return c, u.Record(p.ID, "customer.create", "customer", c.ID, Detail{"customerId": c.CustomerID})
}

// CustomerProfile names a customer and says what is known about it.
type CustomerProfile struct {
	CustomerID     string // the partner's own id; required
	Name           string
	Email          string
	AlternateEmail string
	Country        string // two letters
	Locale         string
	ServerHost     string // counts for server-scoped partners only (7.6)
}
