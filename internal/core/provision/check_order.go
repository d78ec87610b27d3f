package provision

import (
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
)

// profile checks a customer's fields.
func (f *fields) profile(p *CustomerProfile) {
	p.CustomerID = f.required("customer id", p.CustomerID, maxID)
	p.Name = f.line("customer name", p.Name, maxName)
	p.Email = f.contact("customer email address", p.Email)
	p.AlternateEmail = f.contact("alternate email address", p.AlternateEmail)
	p.Country = f.country(p.Country)
	p.Locale = f.line("locale", p.Locale, maxFreeText)
	p.ServerHost = f.line("server host name", p.ServerHost, maxFreeText)
}

func (f *fields) plan(c plan.Catalogue, p plan.Plan) {
	if !c.Valid(p) {
		f.failf("The plan is unknown")
	}
}

func (f *fields) cycle(c order.Cycle) {
	if c != "" && !c.Valid() {
		f.failf("The billing cycle is unknown")
	}
}

func (f *fields) source(s order.Source) {
	if s != "" && !s.Valid() {
		f.failf("The source is unknown")
	}
}

// lastYear is the last one that every wire form can show.
const lastYear = 9998

// expiry checks an expiry date, which must be one that a wire form can show.
func (f *fields) expiry(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	d := t.UTC().Truncate(time.Second)
	if d.Year() < 2000 || d.Year() > lastYear {
		f.failf("The expiry date is out of range")
		return nil
	}
	return &d
}

// payment checks the money fields.
func (f *fields) payment(p *PaymentDetails) {
	p.TxnID = f.line("payment transaction id", p.TxnID, maxID)
	p.Currency = f.currency(p.Currency)
}

// needsExpiry reports whether a plan can't be without an expiry date.
func needsExpiry(t plan.Terms) bool { return t.Paid || t.Trial }
