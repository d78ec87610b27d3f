package billing

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// TransactionFilter selects transactions (resellerclub.md section 12.2). Without
// parties, user names or ids it selects those of the reseller's own customers, or
// of its own sub-resellers; a party may be any in its tree. What is named and
// does not exist, for this caller, has no transactions.
type TransactionFilter struct {
	ResellerID int64       // 0 = the caller itself; of a partner its root
	Kind       ledger.Kind // "" = customers
	Parties    []int64
	Usernames  []string
	Archived   bool // what is balanced and old; else what is not
	IDs        []int64
	Types      []ledger.Type
	Manual     *bool
	Greedy     *bool
	Balanced   *bool // not with Archived
	// Description is a part of it, in whatever case.
	Description string
	// Low and High bound the amount without its sign, both included, in whole units.
	Low, High *int64
	// After and Before are strict and in whole seconds, as times are shown.
	After, Before *time.Time
	Order         []work.TransactionOrder
	Page          int64 // from 1
	PerPage       int   // 1 to MaxTransactions
}

// Bounds of a search.
const (
	MaxTransactions      = 500 // on one page
	maxNamedTransactions = 500 // ids or user names in one search
	maxPages             = 1_000_000_000
)

// TransactionPage is one page of a search.
type TransactionPage struct {
	Total        int64
	Transactions []*ledger.Transaction
}

// badField is a field of a search that is wrong; the reason is its name, so that each
// dialect can say its own.
func badField(reason, text string) error {
	return fault.New(fault.Invalid, text).WithReason(reason)
}

// The reasons of faults of a search.
const (
	ReasonPage        = "PAGE"
	ReasonPerPage     = "PER_PAGE"
	ReasonTooMany     = "TOO_MANY_NAMED"
	ReasonType        = "TRANSACTION_TYPE"
	ReasonOrder       = "ORDER"
	ReasonBalance     = "BALANCE_OF_ARCHIVE"
	ReasonDescription = "DESCRIPTION"
)

func (f *TransactionFilter) check() error {
	switch {
	case f.Page < 1 || f.Page > maxPages:
		return badField(ReasonPage, "The page is a number from 1")
	case f.PerPage < 1 || f.PerPage > MaxTransactions:
		return badField(ReasonPerPage, "A page has 1 to 500 transactions")
	case len(f.Parties) > maxNamedTransactions || len(f.Usernames) > maxNamedTransactions || len(f.IDs) > maxNamedTransactions || len(f.Order) > 8:
		return badField(ReasonTooMany, "A search names at most 500")
	case slices.ContainsFunc(f.Types, func(t ledger.Type) bool { return !t.Valid() }):
		return badField(ReasonType, "The transaction type is unknown")
	case slices.ContainsFunc(f.Order, func(o work.TransactionOrder) bool { return o.By < work.ByTime || o.By > work.ByAmount }):
		return badField(ReasonOrder, "The column to sort by is unknown")
	case f.Archived && f.Balanced != nil:
		return badField(ReasonBalance, "What is archived is balanced")
	case len(f.Description) > work.MaxFreeText || !work.Storable(f.Description):
		return badField(ReasonDescription, "The description is too long or has characters that are not allowed")
	case f.Kind != "" && f.Kind != ledger.OfCustomer && f.Kind != ledger.OfReseller:
		return fault.New(fault.Invalid, "Transactions are customers' or resellers'")
	}
	return nil
}

