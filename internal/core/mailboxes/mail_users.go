package mailboxes

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MailUsers names users of an order: one command for all or for none.
type MailUsers struct {
	Order  work.OrderRef
	Emails []string
}

// SuspendMailUsers adds a suspension to mailboxes. A forward-only account has
// none to suspend: errForwardOnly.
func (s *Service) SuspendMailUsers(ctx context.Context, actor audit.Actor, cmd MailUsers) error {
	n, err := work.NewSuspension(actor, "", "")
	if err != nil {
		return err
	}
	return s.eachMailUser(ctx, actor, cmd, work.OpSuspendAccount, func(u *work.Unit, o *order.Order, a *account.Account, f *forwarder.Forwarder) error {
		if f != nil {
			return errForwardOnly
		}
		return suspendAccount(u, o, a, n)
	})
}

// UnsuspendMailUsers lifts what the actor may lift. What stays makes it fail:
// who calls would take the mailbox for active.
func (s *Service) UnsuspendMailUsers(ctx context.Context, actor audit.Actor, cmd MailUsers) error {
	return s.eachMailUser(ctx, actor, cmd, work.OpUnsuspendAccount, func(u *work.Unit, o *order.Order, a *account.Account, f *forwarder.Forwarder) error {
		if f != nil {
			return errForwardOnly
		}
		if err := unsuspendAccount(u, o, a, "", ""); err != nil {
			return err
		}
		if len(a.Suspensions) > 0 {
			return errStaysSuspended
		}
		return nil
	})
}

var errStaysSuspended = fault.New(fault.Forbidden, "A suspension remains that a higher role has made").WithReason("HIGHER_ROLE")

// DeleteMailUsers deletes mailboxes, whose data is kept until the purge, and
// forward-only accounts.
func (s *Service) DeleteMailUsers(ctx context.Context, actor audit.Actor, cmd MailUsers) error {
	return s.eachMailUser(ctx, actor, cmd, work.OpDeleteAccount, func(u *work.Unit, o *order.Order, a *account.Account, f *forwarder.Forwarder) error {
		if f != nil {
			return routing.RemoveMembers(u, o, f, func(forwarder.Member) bool { return true })
		}
		return deleteAccount(u, o, a, "")
	})
}

// eachMailUser runs fn on every user named, each once, in one transaction.
func (s *Service) eachMailUser(
	ctx context.Context, actor audit.Actor, cmd MailUsers, op work.Operation,
	fn func(*work.Unit, *order.Order, *account.Account, *forwarder.Forwarder) error,
) error {
	switch n := len(cmd.Emails); {
	case n == 0:
		return fault.New(fault.Invalid, "No email account is named")
	case n > MaxMailUsersNamed:
		return errTooManyNamed
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, op)
		if err != nil {
			return err
		}
		// Who is named is looked up first: the deletion of a mailbox may end the
		// last member of a forwarder that is named too.
		var emails []string
		for _, email := range cmd.Emails {
			email = strings.ToLower(strings.TrimSpace(email))
			if slices.Contains(emails, email) {
				continue
			}
			emails = append(emails, email)
			if _, _, err := mailUser(u, o, email); err != nil {
				return err
			}
		}
		for _, email := range emails {
			a, f, err := addressee(u, o, email)
			if err == nil && (a != nil || f != nil) {
				err = fn(u, o, a, f)
			}
			if err != nil {
				return &routing.AtAddress{Email: email, Err: err}
			}
		}
		return nil
	})
}
