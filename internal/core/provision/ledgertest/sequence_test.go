package ledgertest

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
	"posthouse/internal/store/sqldb"
)

// run is one sequence of calls over customers of its own.
type run struct {
	*world
	rt     *rapid.T
	own    []*customer.Customer
	orders map[int64]*customer.Customer
	ids    map[int64]*customer.Customer // invoices
	waits  map[int64]int64              // actions that only a payment carries out, by invoice
	due    map[int64]money.Value        // what each customer's ledger must come to
	n      int
}

// TestAnySequenceOfCalls: after each call every ledger is the sum of its
// entries and of what is open, nothing is spent that was not there, and a call
// that is repeated charges nothing again.
func TestAnySequenceOfCalls(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		r := &run{world: w, rt: rt, orders: map[int64]*customer.Customer{}, ids: map[int64]*customer.Customer{}, due: map[int64]money.Value{}, waits: map[int64]int64{}}
		for i, seller := range []*reseller.Reseller{w.chain[1], w.chain[2]} {
			r.own = append(r.own, w.customer(seller, fmt.Sprintf("c%d-%d@x.example", runs, i)))
		}
		for i := range w.chain[1:] {
			w.setFunds(w.chain[i+1], rapid.SampledFrom([]reseller.Funds{reseller.Prepaid, reseller.Postpaid}).Draw(rt, "funds"))
		}
		steps := map[string]func(){
			"fund": r.fund, "fund reseller": r.fundReseller, "note": r.note, "add": func() { r.add(runs) }, "renew": r.renew, "seats": r.seats,
			"pay": r.pay, "execute": r.execute, "cancel": r.cancel, "rate": r.rate,
		}
		names := []string{"add", "cancel", "execute", "fund", "fund reseller", "note", "pay", "rate", "renew", "seats"}
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			w.clock.Advance(time.Duration(rapid.IntRange(0, 30).Draw(rt, "minutes")) * time.Minute)
			steps[rapid.SampledFrom(names).Draw(rt, "step")]()
			r.check()
		}
	})
	w.verified()
}

func (w *world) setFunds(r *reseller.Reseller, f reseller.Funds) {
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		now, err := tx.Reseller(w.ctx, r.ID)
		if err != nil {
			return err
		}
		now.Funds = f
		return tx.UpdateReseller(w.ctx, now)
	}))
}

func (r *run) check() {
	currency := map[int64]string{r.chain[1].ID: "GBP", r.chain[2].ID: "INR"}
	for _, c := range r.own {
		s := r.sums("customer:"+strconv.FormatInt(c.ID, 10), ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, currency[c.ResellerID])
		if s.entries != s.have-s.owed || s.have < 0 || s.owed < 0 || s.entries != r.due[c.ID] {
			r.rt.Fatalf("customer %d: %+v, want %s", c.ID, s, r.due[c.ID])
		}
	}
	r.checkPaid()
	for i, cur := range []string{"USD", "EUR", "GBP"} {
		x := r.chain[i]
		s := r.sums("reseller:"+strconv.FormatInt(x.ID, 10), ledger.Party{Kind: ledger.OfReseller, ID: x.ID}, cur)
		if s.entries != s.have-s.owed || s.have != 0 && s.owed != 0 {
			r.rt.Fatalf("reseller %d: %+v", x.ID, s)
		}
	}
}

// checkPaid: an invoice is paid whole or not at all, and what waits for it is
// carried out only then.
func (r *run) checkPaid() {
	var wrong string
	r.must(r.store.Read(r.ctx, func(tx work.Tx) error {
		for id := range r.ids {
			x, err := tx.Transaction(r.ctx, id)
			if err != nil {
				return err
			}
			if x.Unutilised != 0 && x.Unutilised != x.Amount {
				wrong = fmt.Sprintf("of %s are %s unpaid", x.Amount, x.Unutilised)
			}
			if r.waits[id] == 0 || x.Unutilised == 0 {
				continue
			}
			a, err := tx.Action(r.ctx, r.waits[id])
			if err != nil {
				return err
			}
			if a.Status != action.PendingExecution {
				wrong = fmt.Sprintf("not paid, and %s", a.Status)
			}
		}
		return nil
	}))
	if wrong != "" {
		r.rt.Fatal(wrong)
	}
}

func (r *run) someone() *customer.Customer { return rapid.SampledFrom(r.own).Draw(r.rt, "customer") }

