package provision

import (
	"encoding/json"

	"posthouse/internal/core/order"
)

// joinHosting notes the hosting account that an order's metadata names.
func (u *unit) joinHosting(o *order.Order) error {
	if a, ok := o.CPanel().Key(); ok {
		return u.tx.JoinHosting(u.ctx, o, a)
	}
	return nil
}

// mailService gives a new order's service: the given one, else what was chosen
// for its hosting account (T-21).
func (u *unit) mailService(partnerID int64, given order.MailService, metadata json.RawMessage) (order.MailService, error) {
	if given != "" {
		return given, nil
	}
	if a, ok := order.CPanelOf(metadata).Key(); ok {
		chosen, err := u.tx.HostingService(u.ctx, partnerID, a)
		if err != nil || chosen != "" {
			return chosen, err
		}
	}
	return order.ServiceTitan, nil
}
