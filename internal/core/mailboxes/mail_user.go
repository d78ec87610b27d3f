package mailboxes

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MailDomain is what all users of an order share.
type MailDomain struct {
	Order    *order.Order
	Customer *customer.Customer
	Brand    brand.Brand
}

// MailUser is an address of an order that somebody has: a mailbox, or a
// forwarder, which the ResellerClub dialect calls a forward-only account
// (resellerclub.md section 9.1). Aliases are no users, nor is what was deleted.
type MailUser struct {
	*MailDomain

	Account   *account.Account     // nil: forward-only
	Forwarder *forwarder.Forwarder // nil: a mailbox
	Status    account.Status

	AdminForwards []string // addresses that get a copy because the domain's holder says so
	UserForwards  []string // because the user does
	Autoresponder bool     // it answers

	StorageUsed  int64 // bytes
	StorageLimit int64 // bytes
}

// Email is the user's address.
func (m *MailUser) Email() string {
	if m.Account != nil {
		return m.Account.Email()
	}
	return m.Forwarder.Email()
}

// OverQuota reports whether the mailbox is full.
func (m *MailUser) OverQuota() bool {
	return m.Account != nil && outbox.QuotaObservation{AccountID: m.Account.ID, UsedBytes: m.StorageUsed, LimitBytes: m.StorageLimit}.Level() == work.QuotaFull
}

// Country is where the user is, as far as anybody has said: "US" when not.
func (m *MailUser) Country() string {
	if m.Account != nil && m.Account.Country != "" {
		return m.Account.Country
	}
	if len(m.Customer.Country) == 2 {
		return m.Customer.Country
	}
	return "US"
}

// Language is the user's, without a region.
func (m *MailUser) Language() string {
	own := ""
	if m.Account != nil {
		own = m.Account.Locale
	}
	for _, tag := range []string{own, m.Order.Locale, m.Customer.Locale} {
		if i := strings.IndexAny(tag, "-_"); i >= 0 {
			tag = tag[:i]
		}
		if tag != "" {
			return strings.ToLower(tag)
		}
	}
	return "en"
}

// ReasonForwardOnly is the Reason of what needs a mailbox, which a forward-only
// account has none of.
const ReasonForwardOnly = "FORWARD_ONLY"

var errForwardOnly = fault.New(fault.Conflict, "A forward-only account has no mailbox").WithReason(ReasonForwardOnly)

// mailUser finds the user of o who has an address. What can't be an address of
// the order is told from one that nobody has.
func mailUser(u *work.Unit, o *order.Order, email string) (*account.Account, *forwarder.Forwarder, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	a, f, err := addressee(u, o, email)
	if err == nil && a == nil && f == nil {
		err = work.ErrAccount
	}
	if err == nil && a != nil {
		err = u.AdmitAccount(a)
	}
	if err != nil {
		return nil, nil, &routing.AtAddress{Email: email, Err: err}
	}
	return a, f, nil
}

func addressee(u *work.Unit, o *order.Order, email string) (*account.Account, *forwarder.Forwarder, error) {
	local, err := account.ParseEmail(email, o.Domain)
	if err != nil {
		return nil, nil, err
	}
	held, err := u.Tx.Address(u.Ctx, o.ID, local)
	if err != nil || held == nil {
		return nil, nil, err
	}
	switch held.Kind {
	case account.KindAccount:
		a, err := u.Tx.Account(u.Ctx, held.AccountID)
		return a, nil, err
	case account.KindForwarder:
		f, err := u.Tx.Forwarder(u.Ctx, o.ID, local)
		return nil, f, err
	case account.KindAlias:
	}
	return nil, nil, nil
}

// mailbox is mailUser for an operation on a mailbox.
func mailbox(u *work.Unit, ref work.AccountRef, op work.Operation) (*order.Order, *account.Account, error) {
	o, err := u.Order(ref.Order, op)
	if err != nil {
		return nil, nil, err
	}
	a, f, err := mailUser(u, o, ref.Email)
	if err == nil && f != nil {
		err = &routing.AtAddress{Email: f.Email(), Err: errForwardOnly}
	}
	if err == nil && !op.TakesAccount(a.Status(u.Now)) {
		err = &routing.AtAddress{Email: a.Email(), Err: work.ErrAccountState}
	}
	return o, a, err
}

// mailboxRef gives the mailbox at an address in the form that other commands
// take, or says why there is none.
func (s *Service) mailboxRef(ctx context.Context, actor audit.Actor, ref work.AccountRef, op work.Operation) (work.AccountRef, error) {
	out := work.AccountRef{Order: ref.Order}
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, a, err := mailbox(u, ref, op)
		if err == nil {
			out.AccountID = a.ID
		}
		return err
	})
	return out, err
}

// FindMailUser gives the user who has an address.
func (s *Service) FindMailUser(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*MailUser, error) {
	var out *MailUser
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref.Order, work.OpRead)
		if err != nil {
			return err
		}
		a, f, err := mailUser(u, o, ref.Email)
		if err != nil {
			return err
		}
		d, err := mailDomain(u, o)
		if err != nil {
			return err
		}
		if f != nil {
			out = forwardOnly(u, d, f)
			return nil
		}
		list, err := usersOf(u, d, []*account.Account{a})
		if err != nil {
			return err
		}
		out = list[a.ID]
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func mailDomain(u *work.Unit, o *order.Order) (*MailDomain, error) {
	c, err := u.CustomerOf(o)
	if err != nil {
		return nil, err
	}
	b, err := tenancy.BrandOf(u, o)
	return &MailDomain{Order: o, Customer: c, Brand: b}, err
}

func forwardOnly(u *work.Unit, d *MailDomain, f *forwarder.Forwarder) *MailUser {
	return &MailUser{MailDomain: d, Forwarder: f, Status: account.Active, AdminForwards: f.Recipients()}
}

// usersOf completes accounts of one order, by their ids.
func usersOf(u *work.Unit, d *MailDomain, accounts []*account.Account) (map[int64]*MailUser, error) {
	ids := make([]int64, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	used, err := u.Tx.StorageUsed(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]*MailUser, len(accounts))
	for _, a := range accounts {
		out[a.ID] = &MailUser{MailDomain: d, Account: a, Status: a.Status(u.Now), StorageUsed: used[a.ID], StorageLimit: u.Platform.Catalogue.QuotaBytes(d.Order.Plan)}
	}
	forwards, err := u.Tx.ForwardsOf(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, f := range forwards {
		m := out[f.AccountID]
		if f.Kind == forwarder.Admin {
			m.AdminForwards = append(m.AdminForwards, f.Email)
		} else {
			m.UserForwards = append(m.UserForwards, f.Email)
		}
	}
	replies, err := u.Tx.AutorespondersOn(u.Ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range replies {
		out[r.AccountID].Autoresponder = r.Answers(u.Now)
	}
	return out, nil
}

// Names are the first and the last name; where only a whole one is known, it is
// cut at its last space.
func (m *MailUser) Names() (first, last string) {
	a := m.Account
	if a == nil {
		return "", ""
	}
	if a.FirstName != "" || a.LastName != "" {
		return a.FirstName, a.LastName
	}
	if i := strings.LastIndexByte(a.Name, ' '); i > 0 {
		return strings.TrimSpace(a.Name[:i]), a.Name[i+1:]
	}
	return a.Name, ""
}
