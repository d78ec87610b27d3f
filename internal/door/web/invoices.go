package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/money"
	"posthouse/internal/secret"
)

// pathInvoice is where links to invoices lead: /invoices/<id>.
const pathInvoice = "/invoices/"

// InvoiceLinkLife is how long a link to an invoice works.
const InvoiceLinkLife = 7 * 24 * time.Hour

// NewInvoiceLinks makes the links to invoices, signed with a secret key of their own.
func NewInvoiceLinks(base func() string, key []byte, c clock.Clock) *secret.Links {
	return secret.NewLinks(base, pathInvoice, "invoice", InvoiceLinkLife, key, c)
}

// InvoiceLinks judges the links to invoices; *secret.Links implements it.
type InvoiceLinks interface {
	Verify(name, expires, signature string) error
}

func invoiceRoutes() []route {
	return []route{{method: http.MethodGet, path: pathInvoice, serve: (*request).invoice}}
}

var errNoInvoice = fault.New(fault.Forbidden, "The link has expired or is not valid").WithReason("INVOICE_LINK")

// invoice shows one to whoever has a valid link: a page to read and to print on A4.
func (q *request) invoice() error {
	name := strings.TrimSuffix(q.r.URL.Path[len(pathInvoice):], "/")
	query := q.r.URL.Query()
	id, err := strconv.ParseInt(name, 10, 64)
	if q.door.invoices == nil || err != nil || q.door.invoices.Verify(name, query.Get("expires"), query.Get("signature")) != nil {
		return errNoInvoice
	}
	actor := audit.Actor{Role: suspension.RoleTitan, Name: "link", Address: q.remote.String(), RequestID: q.id}
	d, err := q.door.core.Invoice(q.ctx, actor, id)
	if err != nil {
		return err
	}
	q.partnerID, q.brand = d.Invoice.PartnerID, d.Brand
	asked := query.Get("lang")
	if asked == "" {
		asked = d.Locale
	}
	q.speak(asked)
	v := q.invoiceView(d)
	return q.document("invoice", "invoice.title", v)
}

// party is a block of an address.
type partyBlock struct {
	Name  string
	Lines []string
	Email string
	TaxID string
}

// invoiceView is what the template shows, in the reader's form.
type invoiceView struct {
	Number, Date string
	Stamp        string // name of a text: "invoice.paid", ...; "" = open
	StampDate    string
	From, To     partyBlock
	Lines        []invoiceLine
	Currency     string
	Net          string
	Discount     string // "" = none
	Tax, TaxName string // "" = none
	Total        string
	Payments     []invoicePayment
	Paid, Due    string
	Settled      bool
}

type invoiceLine struct {
	Text, Note string
	Accounts   string // "" = not known
	Months     string
	Amount     string
}

type invoicePayment struct{ Date, Kind, Text, Amount string }

func (q *request) invoiceView(d *billing.InvoiceDetails) invoiceView {
	t, f := d.Invoice, formatOf(q.locale.Tag)
	amount := func(v money.Value) string { return f.amount(v, t.Currency) }
	months := strings.Split(q.door.pages.text(q.locale, "months"), "|")
	date := func(at time.Time) string { return f.date(at.UTC(), months) }
	v := invoiceView{
		Number: strconv.FormatInt(t.ID, 10), Date: date(t.At), From: q.issuerBlock(d), To: q.debtorBlock(d), Currency: t.Currency,
		Net: amount(t.Net), Total: amount(t.Amount.Abs()), Paid: amount(d.Paid), Due: amount(d.Due.Abs()), Settled: t.Balanced(),
	}
	if t.Net == 0 && t.Discount == 0 && t.Tax == 0 { // a charge that says no more than its amount
		v.Net = v.Total
	}
	line := invoiceLine{Text: t.Description, Amount: v.Net}
	if d.Domain != "" && !strings.Contains(t.Description, d.Domain) {
		line.Note = d.Domain
	}
	if c := d.Change; c != nil {
		if c.Seats > 0 {
			line.Accounts = strconv.Itoa(c.Seats)
		}
		if c.Months > 0 {
			line.Months = strconv.Itoa(c.Months)
		}
	}
	v.Lines = []invoiceLine{line}
	if t.Discount != 0 {
		v.Discount = amount(-t.Discount.Abs())
	}
	if t.Tax != 0 || t.TaxName != "" {
		v.Tax, v.TaxName = amount(t.Tax), t.TaxName
	}
	for _, p := range d.Payments {
		v.Payments = append(v.Payments, invoicePayment{date(p.Match.At), "invoice." + string(p.Type), p.Description, amount(p.Match.Amount.Abs())})
	}
	switch {
	case t.CancelledAt != nil:
		v.Stamp, v.StampDate = "invoice.cancelled", date(*t.CancelledAt)
	case t.Balanced():
		v.Stamp = "invoice.paid"
		if t.BalancedAt != nil {
			v.StampDate = date(*t.BalancedAt)
		}
	}
	return v
}

func (q *request) issuerBlock(d *billing.InvoiceDetails) partyBlock {
	if d.Issuer == nil {
		return partyBlock{Name: firstOf(d.Brand.Name, q.door.pages.text(q.locale, "product")), Email: d.Brand.ContactEmail}
	}
	p := d.Issuer.Profile
	return partyBlock{
		Name: firstOf(p.Company, p.Name, d.Brand.Name), Email: firstOf(p.Email, d.Brand.ContactEmail), TaxID: p.TaxID,
		Lines: lines(p.Address1, p.Address2, p.Address3, place(p.Zip, p.City), p.State, q.country(p.Country)),
	}
}

func (q *request) debtorBlock(d *billing.InvoiceDetails) partyBlock {
	if r := d.Reseller; r != nil {
		p := r.Profile
		return partyBlock{Name: firstOf(p.Company, p.Name, r.Username), Email: firstOf(p.Email, r.Username), TaxID: p.TaxID,
			Lines: lines(p.Address1, p.Address2, p.Address3, place(p.Zip, p.City), p.State, q.country(p.Country))}
	}
	c := d.Customer
	b := partyBlock{Name: firstOf(c.Company, c.Name, c.Email, c.CustomerID), Email: c.Email, TaxID: c.Contact.VATID}
	person := c.Name
	if person == b.Name {
		person = ""
	}
	b.Lines = lines(person, c.Contact.Address1, c.Contact.Address2, c.Contact.Address3, place(c.Contact.Zip, c.City), firstOf(c.State, c.Contact.OtherState), q.country(c.Country))
	if b.Email == b.Name {
		b.Email = ""
	}
	return b
}

// country gives a country's name in the reader's language; what is no code of one
// stays as it is.
func (q *request) country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() {
		return code
	}
	tag, err := language.Parse(q.locale.Tag)
	if err != nil {
		return code
	}
	return firstOf(display.Regions(tag).Name(region), code)
}

func firstOf(list ...string) string {
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

func lines(list ...string) (out []string) {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" && (len(out) == 0 || out[len(out)-1] != s) {
			out = append(out, s)
		}
	}
	return out
}

func place(zip, city string) string { return strings.TrimSpace(zip + " " + city) }
