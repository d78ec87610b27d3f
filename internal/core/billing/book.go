package billing

import (
	"strconv"

	"github.com/govalues/decimal"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// Book is a party's ledger: who issues, and in which currencies.
type Book struct {
	Party      ledger.Party
	PartnerID  int64
	issuerID   int64
	Currency   string
	accounting string
	rate       string
}

// CustomerBook is what a customer owes its reseller.
func CustomerBook(u *work.Unit, c *customer.Customer) (Book, error) {
	r, err := u.SellerOf(c)
	if err != nil {
		return Book{}, err
	}
	return Book{
		Party: ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, PartnerID: c.PartnerID, issuerID: r.ID,
		Currency: r.SellingCurrency, accounting: r.AccountingCurrency, rate: r.ConversionRate,
	}, nil
}

// ResellerBook is what a reseller owes its parent, or the platform when it has none.
func ResellerBook(u *work.Unit, r *reseller.Reseller) (Book, error) {
	b := Book{Party: ledger.Party{Kind: ledger.OfReseller, ID: r.ID}, PartnerID: r.PartnerID}
	if r.Root() {
		b.Currency, b.accounting, b.rate = r.AccountingCurrency, r.AccountingCurrency, "1"
		return b, nil
	}
	p, err := u.Tx.Reseller(u.Ctx, r.ParentID)
	if err == nil && p == nil {
		err = fault.Newf(fault.Internal, "The parent of reseller %d is missing", r.ID)
	}
	if err != nil {
		return Book{}, err
	}
	b.issuerID, b.Currency, b.accounting, b.rate = p.ID, p.SellingCurrency, p.AccountingCurrency, p.ConversionRate
	return b, nil
}

// BookOf finds a party's ledger.
func BookOf(u *work.Unit, p ledger.Party) (Book, error) {
	if p.Kind == ledger.OfCustomer {
		c, err := u.Tx.Customer(u.Ctx, p.ID)
		if err == nil && c == nil {
			err = work.ErrCustomer
		}
		if err != nil {
			return Book{}, err
		}
		return CustomerBook(u, c)
	}
	r, err := u.Tx.Reseller(u.Ctx, p.ID)
	if err == nil && r == nil {
		err = work.ErrReseller
	}
	if err != nil {
		return Book{}, err
	}
	return ResellerBook(u, r)
}

// Keep completes and keeps a transaction. Its entries follow from its type, but
// for a credit that takes an invoice back: of reverses it undoes the sides.
func Keep(u *work.Unit, b Book, t *ledger.Transaction, reverses *ledger.Transaction) error {
	if t.Amount != 0 && (t.Amount < 0) != t.Type.Charges() {
		return fault.Newf(fault.Internal, "A transaction of type %s has the wrong sign", t.Type)
	}
	t.PartnerID, t.IssuerID, t.Party, t.At = b.PartnerID, b.issuerID, b.Party, u.Now
	t.Currency, t.AccountingCurrency, t.Rate = b.Currency, b.accounting, b.rate
	if reverses != nil { // what is taken back is taken back at the rate it was given
		t.Currency, t.AccountingCurrency, t.Rate = reverses.Currency, reverses.AccountingCurrency, reverses.Rate
	}
	if t.Type == ledger.Invoice && t.Net == 0 && t.Discount == 0 && t.Tax == 0 {
		t.Net = -t.Amount
	}
	var err error
	if t.AccountingAmount, err = Accounted(t, t.Amount); err != nil {
		return err
	}
	t.Unutilised, t.AccountingUnutilised = t.Amount, t.AccountingAmount
	if t.Amount == 0 {
		now := u.Now
		t.BalancedAt, t.Greedy = &now, false
	}
	if err := checkRoom(u, t); err != nil {
		return err
	}
	if err := u.Tx.InsertTransaction(u.Ctx, t, entriesOf(t, reverses)); err != nil {
		return err
	}
	return u.Record(t.PartnerID, "ledger."+string(t.Type), "transaction", t.ID, work.Detail{
		"party": accountOf(t.Party), "amount": t.Amount.String(), "currency": t.Currency, "order": t.OrderID, "manual": t.Manual,
	})
}

// checkRoom keeps a party's funds within what a value can be.
func checkRoom(u *work.Unit, t *ledger.Transaction) error {
	if t.Type.Charges() {
		return nil
	}
	open, err := u.Tx.OpenSum(u.Ctx, t.Party, t.Currency, false)
	if err != nil {
		return err
	}
	if _, err := open.Selling.Plus(t.Amount); err != nil {
		return err
	}
	_, err = open.Accounting.Plus(t.AccountingAmount)
	return err
}

// Accounted gives an amount of t in the accounting currency.
func Accounted(t *ledger.Transaction, v money.Value) (money.Value, error) {
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
