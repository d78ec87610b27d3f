package work

import (
	"encoding/json"

	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// Notify writes a mail into the outbox, in the transaction of the change that
// it tells of. token, when not "", is the secret of the link in it; it is kept
// sealed and only until the mail has been submitted.
func (u *Unit) Notify(n notice.Notice, data any, token string) error {
	if n.To == "" {
		n.To, n.FallbackTo = n.FallbackTo, ""
	}
	if n.To == "" {
		return nil // nobody to tell
	}
	if err := u.Enter(n.PartnerID); err != nil {
		return err
	}
	n.CreatedAt = u.Now
	if data != nil {
		raw, err := json.Marshal(data)
		if err != nil {
			return fault.Wrap(err)
		}
		n.Data = raw
	}
	if token != "" {
		sealed, err := u.Platform.Sealer.Seal([]byte(token), notice.TokenContext)
		if err != nil {
			return err
		}
		n.SealedToken = sealed
	}
	return u.Tx.InsertNotice(u.Ctx, &n)
}

// ResellerOf is whose brand an order's mails show.
func ResellerOf(o *order.Order) int64 {
	if o.ResellerID == nil {
		return 0
	}
	return *o.ResellerID
}
