package routing

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var errForwarder = fault.New(fault.AccountNotFound, "No such internal forwarding account")

// ForwarderMembers is titan.md operations 42, 43 and 44: a forwarder and the
// full addresses of recipients of it.
type ForwarderMembers struct {
	Forwarder  work.ForwarderRef
	Recipients []string
}

func (cmd ForwarderMembers) check() error {
	switch n := len(cmd.Recipients); {
	case n == 0:
		return fault.New(fault.Invalid, "The recipients are missing")
	case n > forwarder.MaxNamed:
		return fault.Newf(fault.Invalid, "At most %d recipients are named at once", forwarder.MaxNamed).WithReason(forwarder.ReasonMembers)
	}
	return nil
}

// CreateForwarder makes an internal forwarding account. The same address with
// the same recipients again does nothing.
func (s *Service) CreateForwarder(ctx context.Context, actor audit.Actor, cmd ForwarderMembers) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Forwarder.Order, work.OpCreateForwarder)
		if err != nil {
			return err
		}
		local, err := account.ParseEmail(cmd.Forwarder.Email, o.Domain)
		if err != nil {
			return err
		}
		members, err := members(u, o, cmd.Recipients)
		if err != nil {
			return err
		}
		held, err := u.Tx.Address(u.Ctx, o.ID, local)
		if err != nil {
			return err
		}
		if held != nil {
			return repeatsForwarder(u, o, held, members)
		}
		f := &forwarder.Forwarder{OrderID: o.ID, PartnerID: o.PartnerID, Local: local, Domain: o.Domain, CreatedAt: u.Now, UpdatedAt: u.Now}
		f.Add(members)
		if err := checkForwarder(u, f, 1, len(f.Members)); err != nil {
			return err
		}
		if err := u.Tx.TakeAddress(u.Ctx, account.Address{OrderID: o.ID, Local: local, Kind: account.KindForwarder}); err != nil {
			return err
		}
		if err := u.Tx.InsertForwarder(u.Ctx, f); err != nil {
			return err
		}
		return tellForwarder(u, o, f, event.InternalForwardingAccountCreated, "forwarder.create", f.Recipients())
	})
}

// repeatsForwarder judges a creation at an address that is taken.
func repeatsForwarder(u *work.Unit, o *order.Order, held *account.Address, members []forwarder.Member) error {
	if held.Kind != account.KindForwarder {
		return ErrTaken(held.Kind)
	}
	f, err := u.Tx.Forwarder(u.Ctx, o.ID, held.Local)
	if err != nil {
		return err
	}
	if f != nil && f.SameMembers(members) {
		return nil
	}
	return ErrTaken(held.Kind)
}

// AddForwarderMembers adds recipients; those that are there are skipped.
func (s *Service) AddForwarderMembers(ctx context.Context, actor audit.Actor, cmd ForwarderMembers) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, f, err := findForwarder(u, cmd.Forwarder, work.OpAddMembers)
		if err != nil {
			return err
		}
		members, err := members(u, o, cmd.Recipients)
		if err != nil {
			return err
		}
		before := len(f.Members)
		if !f.Add(members) {
			return nil
		}
		if err := checkForwarder(u, f, 0, len(f.Members)-before); err != nil {
			return err
		}
		return saveForwarder(u, o, f, "forwarder.add_members", f.Recipients()[before:])
	})
}

// RemoveForwarderMembers takes recipients away; those that are not there are
// skipped. A forwarder that loses the last one is deleted (T-35).
func (s *Service) RemoveForwarderMembers(ctx context.Context, actor audit.Actor, cmd ForwarderMembers) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, f, err := findForwarder(u, cmd.Forwarder, work.OpRemoveMembers)
		if err != nil {
			return err
		}
		named := make(map[string]bool, len(cmd.Recipients))
		for _, email := range cmd.Recipients {
			named[strings.ToLower(strings.TrimSpace(email))] = true
		}
		return RemoveMembers(u, o, f, func(m forwarder.Member) bool { return named[m.Email] })
	})
}

// DeleteForwarder deletes a forwarder at once. No documented Titan operation
// does; the native API has one.
func (s *Service) DeleteForwarder(ctx context.Context, actor audit.Actor, ref work.ForwarderRef) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, f, err := findForwarder(u, ref, work.OpDeleteForwarder)
		if err != nil {
			return err
		}
		return RemoveMembers(u, o, f, func(forwarder.Member) bool { return true })
	})
}

