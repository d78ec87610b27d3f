package provision

import (
	"strconv"

	"github.com/govalues/decimal"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// book is a party's ledger: who issues, and in which currencies.
type book struct {
	party      ledger.Party
	partnerID  int64
	issuerID   int64
	currency   string
	accounting string
	rate       string
}

// customerBook is what a customer owes its reseller.
func (u *unit) customerBook(c *customer.Customer) (book, error) {
	r, err := u.sellerOf(c)
	if err != nil {
		return book{}, err
	}
	return book{
		party: ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, partnerID: c.PartnerID, issuerID: r.ID,
		currency: r.SellingCurrency, accounting: r.AccountingCurrency, rate: r.ConversionRate,
	}, nil
}

// resellerBook is what a reseller owes its parent, or the platform when it has none.
func (u *unit) resellerBook(r *reseller.Reseller) (book, error) {
	b := book{party: ledger.Party{Kind: ledger.OfReseller, ID: r.ID}, partnerID: r.PartnerID}
	if r.Root() {
		b.currency, b.accounting, b.rate = r.AccountingCurrency, r.AccountingCurrency, "1"
		return b, nil
	}
	p, err := u.tx.Reseller(u.ctx, r.ParentID)
	if err == nil && p == nil {
		err = fault.Newf(fault.Internal, "The parent of reseller %d is missing", r.ID)
	}
	if err != nil {
		return book{}, err
	}
	b.issuerID, b.currency, b.accounting, b.rate = p.ID, p.SellingCurrency, p.AccountingCurrency, p.ConversionRate
	return b, nil
}

// bookOf finds a party's ledger.
func (u *unit) bookOf(p ledger.Party) (book, error) {
	if p.Kind == ledger.OfCustomer {
		c, err := u.tx.Customer(u.ctx, p.ID)
		if err == nil && c == nil {
			err = errCustomer
		}
		if err != nil {
			return book{}, err
		}
		return u.customerBook(c)
	}
	r, err := u.tx.Reseller(u.ctx, p.ID)
	if err == nil && r == nil {
		err = errReseller
	}
	if err != nil {
		return book{}, err
	}
	return u.resellerBook(r)
}

// post writes a transaction with its entries and matches it against the open
// ones of the other side where the rules say so (resellerclub.md section 12.4).
// What waited for the money is carried out. The caller sets party, type, amount
// and texts; the ledger's own fields are set here.
func (u *unit) post(t *ledger.Transaction) error {
	b, err := u.bookOf(t.Party)
	if err != nil {
		return err
	}
	if err := u.keep(b, t, nil); err != nil {
		return err
	}
	return u.settle(b, t)
}

// settle matches what has just been posted. A customer's invoices are settled
// whole, and by themselves only when greedy; a reseller's ledger always settles.
func (u *unit) settle(b book, t *ledger.Transaction) error {
	switch {
	case b.party.Kind == ledger.OfReseller && t.Type.Charges():
		return u.payFromFunds(t)
	case b.party.Kind == ledger.OfReseller:
		if err := u.payCharges(b, t); err != nil {
			return err
		}
		return u.retryLocked(b)
	case !t.Type.Charges():
		return u.settleGreedy(b)
	}
	return nil
}

// keep completes and keeps a transaction. Its entries follow from its type, but
// for a credit that takes an invoice back: of reverses it undoes the sides.
func (u *unit) keep(b book, t *ledger.Transaction, reverses *ledger.Transaction) error {
	if t.Amount != 0 && (t.Amount < 0) != t.Type.Charges() {
		return fault.Newf(fault.Internal, "A transaction of type %s has the wrong sign", t.Type)
	}
	t.PartnerID, t.IssuerID, t.Party, t.At = b.partnerID, b.issuerID, b.party, u.now
	t.Currency, t.AccountingCurrency, t.Rate = b.currency, b.accounting, b.rate
	if reverses != nil { // what is taken back is taken back at the rate it was given
		t.Currency, t.AccountingCurrency, t.Rate = reverses.Currency, reverses.AccountingCurrency, reverses.Rate
	}
	if t.Type == ledger.Invoice && t.Net == 0 && t.Discount == 0 && t.Tax == 0 {
		t.Net = -t.Amount
	}
	var err error
	if t.AccountingAmount, err = accounted(t, t.Amount); err != nil {
		return err
	}
	t.Unutilised, t.AccountingUnutilised = t.Amount, t.AccountingAmount
	if t.Amount == 0 {
		now := u.now
		t.BalancedAt, t.Greedy = &now, false
	}
	if err := u.checkRoom(t); err != nil {
		return err
	}
	if err := u.tx.InsertTransaction(u.ctx, t, entriesOf(t, reverses)); err != nil {
		return err
	}
	return u.record(t.PartnerID, "ledger."+string(t.Type), "transaction", t.ID, detail{
		"party": accountOf(t.Party), "amount": t.Amount.String(), "currency": t.Currency, "order": t.OrderID, "manual": t.Manual,
	})
}

// checkRoom keeps a party's funds within what a value can be.
func (u *unit) checkRoom(t *ledger.Transaction) error {
	if t.Type.Charges() {
		return nil
	}
	open, err := u.tx.OpenSum(u.ctx, t.Party, t.Currency, false)
	if err != nil {
		return err
	}
	if _, err := open.Selling.Plus(t.Amount); err != nil {
		return err
	}
	_, err = open.Accounting.Plus(t.AccountingAmount)
	return err
}

// accounted gives an amount of t in the accounting currency.
func accounted(t *ledger.Transaction, v money.Value) (money.Value, error) {
	rate, err := decimal.Parse(t.Rate)
	if err != nil {
		return 0, fault.Newf(fault.Internal, "The rate %q of a ledger is not a number", t.Rate)
	}
	return v.Times(rate)
}

func accountOf(p ledger.Party) string { return string(p.Kind) + ":" + strconv.FormatInt(p.ID, 10) }

// entriesOf gives the sides of a transaction: the party's and the issuer's. They
// sum to zero.
func entriesOf(t, reverses *ledger.Transaction) []ledger.Entry {
	issuer := ":" + strconv.FormatInt(t.IssuerID, 10)
	out := []ledger.Entry{{Account: accountOf(t.Party), Currency: t.Currency, Amount: t.Amount}}
	other := func(account string, v money.Value) {
		if v != 0 {
			out = append(out, ledger.Entry{Account: account + issuer, Currency: t.Currency, Amount: v})
		}
	}
	switch {
	case reverses != nil && reverses.Type == ledger.Invoice:
		other("sales", -reverses.Net+reverses.Discount)
		other("tax", -reverses.Tax)
	case t.Type == ledger.Invoice:
		other("sales", t.Net-t.Discount)
		other("tax", t.Tax)
	case t.Type == ledger.Receipt:
		other("cash", -t.Amount)
	default:
		other("adjustment", -t.Amount)
	}
	return out
}
