package routing

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// CreateForwardOnlyAccount is resellerclub.md section 9 row 2: an address
// without a mailbox, which takes no seat and forwards to any addresses.
type CreateForwardOnlyAccount struct {
	Order    work.OrderRef
	Email    string
	Forwards []string
}

// ChangeForwards names an address of an order, a mailbox's own or that of a
// forward-only account, and addresses to add or take away (row 11). A
// forward-only account has one list, whatever the kind.
type ChangeForwards struct {
	Account  work.AccountRef
	Kind     forwarder.Kind
	Forwards []string
}

func (cmd ChangeForwards) check() error {
	if !cmd.Kind.Valid() {
		return fault.New(fault.Invalid, "The kind of forward is unknown")
	}
	return checkForwards(cmd.Forwards)
}

func checkForwards(list []string) error {
	switch n := len(list); {
	case n == 0:
		return fault.New(fault.Invalid, "The addresses to forward to are missing").WithReason(forwarder.ReasonBadForward)
	case n > forwarder.MaxNamed:
		return fault.Newf(fault.Invalid, "At most %d addresses are named at once", forwarder.MaxNamed).WithReason(forwarder.ReasonTooMany)
	}
	return nil
}

// CreateForwardOnlyAccount makes one. A taken address is refused, also when
// what has it is the same: the dialect knows no repeats here.
func (s *Service) CreateForwardOnlyAccount(ctx context.Context, actor audit.Actor, cmd CreateForwardOnlyAccount) error {
	if err := checkForwards(cmd.Forwards); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpCreateForwarder)
		if err != nil {
			return err
		}
		local, err := account.ParseEmail(cmd.Email, o.Domain)
		if err != nil {
			return err
		}
		held, err := u.Tx.Address(u.Ctx, o.ID, local)
		if err != nil {
			return err
		}
		if held != nil {
			return ErrTaken(held.Kind)
		}
		members, err := anyMembers(u, o, local, cmd.Forwards)
		if err != nil {
			return err
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

// AddForwards adds addresses; those that are there are skipped.
func (s *Service) AddForwards(ctx context.Context, actor audit.Actor, cmd ChangeForwards) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, f, err := forwarding(u, cmd.Account, work.OpAddForwards, work.OpAddMembers)
		if err != nil {
			return err
		}
		if f != nil {
			members, err := anyMembers(u, o, f.Local, cmd.Forwards)
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
		}
		have, err := forwardsOf(u, a)
		if err != nil {
			return err
		}
		members, err := anyMembers(u, o, a.Local, cmd.Forwards)
		if err != nil {
			return err
		}
		more := make([]string, 0, len(members))
		for _, m := range members {
			if m.AccountID == a.ID {
				return errForwardToItself
			}
			more = append(more, m.Email)
		}
		list := forwarder.Merge(have.of(cmd.Kind), more)
		if len(list) > forwarder.MaxForwards {
			return fault.Newf(fault.Conflict, "A mailbox has at most %d forwards", forwarder.MaxForwards).WithReason(forwarder.ReasonTooMany)
		}
		if len(list) == len(have.of(cmd.Kind)) {
			return nil
		}
		return saveForwards(u, o, a, cmd.Kind, list, "forwards.add", list[len(have.of(cmd.Kind)):])
	})
}

// RemoveForwards takes addresses away; those that are not there are skipped. A
// forward-only account that loses the last one is deleted (T-35).
func (s *Service) RemoveForwards(ctx context.Context, actor audit.Actor, cmd ChangeForwards) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, f, err := forwarding(u, cmd.Account, work.OpRemoveForwards, work.OpRemoveMembers)
		if err != nil {
			return err
		}
		aliases, err := aliasNames(u, o)
		if err != nil {
			return err
		}
		named := make(map[string]bool, len(cmd.Forwards))
		for _, email := range cmd.Forwards {
			email = strings.ToLower(strings.TrimSpace(email))
			if i := strings.LastIndexByte(email, '@'); i >= 0 && aliases[email[i+1:]] {
				email = email[:i+1] + o.Domain
			}
			named[email] = true
		}
		if f != nil {
			return RemoveMembers(u, o, f, func(m forwarder.Member) bool { return named[m.Email] })
		}
		have, err := forwardsOf(u, a)
		if err != nil {
			return err
		}
		var left, gone []string
		for _, e := range have.of(cmd.Kind) {
			if named[e] {
				gone = append(gone, e)
			} else {
				left = append(left, e)
			}
		}
		if len(gone) == 0 {
			return nil
		}
		return saveForwards(u, o, a, cmd.Kind, left, "forwards.remove", gone)
	})
}

