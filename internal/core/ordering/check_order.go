package ordering

import (
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
)

// profile checks a customer's fields.
func profile(f *work.Fields, p *work.CustomerProfile) {
	p.CustomerID = f.Required("customer id", p.CustomerID, work.MaxID)
	p.Name = f.Line("customer name", p.Name, work.MaxName)
	p.Email = f.Contact("customer email address", p.Email)
	p.AlternateEmail = f.Contact("alternate email address", p.AlternateEmail)
	p.Country = f.Country(p.Country)
	p.Locale = f.Line("locale", p.Locale, work.MaxFreeText)
	p.ServerHost = f.Line("server host name", p.ServerHost, work.MaxFreeText)
}

func cycle(f *work.Fields, c order.Cycle) {
	if c != "" && !c.Valid() {
		f.Failf("The billing cycle is unknown")
	}
}

func source(f *work.Fields, s order.Source) {
	if s != "" && !s.Valid() {
		f.Failf("The source is unknown")
	}
}

// LastYear is the last one that every wire form can show.
const LastYear = 9998

// expiry checks an expiry date, which must be one that a wire form can show.
func expiry(f *work.Fields, t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	d := t.UTC().Truncate(time.Second)
	if d.Year() < 2000 || d.Year() > LastYear {
		f.Failf("The expiry date is out of range")
		return nil
	}
	return &d
}

// payment checks the money fields.
func payment(f *work.Fields, p *billing.PaymentDetails) {
	p.TxnID = f.Line("payment transaction id", p.TxnID, work.MaxID)
	p.Currency = f.Currency(p.Currency)
}

// NeedsExpiry reports whether a plan can't be without an expiry date.
func NeedsExpiry(t plan.Terms) bool { return t.Paid || t.Trial }
