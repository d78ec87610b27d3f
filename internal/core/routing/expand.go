package routing

import (
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var (
	errForwardLoop = fault.New(fault.AccountNotFound, "The address forwards to itself alone").WithReason(forwarder.ReasonForwardLoop)
	errTooManyWays = fault.New(fault.Conflict, "The address forwards to too many").WithReason(forwarder.ReasonTooMany)
)

// expansion follows the forwards within one order from an address to their ends,
// breadth first, each account and forwarder once.
type expansion struct {
	u *work.Unit
	o *order.Order

	accounts []*account.Account // that get a copy, in the order in which they were reached
	outside  []string
	seen     map[string]bool // addresses elsewhere and forwarders
	reached  map[int64]bool
	next     []int64 // accounts to look at
	aliases  map[string]bool

	steps     int  // addresses looked at
	suspended bool // something was left out because of a suspension
	round     bool // a forwarder was reached twice
}

// recipient gives what an account (a) or a forwarder (f) leads to.
func (e *expansion) recipient(via Via, a *account.Account, f *forwarder.Forwarder) (*Recipient, error) {
	e.seen, e.reached = map[string]bool{}, map[int64]bool{}
	out := &Recipient{}
	level := []*account.Account{a}
	if a == nil {
		out.Origin, level = f.Email(), nil
		if err := e.members(f); err != nil {
			return nil, err
		}
	} else {
		out.Origin = a.Email()
		e.reached[a.ID] = true
	}
	for {
		if err := e.level(level); err != nil {
			return nil, err
		}
		if len(e.accounts)+len(e.outside)+len(e.next) > forwarder.MaxTargets {
			return nil, errTooManyWays
		}
		if len(e.next) == 0 {
			break
		}
		var err error
		if level, err = e.u.Tx.Accounts(e.u.Ctx, e.next); err != nil {
			return nil, err
		}
		e.next = nil
	}
	responds, err := e.responding()
	if err != nil {
		return nil, err
	}
	for _, got := range e.accounts {
		t := Target{AccountID: got.ID, Email: got.Email(), Responds: responds[got.ID]}
		if a == nil || got.ID == a.ID {
			out.Targets = append(out.Targets, t)
		} else {
			out.Forwarded = append(out.Forwarded, t)
		}
	}
	out.Outside = e.outside
	switch {
	case len(out.Targets) > 0, a == nil && len(out.Outside) > 0:
		return out, nil
	case a != nil, e.suspended:
		return nil, errMailboxSuspended
	case e.round:
		return nil, errForwardLoop
	}
	return nil, errNoSuchMailbox
}

// level takes accounts in, and what they forward to.
func (e *expansion) level(accounts []*account.Account) error {
	var forwarding []int64
	for _, a := range accounts {
		if !a.Live() {
			continue
		}
		if a.Suspensions.RefusesInbound() {
			e.suspended = true
			continue
		}
		e.accounts = append(e.accounts, a)
		if e.o.MaySend(e.u.Now) && a.Status(e.u.Now) == account.Active {
			forwarding = append(forwarding, a.ID)
		}
	}
	if len(forwarding) == 0 {
		return nil
	}
	list, err := e.u.Tx.ForwardsOf(e.u.Ctx, forwarding)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := e.address(f.Email); err != nil {
			return err
		}
	}
	return nil
}

func (e *expansion) members(f *forwarder.Forwarder) error {
	if e.seen[f.Email()] {
		e.round = true
		return nil
	}
	e.seen[f.Email()] = true
	for _, m := range f.Members {
		if !m.External() {
			e.reach(m.AccountID)
		} else if err := e.address(m.Email); err != nil {
			return err
		}
	}
	return nil
}

func (e *expansion) reach(accountID int64) {
	if !e.reached[accountID] {
		e.reached[accountID] = true
		e.next = append(e.next, accountID)
	}
}

// address follows an address that something forwards to.
func (e *expansion) address(email string) error {
	if e.steps++; e.steps > forwarder.MaxTargets {
		return errTooManyWays
	}
	local, domain := cutEmail(email)
	own, err := e.own(domain)
	if err != nil {
		return err
	}
	if !own {
		switch {
		case e.seen[email]:
		case !e.o.MaySend(e.u.Now): // who is suspended sends nothing (T-16)
			e.suspended = true
		default:
			e.seen[email] = true
			e.outside = append(e.outside, email)
		}
		return nil
	}
	held, err := e.u.Tx.Address(e.u.Ctx, e.o.ID, local)
	if err != nil || held == nil {
		return err // gone: see LeaveForwards
	}
	if held.Kind != account.KindForwarder {
		e.reach(held.AccountID)
		return nil
	}
	if e.seen[local+"@"+e.o.Domain] {
		e.round = true
		return nil
	}
	f, err := e.u.Tx.Forwarder(e.u.Ctx, e.o.ID, local)
	if err != nil || f == nil {
		return err
	}
	return e.members(f)
}

func (e *expansion) own(domain string) (bool, error) {
	if domain == e.o.Domain {
		return true, nil
	}
	if e.aliases == nil {
		var err error
		if e.aliases, err = aliasNames(e.u, e.o); err != nil {
			return false, err
		}
	}
	return e.aliases[domain], nil
}

// responding gives the accounts whose autoresponder is in force; a suspended one answers nobody.
func (e *expansion) responding() (map[int64]bool, error) {
	if len(e.accounts) == 0 || !e.o.MaySend(e.u.Now) {
		return nil, nil
	}
	ids := make([]int64, 0, len(e.accounts))
	for _, a := range e.accounts {
		if a.Status(e.u.Now) == account.Active {
			ids = append(ids, a.ID)
		}
	}
	list, err := e.u.Tx.AutorespondersOn(e.u.Ctx, ids)
	out := map[int64]bool{}
	for _, r := range list {
		out[r.AccountID] = r.Answers(e.u.Now)
	}
	return out, err
}

func cutEmail(email string) (local, domain string) {
	i := strings.LastIndexByte(email, '@')
	return email[:max(i, 0)], email[i+1:]
}
