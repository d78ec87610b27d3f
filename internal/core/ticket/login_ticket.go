package ticket

import (
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/secret"
)

const (
	// TicketLen gives 190 bits.
	TicketLen = 32
	// maxTickets bounds what one customer holds at a time; the oldest ones go.
	maxTickets = 50
)

// IssueTicket makes a ticket of a customer or, when c is nil, of r itself, by
// which a browser logs in once. It is kept by hash only. The address that it was
// asked for is noted, and binds nothing: see ADR 36.
func IssueTicket(u *work.Unit, issuer *reseller.Reseller, c *customer.Customer, r *reseller.Reseller, address string, life time.Duration) (string, error) {
	raw, err := secret.Alphanumeric(u.Platform.Random, TicketLen)
	if err != nil {
		return "", err
	}
	t := &work.LoginTicket{Hash: secret.Hash(raw), Kind: work.LoginOnce, PartnerID: issuer.PartnerID, IssuerID: issuer.ID, CreatedAt: u.Real, ExpiresAt: u.Real.Add(life)}
	d := work.Detail{"issuer": issuer.ID, "address": address, "seconds": int(life / time.Second)}
	if c == nil {
		t.ResellerID = r.ID
		if err := u.Tx.InsertLoginTicket(u.Ctx, t); err != nil {
			return "", err
		}
		return raw, u.Record(r.PartnerID, "login_ticket.create", "reseller", r.ID, d)
	}
	t.CustomerID = c.ID
	if err := PutTicket(u, t); err != nil {
		return "", err
	}
	return raw, u.Record(c.PartnerID, "login_ticket.create", "customer", c.ID, d)
}

// IssueBrandTicket is IssueTicket on the word of an API user.
func IssueBrandTicket(u *work.Unit, apiUserID int64, c *customer.Customer) (string, error) {
	raw, err := secret.Alphanumeric(u.Platform.Random, TicketLen)
	if err != nil {
		return "", err
	}
	if err := PutTicket(u, &work.LoginTicket{
		Hash: secret.Hash(raw), Kind: work.LoginOnce, PartnerID: c.PartnerID, APIUserID: apiUserID, CustomerID: c.ID,
		CreatedAt: u.Real, ExpiresAt: u.Real.Add(u.Platform.Settings.LoginTokenLife),
	}); err != nil {
		return "", err
	}
	return raw, u.Record(c.PartnerID, "login_ticket.create", "customer", c.ID, work.Detail{"apiUser": apiUserID, "seconds": int(u.Platform.Settings.LoginTokenLife / time.Second)})
}

// PutTicket keeps a customer's ticket, and not too many of them.
func PutTicket(u *work.Unit, t *work.LoginTicket) error {
	held, err := u.Tx.LoginTicketsOf(u.Ctx, t.CustomerID)
	if err != nil {
		return err
	}
	for i, old := range held {
		if len(held)-i < maxTickets && u.Real.Before(old.ExpiresAt) {
			continue
		}
		if _, err := u.Tx.TakeLoginTicket(u.Ctx, old.Hash); err != nil {
			return err
		}
	}
	return u.Tx.InsertLoginTicket(u.Ctx, t)
}

// LiveTicket gives a ticket that may be used now; look = false uses it up, even
// when it has expired.
func LiveTicket(u *work.Unit, raw string, look bool) (*work.LoginTicket, error) {
	if len(raw) != TicketLen {
		return nil, nil
	}
	get := u.Tx.TakeLoginTicket
	if look {
		get = u.Tx.LoginTicket
	}
	t, err := get(u.Ctx, secret.Hash(raw))
	if t == nil || err != nil {
		return nil, err
	}
	if t.Kind != work.LoginOnce || !u.Real.Before(t.ExpiresAt) {
		return nil, nil
	}
	return t, nil
}

// APIUserVouches reports whether an API user of a partner may still be the one
// that a ticket or a session stands on.
func APIUserVouches(u *work.Unit, id, partnerID int64) (bool, error) {
	a, err := u.Tx.APIUser(u.Ctx, id)
	return a != nil && a.PartnerID == partnerID && a.RevokedAt == nil, err
}

// Vouching gives the reseller that a ticket or a session stands on, nil when it
// may vouch for nobody any more.
func Vouching(u *work.Unit, id, partnerID int64) (*reseller.Reseller, error) {
	r, err := u.Tx.Reseller(u.Ctx, id)
	if err != nil || r == nil || r.PartnerID != partnerID {
		return nil, err
	}
	if active, err := u.ActiveChain(r); err != nil || !active {
		return nil, err
	}
	return r, nil
}
