package billing

import (
	"cmp"
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
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
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		r, err := pricing.Issuer(u, 0)
		if err != nil {
			return err
		}
		list, err := u.Tx.TransactionsByID(u.Ctx, ids)
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b *ledger.Transaction) int { return cmp.Compare(a.ID, b.ID) })
		for _, t := range list {
			if t.Party.Kind != kind {
				continue
			}
			d, err := transactionOf(u, r, t)
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
func transactionOf(u *work.Unit, r *reseller.Reseller, t *ledger.Transaction) (*TransactionDetails, error) {
	if t.PartnerID != r.PartnerID {
		return nil, nil
	}
	d := &TransactionDetails{Transaction: t}
	var err error
	below := false
	if t.Party.Kind == ledger.OfCustomer {
		if d.Customer, err = u.Tx.Customer(u.Ctx, t.Party.ID); err == nil && d.Customer != nil {
			below, err = sellsTo(u, r, d.Customer)
		}
	} else if d.Reseller, err = u.Tx.Reseller(u.Ctx, t.Party.ID); err == nil && d.Reseller != nil {
		below = r.Above(d.Reseller)
	}
	if err != nil || !below {
		return nil, err
	}
	if t.IssuerID != 0 {
		d.Issuer, err = u.Tx.Reseller(u.Ctx, t.IssuerID)
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
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out = &TransactionPage{}
		if p.Kind == ledger.OfCustomer {
			_, err = u.Customer(p.ID)
		} else if p.ID <= 0 {
			err = work.ErrReseller
		} else {
			_, err = u.Reseller(p.ID)
		}
		if err != nil {
			return err
		}
		q := f.query(u.Now)
		q.Parties = f.Parties
		out.Transactions, out.Total, err = u.Tx.SearchTransactions(u.Ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