// Forwards gives the forwards of a mailbox or of a forward-only account.
func (s *Service) Forwards(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*forwarder.Forwards, error) {
	var out *forwarder.Forwards
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, a, f, err := forwarding(u, ref, work.OpRead, work.OpRead)
		if err != nil {
			return err
		}
		if f != nil {
			out = &forwarder.Forwards{Email: f.Email(), ForwardOnly: true, Admin: f.Recipients()}
			return nil
		}
		have, err := forwardsOf(u, a)
		if err != nil {
			return err
		}
		out = &forwarder.Forwards{AccountID: a.ID, Email: a.Email(), Admin: have.admin, User: have.user}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ForwardsOfOrder gives the forwards of all mailboxes of an order, by account;
// those without any are absent. Its forward-only accounts are ListForwarders.
func (s *Service) ForwardsOfOrder(ctx context.Context, actor audit.Actor, ref work.OrderRef) (map[int64]*forwarder.Forwards, error) {
	var out map[int64]*forwarder.Forwards
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = map[int64]*forwarder.Forwards{}
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		list, err := u.Tx.ForwardsOfOrder(u.Ctx, o.ID)
		for _, f := range list {
			have := out[f.AccountID]
			if have == nil {
				have = &forwarder.Forwards{AccountID: f.AccountID}
				out[f.AccountID] = have
			}
			if f.Kind == forwarder.Admin {
				have.Admin = append(have.Admin, f.Email)
			} else {
				have.User = append(have.User, f.Email)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// forwarding finds a mailbox or a forward-only account; one of the two is nil.
func forwarding(u *work.Unit, ref work.AccountRef, box, only work.Operation) (*order.Order, *account.Account, *forwarder.Forwarder, error) {
	if ref.AccountID == 0 {
		o, err := u.Order(ref.Order, work.OpRead)
		if err != nil {
			return nil, nil, nil, err
		}
		local, err := account.ParseEmail(ref.Email, o.Domain)
		if err != nil {
			return nil, nil, nil, &AtAddress{Email: strings.ToLower(strings.TrimSpace(ref.Email)), Err: err}
		}
		held, err := u.Tx.Address(u.Ctx, o.ID, local)
		if err != nil {
			return nil, nil, nil, err
		}
		if held != nil && held.Kind == account.KindForwarder {
			o, f, err := findForwarder(u, work.ForwarderRef{Order: ref.Order, Email: ref.Email}, only)
			return o, nil, f, err
		}
	}
	o, a, err := u.Account(ref, box)
	return o, a, nil, err
}

// accountForwards are the forwards of one mailbox.
type accountForwards struct{ admin, user []string }

func (f accountForwards) of(k forwarder.Kind) []string {
	if k == forwarder.Admin {
		return f.admin
	}
	return f.user
}

func forwardsOf(u *work.Unit, a *account.Account) (out accountForwards, err error) {
	list, err := u.Tx.ForwardsOf(u.Ctx, []int64{a.ID})
	for _, f := range list {
		if f.Kind == forwarder.Admin {
			out.admin = append(out.admin, f.Email)
		} else {
			out.user = append(out.user, f.Email)
		}
	}
	return out, err
}

var errForwardToItself = fault.New(fault.Invalid, "An address can't forward to itself").WithReason(forwarder.ReasonItself)

// anyMembers reads addresses to forward to, each once. One of the order's own
// domain, or of an alias of it, must be somebody's, so that nothing is lost by a
// slip; another forwarder is allowed, for whom the mail path looks then.
func anyMembers(u *work.Unit, o *order.Order, self string, emails []string) ([]forwarder.Member, error) {
	aliases, err := aliasNames(u, o)
	if err != nil {
		return nil, err
	}
	out := make([]forwarder.Member, 0, len(emails))
	seen := map[string]bool{}
	for _, email := range emails {
		local, domain, err := forwarder.ParseForward(email)
		if err != nil {
			return nil, err
		}
		if u.Platform.OwnHosts[domain] {
			return nil, fault.New(fault.Invalid, "An address to forward to is the platform's").WithReason(forwarder.ReasonBadForward)
		}
		m := forwarder.Member{Email: local + "@" + domain}
		if domain == o.Domain || aliases[domain] {
			if local == self {
				return nil, errForwardToItself
			}
			held, err := u.Tx.Address(u.Ctx, o.ID, local)
			if err != nil {
				return nil, err
			}
			if held == nil {
				return nil, fault.New(fault.Invalid, "An address to forward to does not exist").WithReason(forwarder.ReasonNotInternal)
			}
			m = forwarder.Member{Email: local + "@" + o.Domain, AccountID: held.AccountID}
		}
		if !seen[m.Email] {
			seen[m.Email] = true
			out = append(out, m)
		}
	}
	return out, nil
}

func saveForwards(u *work.Unit, o *order.Order, a *account.Account, k forwarder.Kind, list []string, action string, who []string) error {
	if err := u.Tx.PutForwards(u.Ctx, o.ID, a.ID, k, list); err != nil {
		return err
	}
	return tellAccount(u, o, a, action, work.Detail{"kind": k, "forwards": who})
}

// tellAccount says that an account has changed in what no row of it tells.
func tellAccount(u *work.Unit, o *order.Order, a *account.Account, action string, d work.Detail) error {
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if err := u.Emit(o, event.EmailAccountModified, event.AccountOf(o, c, a)); err != nil {
		return err
	}
	return u.Record(o.PartnerID, action, "account", a.ID, d)
}

// LeaveForwards ends forwards within an order to addresses that are gone.
func LeaveForwards(u *work.Unit, o *order.Order, locals ...string) error {
	for _, local := range locals {
		email := local + "@" + o.Domain
		if err := u.Tx.DropForwardsTo(u.Ctx, o.ID, email); err != nil {
			return err
		}
		list, err := u.Tx.ForwardersNaming(u.Ctx, o.ID, email)
		if err != nil {
			return err
		}
		for _, f := range list {
			// One that ended meanwhile ended others with it.
			if f, err = u.Tx.Forwarder(u.Ctx, o.ID, f.Local); err != nil {
				return err
			}
			if f == nil {
				continue
			}
			if err := RemoveMembers(u, o, f, func(m forwarder.Member) bool { return m.External() && m.Email == email }); err != nil {
				return err
			}
		}
	}
	return nil
}
