package web

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// invoiceWorld has a reseller, a customer and an invoice with tax and discount,
// half of which is paid. change may do anything to them.
func invoiceWorld(t *testing.T, change func(c *customer.Customer, x *ledger.Transaction)) (*world, *ledger.Transaction) {
	w := newWorld(t)
	r, _, err := w.core.CreateReseller(t.Context(), w.op, reselling.CreateReseller{PartnerID: w.partner.PartnerID, Username: "billing@hoster.example", SellingCurrency: "EUR",
		Profile: reseller.Profile{Company: "Hoster & Söhne GmbH", Email: "billing@hoster.example", Address1: "Hafenstraße 12", Zip: "20457", City: "Hamburg", Country: "DE", TaxID: "DE123456789"}})
	if err != nil {
		t.Fatal(err)
	}
	c := &customer.Customer{PartnerID: w.partner.PartnerID, CustomerID: "rc", ResellerID: r.ID, Username: "kim@bakery.example", Email: "kim@bakery.example", Name: "Kim Müller",
		Company: "Müller Bakery & Café Ltd", City: "London", State: "Greater London", Country: "GB", Status: customer.Active, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now(),
		Contact: customer.Contact{Address1: "1 High Street", Address2: "Shoreditch", Zip: "E1 6AN", Language: "en", VATID: "GB 999 9999 73"}}
	x := &ledger.Transaction{PartnerID: c.PartnerID, IssuerID: r.ID, Type: ledger.Invoice, OrderID: w.order, ProductKey: product.BusinessEmail,
		Description: "Renewal of Business Email 1 for shop.example for 12 months", Currency: "EUR", AccountingCurrency: "EUR", Rate: "1",
		Net: 1500000, Discount: 100000, Tax: 266000, TaxName: "VAT 19%", Amount: -1666000, Unutilised: -666000, At: w.clock.Now().Add(-5 * 24 * time.Hour)}
	if change != nil {
		change(c, x)
	}
	pays := &ledger.Transaction{PartnerID: c.PartnerID, IssuerID: r.ID, Type: ledger.Receipt, Manual: true, Description: "Bank transfer, ref. <4711>", Currency: "EUR", AccountingCurrency: "EUR",
		Rate: "1", Amount: 1000000, At: w.clock.Now().Add(-2 * 24 * time.Hour)}
	if err := w.store.Write(t.Context(), func(tx work.Tx) error {
		c.ID, x.ID, pays.ID = 0, 0, 0
		if err := tx.InsertCustomer(t.Context(), c); err != nil {
			return err
		}
		x.Party = ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}
		pays.Party = x.Party
		a := &action.Action{PartnerID: c.PartnerID, ResellerID: r.ID, CustomerID: c.ID, OrderID: w.order, Type: action.Renew, Status: action.Success,
			Change: action.Change{Type: action.Renew, Months: 12, Seats: 25}, Option: action.KeepInvoice, AddedAt: w.clock.Now()}
		if err := tx.InsertAction(t.Context(), a); err != nil {
			return err
		}
		x.ActionID = a.ID
		if err := tx.InsertTransaction(t.Context(), x, nil); err != nil {
			return err
		}
		if err := tx.InsertTransaction(t.Context(), pays, nil); err != nil {
			return err
		}
		return tx.InsertMatch(t.Context(), ledger.Match{PayingID: pays.ID, PaidID: x.ID, Amount: 1000000, At: pays.At})
	}); err != nil {
		t.Fatal(err)
	}
	return w, x
}

func (w *world) invoiceLink(id int64) string {
	return strings.TrimPrefix(w.links.URL(strconv.FormatInt(id, 10)), "https://app.example")
}

