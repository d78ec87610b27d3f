package provision_test

import (
	"context"
	"fmt"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/order"
	"posthouse/internal/core/price"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/reseller"
	offer "posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// countedStore counts the queries that a list could make for each of its rows.
type countedStore struct {
	work.Store
	n int
}

type countedTx struct {
	work.Tx
	n *int
}

func (s *countedStore) Read(ctx context.Context, fn func(work.Tx) error) error {
	return s.Store.Read(ctx, func(tx work.Tx) error { return fn(countedTx{tx, &s.n}) })
}

func (x countedTx) Customer(ctx context.Context, id int64) (*customer.Customer, error) {
	*x.n++
	return x.Tx.Customer(ctx, id)
}

func (x countedTx) OrdersByCustomer(ctx context.Context, id int64) ([]*order.Order, error) {
	*x.n++
	return x.Tx.OrdersByCustomer(ctx, id)
}

func (x countedTx) Reseller(ctx context.Context, id int64) (*reseller.Reseller, error) {
	*x.n++
	return x.Tx.Reseller(ctx, id)
}

func (x countedTx) Price(ctx context.Context, l price.List, i price.Item) (*price.Row, error) {
	*x.n++
	return x.Tx.Price(ctx, l, i)
}

func (x countedTx) Package(ctx context.Context, id int64) (*offer.Package, error) {
	*x.n++
	return x.Tx.Package(ctx, id)
}

func (x countedTx) LiveSubscription(ctx context.Context, id int64) (*offer.Subscription, error) {
	*x.n++
	return x.Tx.LiveSubscription(ctx, id)
}

func (x countedTx) HolderFigures(ctx context.Context, ids []int64) (map[int64]work.HolderFigures, error) {
	*x.n++
	return x.Tx.HolderFigures(ctx, ids)
}

// TestListsOfHoldersAreLean: lists ask as often for many rows as for few.
func TestListsOfHoldersAreLean(t *testing.T) {
	w := newBrand(t)
	counted := &countedStore{Store: w.store}
	s, err := provision.New(work.Config{Store: counted, Hasher: w.hash, Clock: w.clock, SealingKey: make([]byte, 32)})
	w.must(err)
	var big int64
	lists := map[string]func() (int, error){
		"holders": func() (int, error) {
			found, err := s.ListHolders(w.ctx, w.api, holders.ListHolders{Limit: holders.MaxHolders})
			if err != nil {
				return 0, err
			}
			return len(found.Page), nil
		},
		"search": func() (int, error) {
			found, err := s.SearchHolders(w.ctx, w.api, "mr ")
			return len(found), err
		},
		"domains": func() (int, error) {
			found, err := s.AccountDomains(w.ctx, w.api, big)
			return len(found), err
		},
	}
	asked := map[string][2]int{} // queries, rows
	for _, size := range []int{3, 15} {
		for i := range size {
			id, _ := w.holder(fmt.Sprintf("n%d-%d.example", size, i))
			first := "Mr"
			_, err := w.s.ModifyHolder(w.ctx, w.api, holders.ModifyHolder{Ref: id, Data: holders.HolderData{FirstName: &first}})
			w.must(err)
			if i%2 == 0 { // others have the usual one
				w.assign(id, "Professional", 1)
			}
			o := w.order(w.a, proOrder(fmt.Sprintf("big%d-%d.example", size, i), "big"))
			big = w.details(o).Customer.ID
		}
		for name, list := range lists {
			counted.n = 0
			rows, err := list()
			w.must(err)
			if few := asked[name]; few[1] != 0 && (rows <= few[1] || counted.n > few[0]) {
				t.Errorf("%s: %d rows by %d queries, %d by %d", name, few[1], few[0], rows, counted.n)
			}
			asked[name] = [2]int{counted.n, rows}
		}
	}
}
