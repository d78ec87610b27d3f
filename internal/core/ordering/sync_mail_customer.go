package ordering

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
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
	var f work.Fields
	user := f.Required("user name", cmd.UserName, work.MaxID)
	host := strings.ToLower(f.Required("server host name", cmd.ServerHost, work.MaxFreeText))
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		if u.Actor.PartnerID == 0 {
			return fault.New(fault.Invalid, "A customer is synchronised for a partner")
		}
		c, err := hostedCustomer(u, user, host)
		if err != nil {
			return err
		}
		job := &work.ServerSync{PartnerID: c.PartnerID, CustomerID: c.ID, ServerHost: host, RequestedAt: u.Now}
		queued, err := u.Tx.InsertServerSync(u.Ctx, job)
		if err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.sync", "customer", c.ID, work.Detail{"serverHost": host, "queued": queued})
	})
}

// hostedCustomer gives the customer with a user name on a host. Customers of
// partners that are not server-scoped have no host: their name is enough.
func hostedCustomer(u *work.Unit, user, host string) (*customer.Customer, error) {
	all, err := u.Tx.CustomersByPartnerID(u.Ctx, u.Actor.PartnerID, user)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.ServerHost == "" || strings.EqualFold(c.ServerHost, host) {
			return c, nil
		}
	}
	return nil, work.ErrCustomer
}

// ServerSyncs gives a partner's requests that wait for a connector, oldest first.
func (s *Service) ServerSyncs(ctx context.Context, actor audit.Actor, partnerID int64) ([]*work.ServerSync, error) {
	var out []*work.ServerSync
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		if !u.Owns(partnerID) {
			return work.ErrPartner
		}
		if _, err := u.Partner(partnerID); err != nil {
			return err
		}
		var err error
		out, err = u.Tx.ServerSyncs(u.Ctx, partnerID)
		return err
	})
	return out, err
}
