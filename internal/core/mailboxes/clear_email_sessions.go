package mailboxes

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ClearEmailSessions is titan.md operation 39.
type ClearEmailSessions struct {
	Order      work.OrderRef
	AccountIDs []int64
}

// maxCleared bounds one call (operation 39).
const maxCleared = 100

// ClearEmailSessions ends all sessions and remembered log-ins of the accounts,
// of all or of none. They may log in again.
func (s *Service) ClearEmailSessions(ctx context.Context, actor audit.Actor, cmd ClearEmailSessions) error {
	ids := slices.Clone(cmd.AccountIDs)
	switch {
	case len(ids) == 0:
		return fault.New(fault.Invalid, "No email account is named")
	case len(ids) > maxCleared:
		return fault.Newf(fault.Invalid, "At most %d email accounts can be cleared at once", maxCleared).WithReason("TOO_MANY_ACCOUNTS")
	case slices.Min(ids) <= 0:
		return work.ErrAccount
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return s.Write(ctx, actor, func(u *work.Unit) error {
		var orderID, partnerID int64
		for _, id := range ids {
			o, a, err := u.Account(work.AccountRef{Order: cmd.Order, AccountID: id}, work.OpClearSessions)
			if err != nil {
				return err
			}
			a.SessionEpoch++
			a.UpdatedAt = u.Now
			if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
				return err
			}
			if err := u.Tx.AccessChanged(u.Ctx, o.ID, a.ID); err != nil {
				return err
			}
			orderID, partnerID = o.ID, o.PartnerID
		}
		return u.Record(partnerID, "email_account.clear_sessions", "order", orderID, work.Detail{"accounts": ids})
	})
}