func (r *run) actor() *reseller.Reseller {
	return rapid.SampledFrom(r.chain[:2]).Draw(r.rt, "actor") // both are above or beside every customer here
}

// fund pays money in; its repeat is the same transaction.
func (r *run) fund() {
	c := r.someone()
	r.n++
	cmd := selling.PostManually{CustomerID: c.ID, Type: ledger.Receipt, Amount: money.Value(rapid.Int64Range(1, 40_000).Draw(r.rt, "amount")), Description: "cash", Key: "k" + strconv.Itoa(r.n)}
	first, err := r.core.PostManually(r.ctx, as(r.chain[0]), cmd)
	r.must(err)
	again, err := r.core.PostManually(r.ctx, as(r.chain[0]), cmd)
	r.must(err)
	if again.ID != first.ID {
		r.rt.Fatal("a repeat is another transaction")
	}
	r.due[c.ID] += cmd.Amount
	r.settleFailures()
}

func (r *run) fundReseller() {
	i := rapid.IntRange(1, 2).Draw(r.rt, "reseller")
	_, err := r.core.PostManually(r.ctx, as(r.chain[i-1]), selling.PostManually{ResellerID: r.chain[i].ID, Type: ledger.Credit,
		Amount: money.Value(rapid.Int64Range(1, 9_000).Draw(r.rt, "amount")), Description: "cash"})
	r.must(err)
	r.settleFailures()
}

// settleFailures: an action that could not be carried out was credited.
func (r *run) settleFailures() {
	for id, c := range r.ids {
		if x := r.transaction(id); x.CancelledAt != nil {
			r.due[c.ID] -= x.Amount
			delete(r.ids, id)
		}
	}
}

func (r *run) note() {
	c := r.someone()
	typ := rapid.SampledFrom([]ledger.Type{ledger.Debit, ledger.Invoice, ledger.Credit}).Draw(r.rt, "type")
	x, err := r.core.PostManually(r.ctx, as(r.chain[0]), selling.PostManually{CustomerID: c.ID, Type: typ, Amount: money.Value(rapid.Int64Range(1, 5_000).Draw(r.rt, "amount")), Description: "note"})
	r.must(err)
	r.due[c.ID] += x.Amount
	if typ == ledger.Invoice {
		r.ids[x.ID] = c
	}
	r.settleFailures()
}

func (r *run) option() action.InvoiceOption {
	return rapid.SampledFrom([]action.InvoiceOption{action.NoInvoice, action.PayInvoice, action.KeepInvoice, action.OnlyAdd}).Draw(r.rt, "option")
}

// bought books what a purchase charges, and that it did what its option says.
func (r *run) bought(c *customer.Customer, o action.InvoiceOption, p *selling.Purchased) {
	if p.Invoice != nil {
		r.due[c.ID] += p.Invoice.Amount
		r.ids[p.Invoice.ID] = c
		if o == action.OnlyAdd || o == action.PayInvoice {
			r.waits[p.Invoice.ID] = p.Action.ID
		}
	}
	paid := p.Invoice != nil && p.Invoice.Unutilised == 0
	done := p.Action.Status != action.PendingExecution
	if want := o == action.NoInvoice || o == action.KeepInvoice || o == action.PayInvoice && paid; (p.Invoice == nil) != (o == action.NoInvoice) || done != want {
		r.rt.Fatalf("%s: %+v %+v", o, p.Action, p.Invoice)
	}
	if o != action.PayInvoice && paid && p.Invoice.Amount != 0 {
		r.rt.Fatalf("%s is paid", o)
	}
}

// again repeats a call whose answer was lost: it is refused, and charges nothing.
func (r *run) again(err error, reasons ...string) {
	for _, reason := range reasons {
		if f := fault.Of(err); f != nil && f.Reason == reason {
			return
		}
	}
	r.rt.Fatalf("a repeat: %v", err)
}

func (r *run) add(run int) {
	c, o := r.someone(), r.option()
	r.n++
	cmd := selling.AddOrder{Domain: fmt.Sprintf("d%d-%d.example", run, r.n), CustomerID: c.ID, Product: product.BusinessEmail, Option: o,
		Months: rapid.SampledFrom(product.Tenures).Draw(r.rt, "months"), Seats: rapid.IntRange(1, 30).Draw(r.rt, "seats")}
	p, err := r.core.AddOrder(r.ctx, as(r.actor()), cmd)
	r.must(err)
	r.orders[p.Order.ID] = c
	r.bought(c, o, p)
	_, err = r.core.AddOrder(r.ctx, as(r.chain[0]), cmd)
	r.again(err, "DOMAIN_TAKEN")
}

