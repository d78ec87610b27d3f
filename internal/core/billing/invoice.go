package billing

import (
	"cmp"
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

var errNoInvoice = fault.New(fault.NotFound, "No such invoice").WithReason("NO_SUCH_INVOICE")

// InvoiceDetails is an invoice with all that its page shows.
type InvoiceDetails struct {
	Invoice  *ledger.Transaction
	Issuer   *reseller.Reseller // nil = the platform
	Customer *customer.Customer // who owes it, or
	Reseller *reseller.Reseller
	Change   *action.Change // what it is for; nil = what its description says
	Domain   string         // of the order; "" = none
	Payments []InvoicePayment
	Paid     money.Value
	Due      money.Value
	Brand    brand.Brand
	Locale   string // what who owes it speaks; "" = unknown
}

// InvoicePayment is a part of a credit or receipt that has paid part of an invoice.
type InvoicePayment struct {
	Match       ledger.Match
	Type        ledger.Type
	Description string
}

// Invoice gives an invoice of the actor's: of a reseller its own, and those of
// whom is in its tree. The operator and the platform see all of them.
func (s *Service) Invoice(ctx context.Context, actor audit.Actor, id int64) (*InvoiceDetails, error) {
	var out *InvoiceDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		var me *reseller.Reseller
		if u.Actor.Limit.ResellerID != 0 {
			var err error
			if me, err = u.Reseller(0); err != nil {
				return err
			}
		}
		t, err := u.Tx.Transaction(u.Ctx, id)
		if err != nil {
			return err
		}
		if t == nil || t.Type != ledger.Invoice || !u.Owns(t.PartnerID) {
			return errNoInvoice
		}
		if me != nil {
			d, err := transactionOf(u, me, t)
			if err == nil && d == nil {
				err = errNoInvoice
			}
			if err != nil {
				return err
			}
		}
		out, err = invoice(u, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func invoice(u *work.Unit, t *ledger.Transaction) (*InvoiceDetails, error) {
	d := &InvoiceDetails{Invoice: t, Due: -t.Unutilised}
	var err error
	if t.IssuerID != 0 {
		if d.Issuer, err = u.Tx.Reseller(u.Ctx, t.IssuerID); err != nil {
			return nil, err
		}
	}
	if t.Party.Kind == ledger.OfCustomer {
		if d.Customer, err = u.Tx.Customer(u.Ctx, t.Party.ID); err != nil || d.Customer == nil {
			return nil, missingOr(err)
		}
		if d.Locale = d.Customer.Locale; d.Locale == "" {
			d.Locale = d.Customer.Contact.Language
		}
	} else {
		if d.Reseller, err = u.Tx.Reseller(u.Ctx, t.Party.ID); err != nil || d.Reseller == nil {
			return nil, missingOr(err)
		}
		d.Locale = d.Reseller.Profile.Language
	}
	if t.ActionID != 0 {
		a, err := u.Tx.Action(u.Ctx, t.ActionID)
		if err != nil {
			return nil, err
		}
		if a != nil {
			d.Change = &a.Change
		}
	}
	if t.OrderID != 0 {
		o, err := u.Tx.Order(u.Ctx, t.OrderID)
		if err != nil {
			return nil, err
		}
		if o != nil {
			d.Domain = o.Domain
		}
	}
	if d.Brand, err = invoiceBrand(u, d); err != nil {
		return nil, err
	}
	return d, invoicePayments(u, d)
}

// invoiceBrand is the issuer's brand. Where neither it nor its partner has a name
// for it, the issuer's own stands before the platform's, which its customers
// don't know.
func invoiceBrand(u *work.Unit, d *InvoiceDetails) (brand.Brand, error) {
	t := d.Invoice
	out, err := tenancy.Brand(u, t.PartnerID, t.IssuerID)
	if err != nil || d.Issuer == nil || out.Name != u.Platform.DefaultBrand.Name {
		return out, err
	}
	p := d.Issuer.Profile
	out.Name = cmp.Or(p.Brand, p.Company, p.Name, out.Name)
	return out, nil
}

func missingOr(err error) error {
	if err == nil {
		err = fault.New(fault.Internal, "Who owes an invoice is missing")
	}
	return err
}

// invoicePayments gives what has been matched against an invoice.
func invoicePayments(u *work.Unit, d *InvoiceDetails) error {
	matches, err := u.Tx.MatchesOf(u.Ctx, d.Invoice.ID)
	if err != nil {
		return err
	}
	var ids []int64
	for _, m := range matches {
		ids = append(ids, m.PayingID)
	}
	list, err := u.Tx.TransactionsByID(u.Ctx, ids)
	if err != nil {
		return err
	}
	byID := map[int64]*ledger.Transaction{}
	for _, t := range list {
		byID[t.ID] = t
	}
	for _, m := range matches {
		p := InvoicePayment{Match: m}
		if t := byID[m.PayingID]; t != nil {
			p.Type, p.Description = t.Type, t.Description
		}
		d.Payments = append(d.Payments, p)
		d.Paid += m.Amount.Abs()
	}
	return nil
}
