package provision

import (
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
	"posthouse/internal/secret"
)

// ticketLen gives 190 bits.
const ticketLen = 32

// maxTickets bounds what one customer holds at a time; the oldest ones go.
const maxTickets = 50

// issueTicket makes a ticket of a customer or, when c is nil, of r itself, by
// which a browser logs in once. It is kept by hash only. The address that it was
// asked for is noted, and binds nothing: see ADR 36.
func (u *unit) issueTicket(issuer *reseller.Reseller, c *customer.Customer, r *reseller.Reseller, address string, life time.Duration) (string, error) {
	raw, err := secret.Alphanumeric(u.s.random, ticketLen)
	if err != nil {
		return "", err
	}
	t := &LoginTicket{Hash: secret.Hash(raw), Kind: LoginOnce, PartnerID: issuer.PartnerID, IssuerID: issuer.ID, CreatedAt: u.real, ExpiresAt: u.real.Add(life)}
	d := detail{"issuer": issuer.ID, "address": address, "seconds": int(life / time.Second)}
	if c == nil {
		t.ResellerID = r.ID
		if err := u.tx.InsertLoginTicket(u.ctx, t); err != nil {
			return "", err
		}
		return raw, u.record(r.PartnerID, "login_ticket.create", "reseller", r.ID, d)
	}
	t.CustomerID = c.ID
	if err := u.putTicket(t); err != nil {
		return "", err
	}
	return raw, u.record(c.PartnerID, "login_ticket.create", "customer", c.ID, d)
}

// issueBrandTicket is issueTicket on the word of an API user.
func (u *unit) issueBrandTicket(apiUserID int64, c *customer.Customer) (string, error) {
	raw, err := secret.Alphanumeric(u.s.random, ticketLen)
	if err != nil {
		return "", err
	}
	if err := u.putTicket(&LoginTicket{
		Hash: secret.Hash(raw), Kind: LoginOnce, PartnerID: c.PartnerID, APIUserID: apiUserID, CustomerID: c.ID,
		CreatedAt: u.real, ExpiresAt: u.real.Add(u.s.settings.LoginTokenLife),
	}); err != nil {
		return "", err
	}
	return raw, u.record(c.PartnerID, "login_ticket.create", "customer", c.ID, detail{"apiUser": apiUserID, "seconds": int(u.s.settings.LoginTokenLife / time.Second)})
}

// putTicket keeps a customer's ticket, and not too many of them.
func (u *unit) putTicket(t *LoginTicket) error {
	held, err := u.tx.LoginTicketsOf(u.ctx, t.CustomerID)
	if err != nil {
		return err
	}
	for i, old := range held {
		if len(held)-i < maxTickets && u.real.Before(old.ExpiresAt) {
			continue
		}
		if _, err := u.tx.TakeLoginTicket(u.ctx, old.Hash); err != nil {
			return err
		}
	}
	return u.tx.InsertLoginTicket(u.ctx, t)
}

// liveTicket gives a ticket that may be used now; look = false uses it up, even
// when it has expired.
func (u *unit) liveTicket(raw string, look bool) (*LoginTicket, error) {
	if len(raw) != ticketLen {
		return nil, nil
	}
	get := u.tx.TakeLoginTicket
	if look {
		get = u.tx.LoginTicket
	}
	t, err := get(u.ctx, secret.Hash(raw))
	if t == nil || err != nil {
		return nil, err
	}
	if t.Kind != LoginOnce || !u.real.Before(t.ExpiresAt) {
		return nil, nil
	}
	return t, nil
}

// apiUserVouches reports whether an API user of a partner may still be the one
// that a ticket or a session stands on.
func (u *unit) apiUserVouches(id, partnerID int64) (bool, error) {
	a, err := u.tx.APIUser(u.ctx, id)
	return a != nil && a.PartnerID == partnerID && a.RevokedAt == nil, err
}

// vouching gives the reseller that a ticket or a session stands on, nil when it
// may vouch for nobody any more.
func (u *unit) vouching(id, partnerID int64) (*reseller.Reseller, error) {
	r, err := u.tx.Reseller(u.ctx, id)
	if err != nil || r == nil || r.PartnerID != partnerID {
		return nil, err
	}
	if active, err := u.activeChain(r); err != nil || !active {
		return nil, err
	}
	return r, nil
}
