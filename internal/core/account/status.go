package account

import "time"

// Status is what an API shows at now. From PurgeAt on a deleted account is
// purged: it can't be reactivated any more (titan.md section 7.5).
func (a *Account) Status(now time.Time) Status {
	switch {
	case a.PurgedAt != nil, a.PurgeBegunAt != nil, a.DeletedAt != nil && a.PurgeAt != nil && !now.Before(*a.PurgeAt):
		return Purged
	case a.DeletedAt != nil:
		return Deleted
	case len(a.Suspensions) > 0:
		return Suspended
	}
	return Active
}

// Live reports whether the account is neither deleted nor purged.
func (a *Account) Live() bool { return a.DeletedAt == nil && a.PurgedAt == nil }

// Delete starts the time until the purge and lets go of the aliases; the date of
// an account that is deleted already does not move.
func (a *Account) Delete(now time.Time, retention time.Duration, reason string) bool {
	if !a.Live() {
		return false
	}
	purge := now.Add(retention)
	a.DeletedAt, a.PurgeAt, a.DeletionReason = &now, &purge, reason
	a.Aliases = append([]Alias(nil), a.Aliases...)
	for i := range a.Aliases {
		a.Aliases[i].Held = false
	}
	return true
}

// NextDue is when the account's data goes, nil when that is not to come. An
// account that was live until its order's purge goes with the order.
func (a *Account) NextDue() *time.Time {
	if a.PurgedAt != nil || a.DeletedAt == nil {
		return nil
	}
	if a.PurgeBegunAt != nil {
		return a.PurgeBegunAt
	}
	return a.PurgeAt
}

// Reactivate undoes Delete; which aliases come back is for the caller to find out.
func (a *Account) Reactivate() { a.DeletedAt, a.PurgeAt, a.DeletionReason = nil, nil, "" }

// Alias gives the alias with that local part, held or not.
func (a *Account) Alias(local string) *Alias {
	for i := range a.Aliases {
		if a.Aliases[i].Local == local {
			return &a.Aliases[i]
		}
	}
	return nil
}

// HeldAliases gives the full addresses of the aliases that are in force.
func (a *Account) HeldAliases() []string {
	out := make([]string, 0, len(a.Aliases))
	for _, l := range a.Aliases {
		if l.Held {
			out = append(out, l.Local+"@"+a.Domain)
		}
	}
	return out
}

// Reasons why an account can't be reactivated (titan.md operation 37).
const (
	ReasonAnotherAccount = "ANOTHER_ACCOUNT_ALREADY_EXISTS"
	ReasonNotDeleted     = "ACCOUNT_NOT_IN_DELETED_STATE"
	ReasonAlreadyPurged  = "ACCOUNT_ALREADY_PURGED"
)

// Reasons why an address can't be made (titan.md operation 36).
const (
	ReasonExistsAsAccount   = "EXISTS_AS_EMAIL_ACCOUNT"
	ReasonExistsAsAlias     = "EXISTS_AS_ALIAS"
	ReasonExistsAsForwarder = "EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT"
	ReasonInvalidEmail      = "INVALID_EMAIL"
	ReasonDomainMismatch    = "DOMAIN_MISMATCH"
)

// TakenReason is the reason for an address that is taken as kind.
func TakenReason(kind AddressKind) string {
	switch kind {
	case KindAlias:
		return ReasonExistsAsAlias
	case KindForwarder:
		return ReasonExistsAsForwarder
	case KindAccount:
	}
	return ReasonExistsAsAccount
}
