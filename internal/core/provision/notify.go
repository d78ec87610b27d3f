package provision

import (
	"encoding/json"

	"posthouse/internal/core/notice"
	"posthouse/internal/fault"
)

// notify writes a mail into the outbox, in the transaction of the change that
// it tells of. token, when not "", is the secret of the link in it; it is kept
// sealed and only until the mail has been submitted.
func (u *unit) notify(n notice.Notice, data any, token string) error {
	if n.To == "" {
		n.To, n.FallbackTo = n.FallbackTo, ""
	}
	if n.To == "" {
		return nil // nobody to tell
	}
	if err := u.enter(n.PartnerID); err != nil {
		return err
	}
	n.CreatedAt = u.now
	if data != nil {
		raw, err := json.Marshal(data)
		if err != nil {
			return fault.Wrap(err)
		}
		n.Data = raw
	}
	if token != "" {
		sealed, err := u.s.sealer.Seal([]byte(token), notice.TokenContext)
		if err != nil {
			return err
		}
		n.SealedToken = sealed
	}
	return u.tx.InsertNotice(u.ctx, &n)
}
