package modeltest

import (
	"maps"
	"slices"
	"time"
)

// The actions give "" for success, or the fault's code and reason. Where the
// model can't know an id, the machine fills it in afterwards.

const notActive = "order_not_found ORDER_NOT_ACTIVE"

// takes checks an order's state; purged orders are unknown.
func (m *model) takes(o *mOrder, states ...string) string {
	s := m.status(o)
	if s == "purged" {
		return "order_not_found "
	}
	if !slices.Contains(states, s) {
		return notActive
	}
	return ""
}

func (m *model) takesAccount(a *mAccount, states ...string) string {
	s := m.accountStatus(a)
	if s == "purged" {
		return "account_not_found "
	}
	if !slices.Contains(states, s) {
		return "account_not_found ACCOUNT_NOT_ACTIVE"
	}
	return ""
}

// createOrder gives the order and whether it is new.
func (m *model) createOrder(partner int, domain, customer string, seats int, pending bool) (*mOrder, bool, string) {
	if o := m.live(partner, domain); o != nil {
		if o.customer != customer {
			return nil, false, "conflict ORDER_ALREADY_EXISTS"
		}
		return o, false, ""
	}
	o := &mOrder{partner: partner, domain: domain, customer: customer, seats: seats, pending: pending, marks: map[mark]bool{},
		billed: partner == billedPartner, expiry: start.Add(365 * day)}
	o.serviceable = !pending && m.holder(domain) == nil
	m.orders = append(m.orders, o)
	m.expect("MAIL_ORDER_CREATED")
	return o, true, ""
}

func (m *model) suspendOrder(o *mOrder, kind, role string) string {
	if f := m.takes(o, "pending", "active", "suspended"); f != "" {
		return f
	}
	m.change(o, func() { o.marks[mark{kind, role}] = true })
	return ""
}

func (m *model) unsuspendOrder(o *mOrder, kind, role string) (f string) {
	if f := m.takes(o, "pending", "active", "suspended"); f != "" {
		return f
	}
	m.change(o, func() { f = lift(o.marks, kind, role) })
	return f
}

func (m *model) deleteOrder(o *mOrder) string {
	if f := m.takes(o, "pending", "active", "suspended", "deleted"); f != "" || o.deleted {
		return f
	}
	m.change(o, func() { o.deleted, o.purgeAt, o.serviceable = true, m.now.Add(retention), false })
	m.settle(o.domain)
	return ""
}

func (m *model) reactivateOrder(o *mOrder) string {
	switch m.status(o) {
	case "active", "suspended":
		return ""
	case "purged":
		return "conflict ORDER_ALREADY_PURGED"
	}
	if other := m.live(o.partner, o.domain); other != nil && other != o {
		return "conflict ANOTHER_ORDER_ALREADY_EXISTS"
	}
	if o.deleted {
		o.reactivated = m.now
	}
	m.change(o, func() { o.deleted, o.pending = false, false })
	o.serviceable = m.holder(o.domain) == nil
	return ""
}

// modifyOrder sets a number of seats and an expiry date.
func (m *model) modifyOrder(o *mOrder, seats int, expiry time.Time) string {
	if f := m.takes(o, "pending", "active", "suspended"); f != "" {
		return f
	}
	if _, all := m.provisioned(o); all > seats {
		return "conflict ACCOUNTS_IN_USE"
	}
	more, renewed := seats > o.seats, expiry.After(o.expiry)
	o.seats, o.expiry = seats, expiry
	defer func() { // the platform's customers' plan events come last
		if o.billed && more {
			m.expect("ACCOUNTS_PURCHASED")
		}
		if o.billed && renewed {
			m.expect("PLAN_RENEWED")
		}
	}()
	if !expiry.After(m.now) {
		return ""
	}
	renew := func(marks map[mark]bool) {
		maps.DeleteFunc(marks, func(x mark, _ bool) bool { return x.kind == "expiry" })
	}
	for _, a := range m.accounts {
		if a.order == o {
			m.changeAccount(a, func() { renew(a.marks) })
		}
	}
	m.change(o, func() { renew(o.marks) })
	return ""
}

func (m *model) prove(o *mOrder) string {
	if f := m.takes(o, "pending", "active", "suspended"); f != "" {
		return f
	}
	if o.proven.IsZero() {
		o.proven = m.now
	}
	if o.pending {
		return ""
	}
	if h := m.holder(o.domain); h == nil || h.proven.IsZero() {
		if h != nil {
			h.serviceable = false
		}
		o.serviceable = true
	}
	return ""
}

// orderDue is what the platform does to an order by itself: one step (7.1).
func (m *model) orderDue(o *mOrder) {
	switch {
	case o.gone:
	case o.deleted:
		if m.now.Before(o.purgeAt) {
			return
		}
		o.gone = true
		for _, a := range m.accounts {
			if a.order == o && !a.gone {
				a.gone = true
				if a.deleted {
					m.expect("EMAIL_ACCOUNT_PURGED")
				}
			}
		}
		m.expect("MAIL_ORDER_PURGED")
	case !o.billed || o.pending:
	case !o.marks[mark{"expiry", "titan"}]:
		if !m.now.Before(o.expiry) {
			m.change(o, func() { o.marks[mark{"expiry", "titan"}] = true })
		}
	default:
		from := o.expiry
		if o.reactivated.After(from) {
			from = o.reactivated
		}
		if !m.now.Before(from.Add(7 * day)) {
			m.deleteOrder(o)
		}
	}
}

