package native

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/partner"
)

// InvoiceLinks makes links to the pages of invoices; *secret.Links implements it.
type InvoiceLinks interface {
	URL(name string) string
}

type invoicePaymentView struct {
	TransactionID int64     `json:"transactionId"`
	Type          string    `json:"type" enum:"receipt,credit"`
	Description   string    `json:"description"`
	Amount        string    `json:"amount" doc:"What of it this invoice took" example:"6.250"`
	At            time.Time `json:"at"`
}

type invoiceView struct {
	ID          int64                `json:"id"`
	Date        time.Time            `json:"date"`
	IssuerID    int64                `json:"issuerId" doc:"The reseller; 0: the platform"`
	CustomerID  int64                `json:"customerId,omitempty" doc:"Who owes it: a customer"`
	ResellerID  int64                `json:"resellerId,omitempty" doc:"or a reseller"`
	OrderID     int64                `json:"orderId,omitempty"`
	Description string               `json:"description"`
	Currency    string               `json:"currency" example:"GBP"`
	Net         string               `json:"net" doc:"Amounts are decimal numbers with three places" example:"6.250"`
	Discount    string               `json:"discount" example:"0.000"`
	Tax         string               `json:"tax" example:"1.250"`
	TaxName     string               `json:"taxName,omitempty" example:"VAT"`
	Total       string               `json:"total" example:"7.500"`
	Paid        string               `json:"paid" example:"6.250"`
	Due         string               `json:"due" example:"1.250"`
	Payments    []invoicePaymentView `json:"payments" nullable:"false"`
	PaidAt      *time.Time           `json:"paidAt,omitempty" doc:"Since when nothing is due"`
	CancelledAt *time.Time           `json:"cancelledAt,omitempty"`
	URL         string               `json:"url,omitempty" doc:"A page to read and to print, for whoever has this link; it works for seven days. Add &lang=de for another language than the customer's"`
}

type invoicePath struct {
	ID int64 `path:"id" minimum:"1"`
}

type invoiceOutput struct{ Body invoiceView }

func (d *Door) serveInvoices() {
	serve(d, operation{
		id: "getInvoice", method: http.MethodGet, path: "/v1/invoices/{id}", tag: "Invoices", scope: partner.ScopeInvoicesRead, summary: "An invoice, with a link to its page",
		response: invoiceView{
			ID: 70455012, Date: exampleTime, IssuerID: 100001, CustomerID: 10004821, OrderID: 71203344, Description: "Renewal of Business Email 1 for shop.example for 1 month",
			Currency: "GBP", Net: "6.250", Discount: "0.000", Tax: "1.250", TaxName: "VAT", Total: "7.500", Paid: "6.250", Due: "1.250",
			Payments: []invoicePaymentView{{TransactionID: 70455013, Type: "receipt", Description: "Bank transfer", Amount: "6.250", At: exampleTime}},
			URL:      "https://mail.host.example/invoices/70455012?expires=1796032000&signature=5c0f6a52",
		},
	}, func(ctx context.Context, c *call, in *invoicePath) (*invoiceOutput, error) {
		found, err := d.core.Invoice(ctx, c.actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &invoiceOutput{Body: d.viewInvoice(found)}, nil
	})
}

func (d *Door) viewInvoice(i *billing.InvoiceDetails) invoiceView {
	t := i.Invoice
	v := invoiceView{
		ID: t.ID, Date: t.At, IssuerID: t.IssuerID, OrderID: t.OrderID, Description: t.Description, Currency: t.Currency, Net: t.Net.String(),
		Discount: t.Discount.String(), Tax: t.Tax.String(), TaxName: t.TaxName, Total: t.Amount.Abs().String(), Paid: i.Paid.String(), Due: i.Due.Abs().String(),
		Payments: []invoicePaymentView{}, PaidAt: t.BalancedAt, CancelledAt: t.CancelledAt,
	}
	if i.Customer != nil {
		v.CustomerID = i.Customer.ID
	} else {
		v.ResellerID = i.Reseller.ID
	}
	for _, p := range i.Payments {
		v.Payments = append(v.Payments, invoicePaymentView{p.Match.PayingID, string(p.Type), p.Description, p.Match.Amount.Abs().String(), p.Match.At})
	}
	if d.links != nil {
		v.URL = d.links.URL(strconv.FormatInt(t.ID, 10))
	}
	return v
}
