package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/fault"
)

// SetOrderContact names who is told about an order's mail service (DNS problems,
// full mailboxes) instead of its customer.
func (s *Service) SetOrderContact(ctx context.Context, actor audit.Actor, ref OrderRef, email string) error {
	if err := checkNotified(&email); err != nil {
		return err
	}
	if email == "" {
		return fault.New(fault.Invalid, "The notification email address is missing")
	}
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opModifyOrder)
		if err != nil {
			return err
		}
		was, err := u.tx.OrderContact(u.ctx, o.ID)
		if err != nil || was == email {
			return err
		}
		if err := u.tx.PutOrderContact(u.ctx, o.ID, email); err != nil {
			return err
		}
		return u.record(o.PartnerID, "mail_order.set_contact", "order", o.ID, detail{"email": email})
	})
}
