package selling

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SetOrderContact names who is told about an order's mail service (DNS problems,
// full mailboxes) instead of its customer.
func (s *Service) SetOrderContact(ctx context.Context, actor audit.Actor, ref work.OrderRef, email string) error {
	if err := mailboxes.CheckNotified(&email); err != nil {
		return err
	}
	if email == "" {
		return fault.New(fault.Invalid, "The notification email address is missing")
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpModifyOrder)
		if err != nil {
			return err
		}
		was, err := u.Tx.OrderContact(u.Ctx, o.ID)
		if err != nil || was == email {
			return err
		}
		if err := u.Tx.PutOrderContact(u.Ctx, o.ID, email); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "mail_order.set_contact", "order", o.ID, work.Detail{"email": email})
	})
}