// FetchForwarder is titan.md operation 45.
func (s *Service) FetchForwarder(ctx context.Context, actor audit.Actor, ref work.ForwarderRef) (*forwarder.Forwarder, error) {
	var out *forwarder.Forwarder
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		_, out, err = findForwarder(u, ref, work.OpRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListForwarders is titan.md operation 46: an order's forwarders by ID.
func (s *Service) ListForwarders(ctx context.Context, actor audit.Actor, ref work.OrderRef) ([]*forwarder.Forwarder, error) {
	var out []*forwarder.Forwarder
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		out, err = u.Tx.ForwardersOfOrder(u.Ctx, o.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// findForwarder finds what ref names.
func findForwarder(u *work.Unit, ref work.ForwarderRef, op work.Operation) (*order.Order, *forwarder.Forwarder, error) {
	o, err := u.Order(ref.Order, op)
	if err != nil {
		return nil, nil, err
	}
	local, err := account.ParseEmail(ref.Email, o.Domain)
	if err != nil {
		return nil, nil, errForwarder // what can't be an address is no forwarder's
	}
	f, err := u.Tx.Forwarder(u.Ctx, o.ID, local)
	if err != nil {
		return nil, nil, err
	}
	if f == nil {
		return nil, nil, errForwarder
	}
	return o, f, nil
}

// members reads recipients, each once: they must be addresses of live accounts
// of the order, their own or aliases (T-35). A deleted account has none.
func members(u *work.Unit, o *order.Order, emails []string) ([]forwarder.Member, error) {
	out := make([]forwarder.Member, 0, len(emails))
	seen := make(map[string]bool, len(emails))
	for _, email := range emails {
		local, err := account.ParseEmail(email, o.Domain)
		if err != nil && fault.Of(err).Reason != account.ReasonDomainMismatch {
			return nil, err
		}
		if seen[local] && err == nil {
			continue
		}
		var held *account.Address
		if err == nil {
			if held, err = u.Tx.Address(u.Ctx, o.ID, local); err != nil {
				return nil, err
			}
		}
		if held == nil || held.AccountID == 0 {
			return nil, fault.New(fault.Invalid, "A recipient is no email account or alias of the mail order").WithReason(forwarder.ReasonNotInternal)
		}
		seen[local] = true
		out = append(out, forwarder.Member{Email: local + "@" + o.Domain, AccountID: held.AccountID})
	}
	return out, nil
}

// checkForwarder applies the limits to f as it is about to become.
func checkForwarder(u *work.Unit, f *forwarder.Forwarder, forwarders, members int) error {
	if len(f.Members) > forwarder.MaxMembers {
		return fault.Newf(fault.Conflict, "An internal forwarding account has at most %d recipients", forwarder.MaxMembers).
			WithReason(forwarder.ReasonMembers)
	}
	haveForwarders, haveMembers, err := u.Tx.ForwarderCounts(u.Ctx, f.OrderID)
	if err != nil {
		return err
	}
	if haveForwarders+forwarders > forwarder.MaxForwarders {
		return fault.Newf(fault.Conflict, "A mail order has at most %d internal forwarding accounts", forwarder.MaxForwarders).
			WithReason(forwarder.ReasonForwarders)
	}
	if haveMembers+members > forwarder.MaxOrderMembers {
		return fault.Newf(fault.Conflict, "The internal forwarding accounts of a mail order have at most %d recipients together", forwarder.MaxOrderMembers).
			WithReason(forwarder.ReasonMembers)
	}
	return nil
}

// RemoveMembers takes members away; a forwarder without any is deleted (T-35).
func RemoveMembers(u *work.Unit, o *order.Order, f *forwarder.Forwarder, fn func(forwarder.Member) bool) error {
	var gone []string
	for _, m := range f.Members {
		if fn(m) {
			gone = append(gone, m.Email)
		}
	}
	if !f.Remove(fn) {
		return nil
	}
	if len(f.Members) > 0 {
		return saveForwarder(u, o, f, "forwarder.remove_members", gone)
	}
	if err := u.Tx.DeleteForwarder(u.Ctx, f.ID); err != nil {
		return err
	}
	if err := u.Tx.FreeAddress(u.Ctx, o.ID, f.Local); err != nil {
		return err
	}
	if err := tellForwarder(u, o, f, event.InternalForwardingAccountDeleted, "forwarder.delete", gone); err != nil {
		return err
	}
	return LeaveForwards(u, o, f.Local)
}

func saveForwarder(u *work.Unit, o *order.Order, f *forwarder.Forwarder, action string, who []string) error {
	f.UpdatedAt = u.Now
	if err := u.Tx.UpdateForwarder(u.Ctx, f); err != nil {
		return err
	}
	return tellForwarder(u, o, f, event.InternalForwardingAccountModified, action, who)
}

// tellForwarder sends the event and writes the audit record; who are the members that came or went.
func tellForwarder(u *work.Unit, o *order.Order, f *forwarder.Forwarder, t event.Type, action string, who []string) error {
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	var data any = event.Forwarding{Subject: event.SubjectOf(o, c), Email: f.Email(), Recipients: f.Recipients()}
	if t == event.InternalForwardingAccountDeleted {
		data = event.Address{Subject: event.SubjectOf(o, c), Email: f.Email()}
	}
	if err := u.Emit(o, t, data); err != nil {
		return err
	}
	return u.Record(o.PartnerID, action, "forwarder", f.ID, work.Detail{"order": o.ID, "email": f.Email(), "recipients": who})
}

// LeaveForwarders takes an account's addresses out of all forwarders: those
// named, or all when none is.
func LeaveForwarders(u *work.Unit, o *order.Order, accountID int64, locals ...string) error {
	list, err := u.Tx.ForwardersWith(u.Ctx, accountID)
	if err != nil {
		return err
	}
	for _, f := range list {
		// The end of one forwarder takes it out of others: see LeaveForwards.
		if f, err = u.Tx.Forwarder(u.Ctx, o.ID, f.Local); err != nil || f == nil {
			if err != nil {
				return err
			}
			continue
		}
		err := RemoveMembers(u, o, f, func(m forwarder.Member) bool {
			return m.AccountID == accountID && (len(locals) == 0 || slices.Contains(locals, strings.TrimSuffix(m.Email, "@"+o.Domain)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
