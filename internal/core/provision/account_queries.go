package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// ListEmailAccounts is titan.md operation 31.
type ListEmailAccounts struct {
	Order          OrderRef
	IncludeDeleted bool
}

// EmailAvailability is titan.md operation 36.
type EmailAvailability struct {
	Available bool
	Reason    string
	AccountID int64 // the account, or the alias's account
}

// ListEmailAccounts gives an order's accounts by ID.
func (s *Service) ListEmailAccounts(ctx context.Context, actor audit.Actor, q ListEmailAccounts) ([]*AccountDetails, error) {
	var out []*AccountDetails
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(q.Order, opRead)
		if err != nil {
			return err
		}
		accounts, err := u.tx.AccountsByOrder(u.ctx, o.ID, q.IncludeDeleted)
		if err != nil {
			return err
		}
		out, err = u.accountDetails(o, accounts)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// accountDetails completes accounts of o; purged ones are left out.
func (u *unit) accountDetails(o *order.Order, accounts []*account.Account) ([]*AccountDetails, error) {
	c, err := u.customerOf(o)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	used, err := u.tx.StorageUsed(u.ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*AccountDetails, 0, len(accounts))
	for _, a := range accounts {
		if d := u.accountDetail(o, c, a, used); d != nil {
			out = append(out, d)
		}
	}
	return out, nil
}

func (u *unit) accountDetail(o *order.Order, c *customer.Customer, a *account.Account, used map[int64]int64) *AccountDetails {
	st := a.Status(u.now)
	if st == account.Purged {
		return nil
	}
	return &AccountDetails{
		Account: a, Status: st, CustomerID: c.CustomerID, StorageUsed: used[a.ID], StorageLimitMB: u.s.catalogue[o.Plan].StorageMB,
	}
}

// FetchEmailAccount is titan.md operation 32: by the account's id, by order and
// address, or by an address that only one live account of the partner has.
func (s *Service) FetchEmailAccount(ctx context.Context, actor audit.Actor, ref AccountRef) (*AccountDetails, error) {
	var out *AccountDetails
	err := s.read(ctx, actor, func(u *unit) error {
		o, a, err := u.fetchAccount(ref)
		if err != nil {
			return err
		}
		list, err := u.accountDetails(o, []*account.Account{a})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errAccount
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
func (s *Service) EmailAliases(ctx context.Context, actor audit.Actor, ref AccountRef) (*AccountDetails, error) {
	return s.FetchEmailAccount(ctx, actor, ref)
}

func (u *unit) fetchAccount(ref AccountRef) (*order.Order, *account.Account, error) {
	if ref.AccountID == 0 && strings.TrimSpace(ref.Email) == "" {
		return nil, nil, fault.New(fault.Invalid, "The email account is not named").WithReason("MISSING_FIELD")
	}
	if ref.Order != (OrderRef{}) {
		return u.account(ref, opRead)
	}
	var a *account.Account
	var err error
	switch {
	case ref.AccountID > 0:
		a, err = u.tx.Account(u.ctx, ref.AccountID)
	case ref.AccountID < 0:
		return nil, nil, errAccount
	default:
		a, err = u.onlyAccount(ref.Email)
	}
	if err != nil {
		return nil, nil, err
	}
	if a == nil || !u.owns(a.PartnerID) {
		return nil, nil, errAccount
	}
	ref.Order, ref.AccountID = OrderRef{ID: a.OrderID}, a.ID
	o, a, err := u.account(ref, opRead)
	if fault.Is(err, fault.OrderNotFound) {
		return nil, nil, errAccount // the order is purged: so is the account
	}
	return o, a, err
}

// onlyAccount gives the one live account of the actor's with that address.
func (u *unit) onlyAccount(email string) (*account.Account, error) {
	addr, err := mailaddr.Parse(strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return nil, errAccount
	}
	all, err := u.tx.AccountsByEmail(u.ctx, addr.Key(), addr.Domain)
	if err != nil {
		return nil, err
	}
	var found *account.Account
	for _, a := range all {
		if !u.owns(a.PartnerID) || !a.Live() {
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
func (s *Service) CheckEmailAccountAvailability(ctx context.Context, actor audit.Actor, ref OrderRef, email string) (*EmailAvailability, error) {
	var out *EmailAvailability
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		local, err := account.ParseEmail(email, o.Domain)
		if err != nil {
			out = &EmailAvailability{Reason: fault.Of(err).Reason}
			return nil
		}
		held, err := u.tx.Address(u.ctx, o.ID, local)
		if err != nil {
			return err
		}
		if held != nil {
			out = &EmailAvailability{Reason: account.TakenReason(held.Kind), AccountID: held.AccountID}
			return nil
		}
		n, err := u.tx.Counters(u.ctx, o.ID)
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
