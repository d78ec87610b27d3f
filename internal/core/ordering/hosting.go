package ordering

import (
	"encoding/json"

	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// joinHosting notes the hosting account that an order's metadata names.
func joinHosting(u *work.Unit, o *order.Order) error {
	if a, ok := o.CPanel().Key(); ok {
		return u.Tx.JoinHosting(u.Ctx, o, a)
	}
	return nil
}

// mailService gives a new order's service: the given one, else what was chosen
// for its hosting account (T-21).
func mailService(u *work.Unit, partnerID int64, given order.MailService, metadata json.RawMessage) (order.MailService, error) {
	if given != "" {
		return given, nil
	}
	if a, ok := order.CPanelOf(metadata).Key(); ok {
		chosen, err := u.Tx.HostingService(u.Ctx, partnerID, a)
		if err != nil || chosen != "" {
			return chosen, err
		}
	}
	return order.ServiceTitan, nil
}