func (r *run) anOrder() (int64, *customer.Customer, bool) {
	ids := sorted(r.orders)
	if len(ids) == 0 {
		return 0, nil, false
	}
	id := rapid.SampledFrom(ids).Draw(r.rt, "order")
	return id, r.orders[id], true
}

func (r *run) renew() {
	id, c, some := r.anOrder()
	if !some {
		return
	}
	o := r.option()
	cmd := selling.RenewOrder{Order: selling.SoldOrderRef{ID: id}, Months: rapid.SampledFrom(product.Tenures).Draw(r.rt, "months"), ExtraSeats: rapid.IntRange(0, 2).Draw(r.rt, "extra"), Option: o}
	p, err := r.core.RenewOrder(r.ctx, as(r.actor()), cmd)
	if err != nil {
		r.again(err, "ACTION_PENDING", "ALREADY_RENEWED", "ORDER_NOT_ACTIVE")
		return
	}
	r.bought(c, o, p)
	r.clock.Advance(9 * time.Minute)
	_, err = r.core.RenewOrder(r.ctx, as(r.chain[0]), cmd)
	r.again(err, "ACTION_PENDING", "ALREADY_RENEWED")
}

func (r *run) seats() {
	id, c, some := r.anOrder()
	if !some {
		return
	}
	o := r.option()
	cmd := selling.AddSeats{Order: selling.SoldOrderRef{ID: id}, Seats: rapid.IntRange(1, 3).Draw(r.rt, "seats"), Option: o}
	p, err := r.core.AddSeats(r.ctx, as(r.actor()), cmd)
	if err != nil {
		r.again(err, "ACTION_PENDING", "ORDER_NOT_ACTIVE")
		return
	}
	r.bought(c, o, p)
	if p.Action.Status.Pending() {
		_, err = r.core.AddSeats(r.ctx, as(r.chain[0]), cmd)
		r.again(err, "ACTION_PENDING")
	}
}

// someInvoices picks invoices of one customer.
func (r *run) someInvoices() []int64 {
	ids := sorted(r.ids)
	if len(ids) == 0 {
		return nil
	}
	first := rapid.SampledFrom(ids).Draw(r.rt, "invoice")
	out := []int64{first}
	for _, id := range ids {
		if id != first && r.ids[id] == r.ids[first] && len(out) < 3 {
			out = append(out, id)
		}
	}
	return out
}

// twice runs a call and its repeat, which must leave everything as it is.
func (r *run) twice(call func() ([]*selling.Settled, error)) {
	_, err := call()
	r.settleFailures()
	r.check()
	if err != nil {
		r.again(err, "TRANSACTION_STATE")
		return
	}
	if _, err = call(); err != nil {
		r.again(err, "TRANSACTION_STATE")
	}
	r.check()
}

func (r *run) pay() {
	if ids := r.someInvoices(); len(ids) > 0 {
		r.twice(func() ([]*selling.Settled, error) {
			return r.core.PayTransactions(r.ctx, as(r.chain[0]), selling.NamedTransactions{Invoices: ids})
		})
	}
}

func (r *run) execute() {
	if ids := r.someInvoices(); len(ids) > 0 {
		cancel := rapid.Bool().Draw(r.rt, "cancel")
		delete(r.waits, ids[0])
		r.twice(func() ([]*selling.Settled, error) {
			return r.core.ExecuteUnpaid(r.ctx, as(r.chain[0]), ids[:1], cancel)
		})
	}
}

func (r *run) cancel() {
	if ids := r.someInvoices(); len(ids) > 0 {
		r.twice(func() ([]*selling.Settled, error) {
			return r.core.CancelTransactions(r.ctx, as(r.chain[0]), selling.NamedTransactions{Invoices: ids[:1]})
		})
	}
}

// rate changes what middle's books are kept at.
func (r *run) rate() {
	rate := rapid.SampledFrom([]string{"1", "1.1737", "0.333333", "97.31"}).Draw(r.rt, "rate")
	r.must(r.store.Write(r.ctx, func(tx work.Tx) error {
		x, err := tx.Reseller(r.ctx, r.chain[1].ID)
		if err != nil {
			return err
		}
		x.ConversionRate = rate
		return tx.UpdateReseller(r.ctx, x)
	}))
}

func sorted(m map[int64]*customer.Customer) (out []int64) {
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}
