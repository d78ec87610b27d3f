package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/fault"
)

// SyncMailCustomer is titan.md operation 20.
type SyncMailCustomer struct {
	UserName   string // the customer's on that server
	ServerHost string
}

// SyncMailCustomer queues a job for the server's connector (T-29). A request
// that waits already is not queued twice; every one is in the audit log.
func (s *Service) SyncMailCustomer(ctx context.Context, actor audit.Actor, cmd SyncMailCustomer) error {
	var f fields
	user := f.required("user name", cmd.UserName, maxID)
	host := strings.ToLower(f.required("server host name", cmd.ServerHost, maxFreeText))
	if f.err != nil {
		return f.err
	}
	return s.write(ctx, actor, func(u *unit) error {
		if u.actor.PartnerID == 0 {
			return fault.New(fault.Invalid, "A customer is synchronised for a partner")
		}
		c, err := u.hostedCustomer(user, host)
		if err != nil {
			return err
		}
		job := &ServerSync{PartnerID: c.PartnerID, CustomerID: c.ID, ServerHost: host, RequestedAt: u.now}
		queued, err := u.tx.InsertServerSync(u.ctx, job)
		if err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.sync", "customer", c.ID, detail{"serverHost": host, "queued": queued})
	})
}

// hostedCustomer gives the customer with a user name on a host. Customers of
// partners that are not server-scoped have no host: their name is enough.
func (u *unit) hostedCustomer(user, host string) (*customer.Customer, error) {
	all, err := u.tx.CustomersByPartnerID(u.ctx, u.actor.PartnerID, user)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.ServerHost == "" || strings.EqualFold(c.ServerHost, host) {
			return c, nil
		}
	}
	return nil, errCustomer
}

// ServerSyncs gives a partner's requests that wait for a connector, oldest first.
func (s *Service) ServerSyncs(ctx context.Context, actor audit.Actor, partnerID int64) ([]*ServerSync, error) {
	var out []*ServerSync
	err := s.read(ctx, actor, func(u *unit) error {
		if !u.owns(partnerID) {
			return errPartner
		}
		if _, err := u.partner(partnerID); err != nil {
			return err
		}
		var err error
		out, err = u.tx.ServerSyncs(u.ctx, partnerID)
		return err
	})
	return out, err
}
