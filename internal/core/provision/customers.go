package provision

import (
	"encoding/json"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
)

// serverHost is the host that tells customers of a server-scoped partner apart,
// "" for all others (7.6).
func serverHost(p *partner.Partner, given string, metadata json.RawMessage) string {
	if !p.Settings.ServerScoped {
		return ""
	}
	if given == "" {
		given = order.CPanelOf(metadata).HostName
	}
	return order.HostName(given)
}

// findCustomer gives the customer that a profile names, nil when there is none.
func (u *unit) findCustomer(p *partner.Partner, customerID, host string) (*customer.Customer, error) {
	all, err := u.tx.CustomersByPartnerID(u.ctx, p.ID, customerID)
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

// nameCustomer makes the customer that an order or a transfer names; of one that
// exists it fills the empty fields and changes no others (T-50).
func (u *unit) nameCustomer(p *partner.Partner, prof CustomerProfile, passwordHash string, metadata json.RawMessage) (*customer.Customer, error) {
	host := serverHost(p, prof.ServerHost, metadata)
	c, err := u.findCustomer(p, prof.CustomerID, host)
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
		c.UpdatedAt = u.now
		if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
			return nil, err
		}
		return c, u.record(p.ID, "customer.fill", "customer", c.ID, nil)
	}
	c = &customer.Customer{
		PartnerID: p.ID, CustomerID: prof.CustomerID, ServerHost: host, Name: prof.Name, Email: prof.Email,
		AlternateEmail: prof.AlternateEmail, Country: prof.Country, Locale: prof.Locale, PasswordHash: passwordHash,
		Status: customer.Active, CreatedAt: u.now, UpdatedAt: u.now,
	}
	if err := u.tx.InsertCustomer(u.ctx, c); err != nil {
		return nil, err
	}
	return c, u.record(p.ID, "customer.create", "customer", c.ID, detail{"customerId": c.CustomerID})
}