// Transactions searches among transactions.
func (s *Service) Transactions(ctx context.Context, actor audit.Actor, f TransactionFilter) (*TransactionPage, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var out *TransactionPage
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = &TransactionPage{}
		r, err := pricing.Issuer(u, f.ResellerID)
		if err != nil {
			return err
		}
		q := f.query(u.Now)
		q.IssuerID = r.ID
		if f.Parties != nil || f.Usernames != nil {
			if q.Parties, err = namedParties(u, r, &f); err != nil || len(q.Parties) == 0 {
				return err
			}
		}
		out.Transactions, out.Total, err = u.Tx.SearchTransactions(u.Ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// query applies the rules: what is archived, and what the bounds mean.
func (f *TransactionFilter) query(now time.Time) work.TransactionQuery {
	q := work.TransactionQuery{
		Kind: f.Kind, IDs: f.IDs, Types: f.Types, Manual: f.Manual, Greedy: f.Greedy, Description: f.Description, Low: f.Low, High: f.High,
		Order: f.Order, Offset: (f.Page - 1) * int64(f.PerPage), Limit: f.PerPage,
	}
	if q.Kind == "" {
		q.Kind = ledger.OfCustomer
	}
	limit := now.Add(-ledger.ArchiveAfter)
	open, balanced := true, false
	switch {
	case f.Archived:
		q.Ranges = []work.TransactionRange{{To: &limit, Open: &balanced}}
	case f.Balanced == nil:
		q.Ranges = []work.TransactionRange{{From: &limit}, {To: &limit, Open: &open}}
	case *f.Balanced:
		q.Ranges = []work.TransactionRange{{From: &limit, Open: &balanced}}
	default:
		q.Ranges = []work.TransactionRange{{Open: &open}}
	}
	for i := range q.Ranges {
		narrow(&q.Ranges[i], f.After, f.Before)
	}
	return q
}

// narrow takes away what is not strictly between two times.
func narrow(r *work.TransactionRange, after, before *time.Time) {
	if after != nil {
		if next := after.Truncate(time.Second).Add(time.Second); r.From == nil || next.After(*r.From) {
			r.From = &next
		}
	}
	if before != nil {
		if r.To == nil || before.Before(*r.To) {
			r.To = before
		}
	}
}

// namedParties gives those of the parties named that are r's or below.
func namedParties(u *work.Unit, r *reseller.Reseller, f *TransactionFilter) ([]int64, error) {
	if f.Kind == ledger.OfReseller {
		return namedResellers(u, r, f)
	}
	ids := f.Parties
	if f.Usernames != nil {
		found, err := customersNamed(u, r, f.Usernames)
		if err != nil {
			return nil, err
		}
		if ids == nil {
			ids = found
		} else {
			ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !slices.Contains(found, id) })
		}
	}
	var out []int64
	for _, id := range ids {
		if id <= 0 || slices.Contains(out, id) {
			continue
		}
		c, err := u.Tx.Customer(u.Ctx, id)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		below, err := sellsTo(u, r, c)
		if err != nil {
			return nil, err
		}
		if below {
			out = append(out, id)
		}
	}
	return out, nil
}

func customersNamed(u *work.Unit, r *reseller.Reseller, names []string) (out []int64, err error) {
	for _, n := range names {
		var c *customer.Customer
		if u.Actor.Limit.ResellerID != 0 {
			c, err = customers.FindNamed(u, r.PartnerID, n)
		} else if n = strings.ToLower(strings.TrimSpace(n)); n != "" && work.Storable(n) {
			c, err = u.Tx.CustomerByUsername(u.Ctx, r.PartnerID, n)
		}
		if err != nil {
			return nil, err
		}
		if c != nil {
			out = append(out, c.ID)
		}
	}
	return out, nil
}

// sellsTo reports whether a customer is r's or of one below; deleted ones are, too.
func sellsTo(u *work.Unit, r *reseller.Reseller, c *customer.Customer) (bool, error) {
	if c.PartnerID != r.PartnerID || c.ResellerID == r.ID || c.ResellerID == 0 {
		return c.PartnerID == r.PartnerID && (c.ResellerID == r.ID || r.Root()), nil
	}
	seller, err := u.Tx.Reseller(u.Ctx, c.ResellerID)
	return err == nil && seller != nil && r.Above(seller), err
}

func namedResellers(u *work.Unit, r *reseller.Reseller, f *TransactionFilter) ([]int64, error) {
	var out []int64
	add := func(x *reseller.Reseller) {
		if x != nil && x.PartnerID == r.PartnerID && r.Above(x) && !slices.Contains(out, x.ID) {
			out = append(out, x.ID)
		}
	}
	for _, id := range f.Parties {
		x, err := u.Tx.Reseller(u.Ctx, id)
		if err != nil {
			return nil, err
		}
		add(x)
	}
	if f.Usernames == nil {
		return out, nil
	}
	byID := out
	out = nil
	for _, n := range f.Usernames {
		if n = strings.TrimSpace(n); n == "" || !work.Storable(n) {
			continue
		}
		x, err := u.Tx.ResellerByUsername(u.Ctx, r.PartnerID, n)
		if err != nil {
			return nil, err
		}
		add(x)
	}
	if f.Parties != nil {
		out = slices.DeleteFunc(out, func(id int64) bool { return !slices.Contains(byID, id) })
	}
	return out, nil
}
