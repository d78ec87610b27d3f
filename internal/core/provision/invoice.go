package provision

import (
	"cmp"
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
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
	err := s.read(ctx, actor, func(u *unit) error {
		var me *reseller.Reseller
		if u.actor.Limit.ResellerID != 0 {
			var err error
			if me, err = u.reseller(0); err != nil {
				return err
			}
		}
		t, err := u.tx.Transaction(u.ctx, id)
		if err != nil {
			return err
		}
		if t == nil || t.Type != ledger.Invoice || !u.owns(t.PartnerID) {
			return errNoInvoice
		}
		if me != nil {
			d, err := u.transactionOf(me, t)
			if err == nil && d == nil {
				err = errNoInvoice
			}
			if err != nil {
				return err
			}
		}
		out, err = u.invoice(t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) invoice(t *ledger.Transaction) (*InvoiceDetails, error) {
	d := &InvoiceDetails{Invoice: t, Due: -t.Unutilised}
	var err error
	if t.IssuerID != 0 {
		if d.Issuer, err = u.tx.Reseller(u.ctx, t.IssuerID); err != nil {
			return nil, err
		}
	}
	if t.Party.Kind == ledger.OfCustomer {
		if d.Customer, err = u.tx.Customer(u.ctx, t.Party.ID); err != nil || d.Customer == nil {
			return nil, missingOr(err)
		}
		if d.Locale = d.Customer.Locale; d.Locale == "" {
			d.Locale = d.Customer.Contact.Language
		}
	} else {
		if d.Reseller, err = u.tx.Reseller(u.ctx, t.Party.ID); err != nil || d.Reseller == nil {
			return nil, missingOr(err)
		}
		d.Locale = d.Reseller.Profile.Language
	}
	if t.ActionID != 0 {
		a, err := u.tx.Action(u.ctx, t.ActionID)
		if err != nil {
			return nil, err
		}
		if a != nil {
			d.Change = &a.Change
		}
	}
	if t.OrderID != 0 {
		o, err := u.tx.Order(u.ctx, t.OrderID)
		if err != nil {
			return nil, err
		}
		if o != nil {
			d.Domain = o.Domain
		}
	}
	if d.Brand, err = u.invoiceBrand(d); err != nil {
		return nil, err
	}
	return d, u.invoicePayments(d)
}

// invoiceBrand is the issuer's brand. Where neither it nor its partner has a name
// for it, the issuer's own stands before the platform's, which its customers
// don't know.
func (u *unit) invoiceBrand(d *InvoiceDetails) (brand.Brand, error) {
	t := d.Invoice
	out, err := u.brand(t.PartnerID, t.IssuerID)
	if err != nil || d.Issuer == nil || out.Name != u.s.brand.Name {
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
func (u *unit) invoicePayments(d *InvoiceDetails) error {
	matches, err := u.tx.MatchesOf(u.ctx, d.Invoice.ID)
	if err != nil {
		return err
	}
	var ids []int64
	for _, m := range matches {
		ids = append(ids, m.PayingID)
	}
	list, err := u.tx.TransactionsByID(u.ctx, ids)
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
