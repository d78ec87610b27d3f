package mailboxes

import (
	"context"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MailUserType is what a user is.
type MailUserType string

// The types (resellerclub.md section 9.1).
const (
	MailboxWithAutoresponder    MailUserType = "mailbox with autoresponder"
	MailboxWithoutAutoresponder MailUserType = "mailbox without autoresponder"
	ForwardOnly                 MailUserType = "forward only"
)

// Type is what m is.
func (m *MailUser) Type() MailUserType {
	switch {
	case m.Forwarder != nil:
		return ForwardOnly
	case m.Autoresponder:
		return MailboxWithAutoresponder
	}
	return MailboxWithoutAutoresponder
}

// SearchMailUsers selects users of one order; empty fields do not restrict.
type SearchMailUsers struct {
	Order     work.OrderRef
	Emails    []string         // exactly these
	Pattern   string           // a regular expression (RE2) that is found in the address, in whatever case
	Statuses  []account.Status // also of forward-only accounts, which are always active
	Types     []MailUserType
	OverQuota bool // only full mailboxes
	Page      int  // from 1
}

const (
	// MailUsersPage is how many users are on a page.
	MailUsersPage = 200
	// MaxMailUsersNamed bounds the addresses of one search or one command.
	MaxMailUsersNamed = 200

	maxPattern      = 256 // bytes
	maxPatternSteps = 250 // instructions of the compiled pattern: what one character may cost
	scannedAtOnce   = 1000
	maxUserPage     = 1 << 30
)

// Reasons of a search that can't be run.
const (
	ReasonPattern      = "INVALID_PATTERN"
	ReasonTooManyNamed = "TOO_MANY_ADDRESSES"
)

var errTooManyNamed = fault.Newf(fault.Invalid, "At most %d addresses are named at once", MaxMailUsersNamed).WithReason(ReasonTooManyNamed)

// compilePattern compiles a foreign caller's regular expression. RE2 is linear
// in the text; the size of the program bounds the factor.
func compilePattern(p string) (*regexp.Regexp, error) {
	if p == "" {
		return nil, nil
	}
	refuse := func(text string, cause error) error {
		return &fault.Error{Code: fault.Invalid, Reason: ReasonPattern, Text: text, Cause: cause}
	}
	if len(p) > maxPattern || !work.Storable(p) {
		return nil, refuse("The regular expression is too long", nil)
	}
	tree, err := syntax.Parse(p, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil, refuse("The regular expression is not valid", err)
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, refuse("The regular expression is not valid", err)
	}
	if len(program.Inst) > maxPatternSteps {
		return nil, refuse("The regular expression is too large", nil)
	}
	r, err := regexp.Compile("(?i)" + p)
	if err != nil {
		return nil, refuse("The regular expression is not valid", err)
	}
	return r, nil
}

// SearchMailUsers gives one page of an order's users by local part. It looks at
// the order's addresses in pieces, so that what it holds at once is bounded
// however many there are.
func (s *Service) SearchMailUsers(ctx context.Context, actor audit.Actor, q SearchMailUsers) ([]*MailUser, error) {
	pattern, err := compilePattern(q.Pattern)
	if err != nil {
		return nil, err
	}
	if q.Page < 1 || q.Page > maxUserPage {
		return nil, fault.New(fault.Invalid, "The page is not a number from 1")
	}
	if len(q.Emails) > MaxMailUsersNamed {
		return nil, errTooManyNamed
	}
	var out []*MailUser
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(q.Order, work.OpRead)
		if err != nil {
			return err
		}
		d, err := mailDomain(u, o)
		if err != nil {
			return err
		}
		f := &userSearch{u: u, d: d, q: q, pattern: pattern, skip: (q.Page - 1) * MailUsersPage}
		err = f.run()
		out = f.found
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// userSearch is one run of a search.
type userSearch struct {
	u       *work.Unit
	d       *MailDomain
	q       SearchMailUsers
	pattern *regexp.Regexp

	skip       int // users of earlier pages
	found      []*MailUser
	forwarders map[string]*forwarder.Forwarder // of the order, by local part; nil until one is met
}

func (f *userSearch) run() error {
	if len(f.q.Emails) > 0 {
		list, err := f.named()
		if err != nil {
			return err
		}
		return f.take(list)
	}
	for after := ""; len(f.found) < MailUsersPage; {
		list, err := f.u.Tx.AddressesAfter(f.u.Ctx, f.d.Order.ID, after, scannedAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1].Local
		if err := f.take(list); err != nil {
			return err
		}
	}
	return nil
}

// named gives the addresses that the search names; what can't be one is nobody's.
func (f *userSearch) named() ([]*account.Address, error) {
	var out []*account.Address
	for _, email := range f.q.Emails {
		local, err := account.ParseEmail(email, f.d.Order.Domain)
		if err != nil || slices.ContainsFunc(out, func(a *account.Address) bool { return a.Local == local }) {
			continue
		}
		a, err := f.u.Tx.Address(f.u.Ctx, f.d.Order.ID, local)
		if err != nil {
			return nil, err
		}
		if a != nil {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *account.Address) int { return strings.Compare(a.Local, b.Local) })
	return out, nil
}

// take adds those of the addresses that belong on the page.
func (f *userSearch) take(list []*account.Address) error {
	if err := f.u.Ctx.Err(); err != nil {
		return fault.Unavail("The search took too long", err)
	}
	var kept []*account.Address
	for _, a := range list {
		if a.Kind != account.KindAlias && f.wantsKind(a.Kind) && (f.pattern == nil || f.pattern.MatchString(a.Local+"@"+f.d.Order.Domain)) {
			kept = append(kept, a)
		}
	}
	if !f.judgesUsers() {
		n := min(f.skip, len(kept))
		f.skip -= n
		kept = kept[n:min(len(kept), n+MailUsersPage-len(f.found))]
	}
	users, err := f.load(kept)
	if err != nil {
		return err
	}
	for _, m := range users {
		switch {
		case !f.wants(m):
		case f.skip > 0:
			f.skip--
		case len(f.found) < MailUsersPage:
			f.found = append(f.found, m)
		}
	}
	return nil
}

func (f *userSearch) wantsKind(k account.AddressKind) bool {
	if len(f.q.Types) == 0 {
		return k == account.KindAccount || !f.q.OverQuota
	}
	forwarder := k == account.KindForwarder
	return slices.ContainsFunc(f.q.Types, func(t MailUserType) bool { return (t == ForwardOnly) == forwarder })
}

// judgesUsers reports whether more must be known of a user than its address.
func (f *userSearch) judgesUsers() bool {
	return f.q.OverQuota || len(f.q.Statuses) > 0 ||
		slices.Contains(f.q.Types, MailboxWithAutoresponder) != slices.Contains(f.q.Types, MailboxWithoutAutoresponder)
}

func (f *userSearch) wants(m *MailUser) bool {
	return (!f.q.OverQuota || m.OverQuota()) && (len(f.q.Statuses) == 0 || slices.Contains(f.q.Statuses, m.Status)) &&
		(len(f.q.Types) == 0 || slices.Contains(f.q.Types, m.Type()))
}

// load completes users in the order of their addresses.
func (f *userSearch) load(list []*account.Address) ([]*MailUser, error) {
	var ids []int64
	for _, a := range list {
		if a.Kind == account.KindAccount {
			ids = append(ids, a.AccountID)
		}
	}
	var boxes map[int64]*MailUser
	if len(ids) > 0 {
		accounts, err := f.u.Tx.Accounts(f.u.Ctx, ids)
		if err != nil {
			return nil, err
		}
		if boxes, err = usersOf(f.u, f.d, accounts); err != nil {
			return nil, err
		}
	}
	out := make([]*MailUser, 0, len(list))
	for _, a := range list {
		var m *MailUser
		if a.Kind == account.KindAccount {
			m = boxes[a.AccountID]
		} else {
			w, err := f.forwarder(a.Local)
			if err != nil {
				return nil, err
			}
			if w != nil {
				m = forwardOnly(f.u, f.d, w)
			}
		}
		if m != nil {
			out = append(out, m)
		}
	}
	return out, nil
}

func (f *userSearch) forwarder(local string) (*forwarder.Forwarder, error) {
	if f.forwarders == nil {
		list, err := f.u.Tx.ForwardersOfOrder(f.u.Ctx, f.d.Order.ID)
		if err != nil {
			return nil, err
		}
		f.forwarders = make(map[string]*forwarder.Forwarder, len(list))
		for _, w := range list {
			f.forwarders[w.Local] = w
		}
	}
	return f.forwarders[local], nil
}

// MailUserCounts says how many users an order has.
type MailUserCounts struct{ Mailboxes, ForwardOnly int }

// CountMailUsers counts an order's users.
func (s *Service) CountMailUsers(ctx context.Context, actor audit.Actor, ref work.OrderRef) (MailUserCounts, error) {
	var out MailUserCounts
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		n, err := mailUserCounts(u, o)
		out = n
		return err
	})
	return out, err
}

func mailUserCounts(u *work.Unit, o *order.Order) (MailUserCounts, error) {
	n, err := u.Tx.Counters(u.Ctx, o.ID)
	if err != nil {
		return MailUserCounts{}, err
	}
	forwarders, _, err := u.Tx.ForwarderCounts(u.Ctx, o.ID)
	return MailUserCounts{Mailboxes: n.Provisioned, ForwardOnly: forwarders}, err
}