// accountDue purges a deleted account whose day has come (7.5).
func (m *model) accountDue(a *mAccount) {
	if a.deleted && !a.gone && !m.now.Before(a.purgeAt) {
		a.gone = true
		m.expect("EMAIL_ACCOUNT_PURGED")
	}
}

// createAccount gives the account and whether it is new.
func (m *model) createAccount(o *mOrder, local string, admin bool) (*mAccount, bool, string) {
	if f := m.takes(o, "active"); f != "" {
		return nil, false, f
	}
	if a, alias := m.owner(o, local); a != nil {
		switch {
		case alias:
			return nil, false, "conflict EXISTS_AS_ALIAS"
		case a.admin != admin:
			return nil, false, "conflict EXISTS_AS_EMAIL_ACCOUNT"
		}
		return a, false, ""
	}
	if _, all := m.provisioned(o); all >= o.seats {
		return nil, false, "conflict ACCOUNT_LIMIT_REACHED"
	}
	a := &mAccount{order: o, local: local, admin: admin, marks: map[mark]bool{}, aliases: map[string]bool{}, lost: map[string]bool{}}
	m.accounts = append(m.accounts, a)
	m.expect("EMAIL_ACCOUNT_CREATED")
	return a, true, ""
}

func (m *model) suspendAccount(a *mAccount, kind, role string) string {
	if f := m.takes(a.order, "active", "suspended"); f != "" {
		return f
	}
	if f := m.takesAccount(a, "active", "suspended"); f != "" {
		return f
	}
	m.changeAccount(a, func() { a.marks[mark{kind, role}] = true })
	return ""
}

func (m *model) unsuspendAccount(a *mAccount, kind, role string) (f string) {
	if f := m.takes(a.order, "active", "suspended"); f != "" {
		return f
	}
	if f := m.takesAccount(a, "active", "suspended"); f != "" {
		return f
	}
	m.changeAccount(a, func() { f = lift(a.marks, kind, role) })
	return f
}

func (m *model) deleteAccount(a *mAccount) string {
	if f := m.takes(a.order, "active", "suspended"); f != "" {
		return f
	}
	if f := m.takesAccount(a, "active", "suspended", "deleted"); f != "" || a.deleted {
		return f
	}
	m.changeAccount(a, func() { a.deleted, a.purgeAt = true, m.now.Add(retention) })
	a.lost, a.aliases = a.aliases, map[string]bool{}
	return ""
}

func (m *model) reactivateAccount(a *mAccount) string {
	if f := m.takes(a.order, "active"); f != "" {
		return f
	}
	if !a.deleted {
		return ""
	}
	if m.accountStatus(a) == "purged" {
		return "conflict ACCOUNT_ALREADY_PURGED"
	}
	if other, _ := m.owner(a.order, a.local); other != nil {
		return "conflict ANOTHER_ACCOUNT_ALREADY_EXISTS"
	}
	if _, all := m.provisioned(a.order); all >= a.order.seats {
		return "conflict ACCOUNT_LIMIT_REACHED"
	}
	m.changeAccount(a, func() { a.deleted = false })
	for l := range a.lost {
		if other, _ := m.owner(a.order, l); other == nil {
			a.aliases[l] = true
		}
	}
	a.lost = map[string]bool{}
	return ""
}

// postpone moves a purge date to a day.
func (m *model) postpone(a *mAccount, to time.Time) string {
	if f := m.takes(a.order, "active"); f != "" {
		return f
	}
	switch s := m.accountStatus(a); {
	case s == "purged":
		return "account_not_found "
	case s != "deleted":
		return "invalid "
	}
	is := a.purgeAt.Truncate(day)
	if to.Equal(is) {
		return ""
	}
	if to.Before(is) || to.Before(m.now.Truncate(day)) || to.After(m.now.Truncate(day).Add(retention)) {
		return "invalid "
	}
	a.purgeAt = to
	return ""
}

func (m *model) addAlias(a *mAccount, local string) string {
	if f := m.takes(a.order, "active"); f != "" {
		return f
	}
	if f := m.takesAccount(a, "active"); f != "" {
		return f
	}
	switch held, alias := m.owner(a.order, local); {
	case held == nil:
		a.aliases[local] = true
		m.expect("EMAIL_ACCOUNT_MODIFIED")
	case alias && held == a:
	case alias:
		return "conflict EXISTS_AS_ALIAS"
	default:
		return "conflict EXISTS_AS_EMAIL_ACCOUNT"
	}
	return ""
}

func (m *model) removeAlias(a *mAccount, local string) string {
	if f := m.takes(a.order, "active", "suspended"); f != "" {
		return f
	}
	if f := m.takesAccount(a, "active", "suspended"); f != "" {
		return f
	}
	if a.aliases[local] {
		delete(a.aliases, local)
		m.expect("EMAIL_ACCOUNT_MODIFIED")
	}
	return ""
}
