package provision

import (
	"cmp"
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
)

// TransactionDetails is a transaction with those whom it concerns.
type TransactionDetails struct {
	Transaction *ledger.Transaction
	Customer    *customer.Customer // of a reseller's transaction nil
	Reseller    *reseller.Reseller // whose the transaction is, when it is a reseller's
	Issuer      *reseller.Reseller // nil = the platform
}

// TransactionDetails gives transactions of one kind of party by their ids, in
// the order of ids. Those that do not exist for the caller are left out.
func (s *Service) TransactionDetails(ctx context.Context, actor audit.Actor, kind ledger.Kind, ids []int64) ([]*TransactionDetails, error) {
	if len(ids) > maxNamedTransactions {
		return nil, badField(ReasonTooMany, "A search names at most 500")
	}
	var out []*TransactionDetails
	err := s.read(ctx, actor, func(u *unit) error {
		out = nil
		r, err := u.issuer(0)
		if err != nil {
			return err
		}
		list, err := u.tx.TransactionsByID(u.ctx, ids)
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b *ledger.Transaction) int { return cmp.Compare(a.ID, b.ID) })
		for _, t := range list {
			if t.Party.Kind != kind {
				continue
			}
			d, err := u.transactionOf(r, t)
			if err != nil {
				return err
			}
			if d != nil {
				out = append(out, d)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// transactionOf completes a transaction of r's or below; nil for one that is not.
func (u *unit) transactionOf(r *reseller.Reseller, t *ledger.Transaction) (*TransactionDetails, error) {
	if t.PartnerID != r.PartnerID {
		return nil, nil
	}
	d := &TransactionDetails{Transaction: t}
	var err error
	below := false
	if t.Party.Kind == ledger.OfCustomer {
		if d.Customer, err = u.tx.Customer(u.ctx, t.Party.ID); err == nil && d.Customer != nil {
			below, err = u.sellsTo(r, d.Customer)
		}
	} else if d.Reseller, err = u.tx.Reseller(u.ctx, t.Party.ID); err == nil && d.Reseller != nil {
		below = r.Above(d.Reseller)
	}
	if err != nil || !below {
		return nil, err
	}
	if t.IssuerID != 0 {
		d.Issuer, err = u.tx.Reseller(u.ctx, t.IssuerID)
	}
	return d, err
}

// OpenGreedyTransactions gives the page of a party's transactions that are settled by
// themselves when funds arrive. Here a party that does not exist is a fault.
func (s *Service) OpenGreedyTransactions(ctx context.Context, actor audit.Actor, p ledger.Party, page int64, perPage int) (*TransactionPage, error) {
	yes, open := true, false
	f := TransactionFilter{Kind: p.Kind, Parties: []int64{p.ID}, Greedy: &yes, Balanced: &open, Page: page, PerPage: perPage}
	if err := f.check(); err != nil {
		return nil, err
	}
	var out *TransactionPage
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out = &TransactionPage{}
		if p.Kind == ledger.OfCustomer {
			_, err = u.customer(p.ID)
		} else if p.ID <= 0 {
			err = errReseller
		} else {
			_, err = u.reseller(p.ID)
		}
		if err != nil {
			return err
		}
		q := f.query(u.now)
		q.Parties = f.Parties
		out.Transactions, out.Total, err = u.tx.SearchTransactions(u.ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