func TestInvoicePage(t *testing.T) {
	w, x := invoiceWorld(t, nil)
	rec := w.browser().get(w.invoiceLink(x.ID))
	want(t, rec, 200, "Invoice</h1>", fmt.Sprint(x.ID), "November 17, 2026", "Hoster &amp; Söhne GmbH", "Hafenstraße 12", "20457 Hamburg", "<span>Germany</span>", "DE123456789",
		"Müller Bakery &amp; Café Ltd", "Kim Müller", "E1 6AN London", "GB 999 9999 73", "Renewal of Business Email 1 for shop.example for 12 months",
		">25<", ">12<", "€1,500.00", "\u2212€100.00", "VAT 19%", "€266.00", "€1,666.00", "€1,000.00", "€666.00", "November 20, 2026", "Bank transfer, ref. &lt;4711&gt;", "@page { size: A4",
		`src="https://cdn.hoster.example/logo.svg"`)
	if body := rec.Body.String(); strings.Contains(body, `class="stamp`) || strings.Contains(body, "<script") {
		t.Errorf("a stamp or a script: %s", body)
	}
	if dir := os.Getenv("INVOICE_PAGES"); dir != "" { // to look at
		if err := os.WriteFile(dir+"/invoice.html", rec.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	de := w.browser().get(w.invoiceLink(x.ID) + "&lang=de")
	want(t, de, 200, `lang="de-DE"`, "Rechnung</h1>", "17. November 2026", "1.500,00\u00a0€", "Offener Betrag", "Zahlung<", "Vereinigtes Königreich")
	want(t, w.browser().get(w.invoiceLink(x.ID)+"&lang=pt"), 200, "17 de novembro de 2026", "€\u00a01.500,00")
	// A logged link would be as good as the link.
	if strings.Contains(w.log.String(), "signature") {
		t.Errorf("the log has the link: %s", w.log)
	}
}

func TestInvoiceStamps(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*customer.Customer, *ledger.Transaction)
		has    []string
	}{
		"paid": {func(_ *customer.Customer, x *ledger.Transaction) { x.Unutilised, x.BalancedAt = 0, &at }, []string{`class="stamp `, ">Paid<", "November 20, 2026", "€0.00"}},
		"cancelled": {func(_ *customer.Customer, x *ledger.Transaction) {
			x.Unutilised, x.BalancedAt, x.CancelledAt = 0, &at, &at
		}, []string{`class="stamp void"`, ">Cancelled<"}},
		"plain": {func(c *customer.Customer, x *ledger.Transaction) {
			x.Net, x.Discount, x.Tax, x.TaxName, c.Company, c.Contact = 0, 0, 0, "", "", customer.Contact{}
			x.Amount, x.Unutilised, x.Currency = -1234567891, -1234567891, "CHF"
		}, []string{"CHF\u00a01,234,567.891", "<strong>Kim Müller</strong>"}},
	} {
		w, x := invoiceWorld(t, c.change)
		rec := w.browser().get(w.invoiceLink(x.ID))
		want(t, rec, 200, c.has...)
		if dir := os.Getenv("INVOICE_PAGES"); dir != "" {
			if err := os.WriteFile(dir+"/"+name+".html", rec.Body.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestInvoiceEscapes(t *testing.T) {
	const evil = `</td><script>alert(1)</script><img src=x onerror=alert(1)>"'`
	w, x := invoiceWorld(t, func(c *customer.Customer, x *ledger.Transaction) {
		c.Name, c.Company, c.City, c.Country, c.Contact.Address1, c.Contact.VATID, c.Email = evil, evil, evil, evil, evil, evil, evil
		c.Contact.Language = evil
		x.Description, x.TaxName, x.Currency = evil, evil, evil
	})
	rec := w.browser().get(w.invoiceLink(x.ID) + "&lang=" + "%3Cscript%3E")
	want(t, rec, 200, "&lt;script&gt;alert(1)&lt;/script&gt;")
	if body := rec.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "<img src=x") || strings.Contains(body, `lang="<`) {
		t.Errorf("not escaped: %s", body)
	}
}

func TestInvoiceLinks(t *testing.T) {
	w, x := invoiceWorld(t, nil)
	good := w.invoiceLink(x.ID)
	for name, link := range map[string]string{
		"no signature":       fmt.Sprintf("/invoices/%d", x.ID),
		"another's":          strings.Replace(good, fmt.Sprint(x.ID), fmt.Sprint(x.ID+1), 1),
		"another expiry":     strings.Replace(good, "expires=1", "expires=2", 1),
		"another signature":  good[:len(good)-2] + "00",
		"no number":          strings.Replace(good, fmt.Sprint(x.ID), "one", 1),
		"the same otherwise": strings.Replace(good, fmt.Sprint(x.ID), "0"+fmt.Sprint(x.ID), 1),
		"too long":           "/invoices/" + strings.Repeat("9", 400) + "?expires=1&signature=00",
	} {
		t.Run(name, func(t *testing.T) { want(t, w.browser().get(link), 403, "This link doesn") })
	}
	// What is no invoice has no page, whatever the link says.
	want(t, w.browser().get(w.invoiceLink(x.ID+1)), 404) // the receipt
	want(t, w.browser().get(w.invoiceLink(99999999)), 404)
	if rec := w.browser().send("POST", good, nil); rec.Code != 405 {
		t.Errorf("POST: %d", rec.Code)
	}
	want(t, w.browser().get(good), 200)
	w.clock.Advance(InvoiceLinkLife - time.Second)
	want(t, w.browser().get(good), 200)
	w.clock.Advance(time.Second)
	want(t, w.browser().get(good), 403, "This link doesn")
	// Another key's link is none.
	other := NewInvoiceLinks(func() string { return "" }, []byte("another"), w.clock)
	want(t, w.browser().get(other.URL(fmt.Sprint(x.ID))), 403)
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		tag, currency string
		value         money.Value
		want          string
	}{
		{"en-us", "USD", 0, "$0.00"}, {"en-gb", "GBP", -1234500, "\u2212£1,234.50"}, {"de-de", "EUR", 1234567890, "1.234.567,89\u00a0€"},
		{"fr-fr", "EUR", 1234000, "1\u202f234,00\u00a0€"}, {"es-es", "USD", 999, "0,999\u00a0$"}, {"pt-br", "BRL", 100000, "R$\u00a0100,00"},
		{"en-us", "JPY", 1000000, "JPY\u00a01,000.00"}, {"xx", "INR", 100, "₹0.10"}, {"en-us", "USD", money.MaxValue, "$1,000,000,000,000.00"},
	} {
		if got := formatOf(c.tag).amount(c.value, c.currency); got != c.want {
			t.Errorf("%s %s %d: %q, want %q", c.tag, c.currency, c.value, got, c.want)
		}
	}
}
