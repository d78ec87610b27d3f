package provision

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/fault"
)

// ClearEmailSessions is titan.md operation 39.
type ClearEmailSessions struct {
	Order      OrderRef
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
		return errAccount
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return s.write(ctx, actor, func(u *unit) error {
		var orderID, partnerID int64
		for _, id := range ids {
			o, a, err := u.account(AccountRef{Order: cmd.Order, AccountID: id}, opClearSessions)
			if err != nil {
				return err
			}
			a.SessionEpoch++
			a.UpdatedAt = u.now
			if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
				return err
			}
			if err := u.tx.AccessChanged(u.ctx, o.ID, a.ID); err != nil {
				return err
			}
			orderID, partnerID = o.ID, o.PartnerID
		}
		return u.record(partnerID, "email_account.clear_sessions", "order", orderID, detail{"accounts": ids})
	})
}
