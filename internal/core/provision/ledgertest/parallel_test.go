package ledgertest

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/store/sqltest"
)

// TestParallelCallsDoNotOverspend: pay, cancel, add, renew, seats and receipts of
// one customer under a prepaid reseller at one time. What its ledger comes to is
// what was paid in less what was bought, and nobody has less than nothing.
func TestParallelCallsDoNotOverspend(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			middle := w.chain[1]
			w.setFunds(middle, reseller.Prepaid)
			jane := w.customer(middle, "jane@x.example")
			post := func(cmd selling.PostManually) *ledger.Transaction {
				x, err := w.core.PostManually(w.ctx, as(w.chain[0]), cmd)
				if err != nil {
					t.Error(err)
				}
				return x
			}
			post(selling.PostManually{ResellerID: middle.ID, Type: ledger.Receipt, Amount: 2_000, Description: "cash"}) // five seats' worth
			post(selling.PostManually{CustomerID: jane.ID, Type: ledger.Receipt, Amount: 6_000, Description: "cash"})   // four seats' worth
			add := func(domain string, o action.InvoiceOption) (*selling.Purchased, error) {
				return w.core.AddOrder(w.ctx, as(middle), selling.AddOrder{Domain: domain, CustomerID: jane.ID, Product: product.BusinessEmail, Months: 1, Seats: 1, Option: o})
			}
			var waiting, running []*selling.Purchased
			for i := range 4 {
				p, err := add(fmt.Sprintf("w%d.example", i), action.OnlyAdd)
				w.must(err)
				waiting = append(waiting, p)
			}
			p, err := add("running.example", action.KeepInvoice)
			w.must(err)
			running = append(running, p)

			var wg sync.WaitGroup
			do := func(fn func() error) {
				wg.Go(func() {
					err := fn()
					if f := fault.Of(err); f != nil && f.Reason != "ACTION_PENDING" && f.Reason != "ALREADY_RENEWED" && f.Reason != "TRANSACTION_STATE" && f.Reason != "ORDER_NOT_ACTIVE" {
						t.Error(err)
					}
				})
			}
			all := selling.NamedTransactions{}
			for _, p := range waiting {
				all.Invoices = append(all.Invoices, p.Invoice.ID)
			}
			for i := range 4 {
				do(func() error {
					_, err := add(fmt.Sprintf("p%d.example", i), action.PayInvoice)
					return err
				})
				do(func() error {
					_, err := w.core.PayTransactions(w.ctx, as(middle), all)
					return err
				})
				do(func() error {
					_, err := w.core.RenewOrder(w.ctx, as(middle), selling.RenewOrder{Order: selling.SoldOrderRef{ID: running[0].Order.ID}, Months: 1, Option: action.PayInvoice})
					return err
				})
				do(func() error {
					_, err := w.core.CancelTransactions(w.ctx, as(middle), selling.NamedTransactions{Invoices: all.Invoices[i : i+1]})
					return err
				})
				do(func() error {
					_, err := w.core.PostManually(w.ctx, as(w.chain[0]), selling.PostManually{CustomerID: jane.ID, Type: ledger.Receipt, Amount: 500, Description: "cash", Key: "same"})
					return err
				})
			}
			wg.Wait()
			for account, s := range map[string]sums{
				"customer": w.sums("customer:"+strconv.FormatInt(jane.ID, 10), ledger.Party{Kind: ledger.OfCustomer, ID: jane.ID}, "GBP"),
				"reseller": w.sums("reseller:"+strconv.FormatInt(middle.ID, 10), ledger.Party{Kind: ledger.OfReseller, ID: middle.ID}, "EUR"),
			} {
				if s.entries != s.have-s.owed || s.have < 0 || s.owed < 0 {
					t.Errorf("%s: %+v", account, s)
				}
				if account == "reseller" && s.owed != 0 {
					t.Errorf("a prepaid reseller owes %s", s.owed)
				}
			}
			// Exactly one of the receipts with the same key counts.
			var in int
			w.must(w.store.Read(w.ctx, func(tx work.Tx) error {
				x, err := tx.TransactionByKey(w.ctx, ledger.Party{Kind: ledger.OfCustomer, ID: jane.ID}, "same")
				if err == nil && x != nil {
					in = int(x.Amount)
				}
				return err
			}))
			if in != 500 {
				t.Errorf("%d came in", in)
			}
			w.verified()
		})
	}
}

// TestOneActionAtOnce: of many calls that begin an action of one order at the
// same moment one does, and the others are told that one is pending.
func TestOneActionAtOnce(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			middle := w.chain[1]
			jane := w.customer(middle, "jane@x.example")
			p, err := w.core.AddOrder(w.ctx, as(middle), selling.AddOrder{
				Domain: "d.example", CustomerID: jane.ID, Product: product.BusinessEmail, Months: 1, Seats: 1, Option: action.KeepInvoice,
			})
			w.must(err)
			const callers = 10
			errs := make(chan error, callers)
			for range callers {
				go func() {
					_, err := w.core.AddSeats(w.ctx, as(middle), selling.AddSeats{Order: selling.SoldOrderRef{ID: p.Order.ID}, Seats: 1, Option: action.OnlyAdd})
					errs <- err
				}()
			}
			begun := 0
			for range callers {
				err := <-errs
				if err == nil {
					begun++
				} else if f := fault.Of(err); f.Reason != work.ReasonActionPending {
					t.Error(err)
				}
			}
			if begun != 1 {
				t.Errorf("%d began", begun)
			}
			w.verified()
		})
	}
}
