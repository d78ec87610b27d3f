// Package modeltest checks the provisioning rules against a small reference
// model that was written from titan.md section 7 and shares no code with them.
// Run takes any work.Store.
package modeltest

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

const (
	day       = 24 * time.Hour
	retention = 30 * day
)

// model is the whole world as the contract describes it, in the plainest form.
type model struct {
	now      time.Time
	orders   []*mOrder
	accounts []*mAccount
	events   []string // expected of the action that runs
}

type mark struct{ kind, role string }

type mOrder struct {
	id          int64
	partner     int
	domain      string
	customer    string
	seats       int
	pending     bool
	deleted     bool
	purgeAt     time.Time
	serviceable bool
	proven      time.Time
	marks       map[mark]bool
	billed      bool // by the platform
	expiry      time.Time
	reactivated time.Time
	gone        bool // the purge has been done
}

type mAccount struct {
	id      int64
	order   *mOrder
	local   string
	admin   bool
	deleted bool
	purgeAt time.Time
	marks   map[mark]bool
	aliases map[string]bool // in force
	lost    map[string]bool // let go by the deletion
	gone    bool            // the purge has been done
}

func (m *model) status(o *mOrder) string {
	if o.gone || o.deleted && !m.now.Before(o.purgeAt) {
		return "purged"
	}
	if o.deleted {
		return "deleted"
	}
	if o.pending {
		return "pending"
	}
	if len(o.marks) > 0 {
		return "suspended"
	}
	return "active"
}

func (m *model) accountStatus(a *mAccount) string {
	if a.gone || a.deleted && !m.now.Before(a.purgeAt) {
		return "purged"
	}
	if a.deleted {
		return "deleted"
	}
	if len(a.marks) > 0 {
		return "suspended"
	}
	return "active"
}

func (m *model) expect(format string, a ...any) {
	m.events = append(m.events, fmt.Sprintf(format, a...))
}

// change runs f on an order and expects the event if its status moved.
func (m *model) change(o *mOrder, f func()) {
	before := m.status(o)
	f()
	if after := m.status(o); after != before {
		m.expect("MAIL_ORDER_STATUS_UPDATED %d %s>%s", o.id, before, after)
	}
}

func (m *model) changeAccount(a *mAccount, f func()) {
	before := m.accountStatus(a)
	f()
	if after := m.accountStatus(a); after != before {
		m.expect("EMAIL_ACCOUNT_STATUS_UPDATED %s %s>%s", a.local, before, after)
	}
}

// power orders the roles (7.3).
func power(role string) int {
	for i, class := range [][]string{{"account"}, {"domainAdmin", "accountAdmin"}, {"partner", "partnerSupport"}, {"titan", "titanSupport"}} {
		if slices.Contains(class, role) {
			return i
		}
	}
	return -1
}

// lift removes a type, or all with "", as far as the role may.
func lift(marks map[mark]bool, kind, role string) string {
	named, lifted := false, false
	for x := range marks {
		if kind != "" && x.kind != kind {
			continue
		}
		named = true
		if power(role) >= power(x.role) {
			delete(marks, x)
			lifted = true
		}
	}
	if kind != "" && named && !lifted {
		return "forbidden HIGHER_ROLE"
	}
	return ""
}

func (m *model) live(partner int, domain string) *mOrder {
	for _, o := range m.orders {
		if o.partner == partner && o.domain == domain && !o.deleted {
			return o
		}
	}
	return nil
}

func (m *model) holder(domain string) *mOrder {
	for _, o := range m.orders {
		if o.domain == domain && o.serviceable {
			return o
		}
	}
	return nil
}

// settle gives a domain that nobody serves to the first that proved, else the oldest.
func (m *model) settle(domain string) {
	if m.holder(domain) != nil {
		return
	}
	var best *mOrder
	for _, o := range m.orders {
		if o.domain != domain || o.deleted || o.pending {
			continue
		}
		switch {
		case best == nil:
			best = o
		case !o.proven.IsZero() && (best.proven.IsZero() || o.proven.Before(best.proven)):
			best = o
		}
	}
	if best != nil {
		best.serviceable = true
	}
}

// owner says what an address of an order is: an account, as itself or as an alias.
func (m *model) owner(o *mOrder, local string) (a *mAccount, alias bool) {
	for _, a := range m.accounts {
		if a.order != o || a.deleted {
			continue
		}
		if a.local == local {
			return a, false
		}
		if a.aliases[local] {
			return a, true
		}
	}
	return nil, false
}

func (m *model) provisioned(o *mOrder) (active, all int) {
	for _, a := range m.accounts {
		if a.order == o && !a.deleted {
			all++
			if len(a.marks) == 0 {
				active++
			}
		}
	}
	return active, all
}

// resolve says what becomes of mail from outside.
func (m *model) resolve(local, domain string) (int64, string) {
	o := m.holder(domain)
	if o == nil {
		for _, o := range m.orders {
			if o.domain == domain && o.pending && !o.deleted {
				return 0, "ORDER_PENDING"
			}
		}
		return 0, "NO_SUCH_DOMAIN"
	}
	if o.marks[mark{"abuse", "titan"}] {
		return 0, "MAILBOX_SUSPENDED"
	}
	a, _ := m.owner(o, local)
	if a == nil && local == "postmaster" {
		var all []*mAccount
		for _, x := range m.accounts {
			if x.order == o && !x.deleted {
				all = append(all, x)
			}
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].admin && !all[j].admin })
		if len(all) > 0 {
			a = all[0]
		}
	}
	if a == nil {
		return 0, "NO_SUCH_MAILBOX"
	}
	if a.marks[mark{"abuse", "titan"}] {
		return 0, "MAILBOX_SUSPENDED"
	}
	return a.id, ""
}
