package mailboxes

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// ListEmailAccounts is titan.md operation 31.
type ListEmailAccounts struct {
	Order          work.OrderRef
	IncludeDeleted bool
}

// EmailAvailability is titan.md operation 36.
type EmailAvailability struct {
	Available bool
	Reason    string
	AccountID int64 // the account, or the alias's account
}

// ListEmailAccounts gives an order's accounts by ID.
func (s *Service) ListEmailAccounts(ctx context.Context, actor audit.Actor, q ListEmailAccounts) ([]*work.AccountDetails, error) {
	var out []*work.AccountDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(q.Order, work.OpRead)
		if err != nil {
			return err
		}
		accounts, err := u.Tx.AccountsByOrder(u.Ctx, o.ID, q.IncludeDeleted)
		if err != nil {
			return err
		}
		out, err = AccountDetails(u, o, accounts)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AccountDetails completes accounts of o; purged ones are left out.
func AccountDetails(u *work.Unit, o *order.Order, accounts []*account.Account) ([]*work.AccountDetails, error) {
	c, err := u.CustomerOf(o)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	used, err := u.Tx.StorageUsed(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*work.AccountDetails, 0, len(accounts))
	for _, a := range accounts {
		if d := accountDetail(u, o, c, a, used); d != nil {
			out = append(out, d)
		}
	}
	return out, nil
}

func accountDetail(u *work.Unit, o *order.Order, c *customer.Customer, a *account.Account, used map[int64]int64) *work.AccountDetails {
	st := a.Status(u.Now)
	if st == account.Purged {
		return nil
	}
	return &work.AccountDetails{
		Account: a, Status: st, CustomerID: c.CustomerID, StorageUsed: used[a.ID], StorageLimitMB: u.Platform.Catalogue[o.Plan].StorageMB,
	}
}

// FetchEmailAccount is titan.md operation 32: by the account's id, by order and
// address, or by an address that only one live account of the partner has.
func (s *Service) FetchEmailAccount(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*work.AccountDetails, error) {
	var out *work.AccountDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, a, err := fetchAccount(u, ref)
		if err != nil {
			return err
		}
		list, err := AccountDetails(u, o, []*account.Account{a})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return work.ErrAccount
		}
		out = list[0]
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EmailAliases is titan.md operation 35: the account that has the aliases.
func (s *Service) EmailAliases(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*work.AccountDetails, error) {
	return s.FetchEmailAccount(ctx, actor, ref)
}

func fetchAccount(u *work.Unit, ref work.AccountRef) (*order.Order, *account.Account, error) {
	if ref.AccountID == 0 && strings.TrimSpace(ref.Email) == "" {
		return nil, nil, fault.New(fault.Invalid, "The email account is not named").WithReason("MISSING_FIELD")
	}
	if ref.Order != (work.OrderRef{}) {
		return u.Account(ref, work.OpRead)
	}
	var a *account.Account
	var err error
	switch {
	case ref.AccountID > 0:
		a, err = u.Tx.Account(u.Ctx, ref.AccountID)
	case ref.AccountID < 0:
		return nil, nil, work.ErrAccount
	default:
		a, err = onlyAccount(u, ref.Email)
	}
	if err != nil {
		return nil, nil, err
	}
	if a == nil || !u.Owns(a.PartnerID) {
		return nil, nil, work.ErrAccount
	}
	ref.Order, ref.AccountID = work.OrderRef{ID: a.OrderID}, a.ID
	o, a, err := u.Account(ref, work.OpRead)
	if fault.Is(err, fault.OrderNotFound) {
		return nil, nil, work.ErrAccount // the order is purged: so is the account
	}
	return o, a, err
}

// onlyAccount gives the one live account of the actor's with that address.
func onlyAccount(u *work.Unit, email string) (*account.Account, error) {
	addr, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return nil, work.ErrAccount
	}
	all, err := u.Tx.AccountsByEmail(u.Ctx, addr.Key(), addr.Domain)
	if err != nil {
		return nil, err
	}
	var found *account.Account
	for _, a := range all {
		if !u.Owns(a.PartnerID) || !a.Live() {
			continue
		}
		if found != nil {
			return nil, fault.New(fault.Invalid, "Several email accounts have this address: name the mail order")
		}
		found = a
	}
	return found, nil
}

// CheckEmailAccountAvailability is titan.md operation 36.
func (s *Service) CheckEmailAccountAvailability(ctx context.Context, actor audit.Actor, ref work.OrderRef, email string) (*EmailAvailability, error) {
	var out *EmailAvailability
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		local, err := account.ParseEmail(email, o.Domain)
		if err != nil {
			out = &EmailAvailability{Reason: fault.Of(err).Reason}
			return nil
		}
		held, err := u.Tx.Address(u.Ctx, o.ID, local)
		if err != nil {
			return err
		}
		if held != nil {
			out = &EmailAvailability{Reason: account.TakenReason(held.Kind), AccountID: held.AccountID}
			return nil
		}
		n, err := u.Tx.Counters(u.Ctx, o.ID)
		if err != nil {
			return err
		}
		if o.TakesSeat(n) != nil {
			out = &EmailAvailability{Reason: order.ReasonAccountLimit}
			return nil
		}
		out = &EmailAvailability{Available: true}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
