package resellerclub

import (
	"context"
	"strconv"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/selling"
	"posthouse/internal/money"
)

// billingCore is what the calls of section 12 need that move money or tell of it.
type billingCore interface {
	CustomerBalance(ctx context.Context, actor audit.Actor, customerID int64) (*ledger.Balance, error)
	ResellerBalance(ctx context.Context, actor audit.Actor, resellerID int64) (*ledger.Balance, error)
	PostManually(ctx context.Context, actor audit.Actor, cmd selling.PostManually) (*ledger.Transaction, error)
	PayTransactions(ctx context.Context, actor audit.Actor, names selling.NamedTransactions) ([]*selling.Settled, error)
	ExecuteUnpaid(ctx context.Context, actor audit.Actor, invoices []int64, cancel bool) ([]*selling.Settled, error)
	CancelTransactions(ctx context.Context, actor audit.Actor, names selling.NamedTransactions) ([]*selling.Settled, error)
}

// billingOperations are rows 4 to 10 and 13 of section 12.1.
func billingOperations() []*operation {
	customer, reseller := param{"customer-id", "Integer", true}, param{"reseller-id", "Integer", true}
	named := []param{{"invoice-ids", "Array of Integers", false}, {"debit-ids", "Array of Integers", false}}
	funds := []param{
		{"amount", "Float", true}, {"description", "String", true}, {"transaction-type", "String", true}, {"transaction-key", "String", true},
		{"update-total-receipt", "Boolean", true},
	}
	note := []param{{"amount", "Float", true}, {"description", "String", true}, {"transaction-key", "String", false}}
	of := func(party param, more []param) []param { return append([]param{party}, more...) }
	return []*operation{
		{path: "billing/customer-balance", methods: get, tier: "B", section: "12.1", serve: customerBalance, params: []param{customer}},
		{path: "billing/reseller-balance", methods: get, tier: "B", section: "12.1", serve: resellerBalance, params: []param{reseller}},
		{path: "billing/add-customer-fund", methods: post, tier: "B", section: "12.1", serve: addFund(customerParty), params: of(customer, funds)},
		{path: "billing/add-reseller-fund", methods: post, tier: "B", section: "12.1", serve: addFund(resellerParty), params: of(reseller, funds)},
		{path: "billing/customer-pay", methods: post, tier: "B", section: "12.1", serve: customerPay, params: named},
		{path: "billing/execute-order-without-payment", methods: post, tier: "B", section: "12.1", serve: executeUnpaid, params: []param{
			{"invoice-ids", "Array of Integers", true}, {"cancel-invoice", "Boolean", true}}},
		{path: "billing/customer-transactions/cancel", methods: post, tier: "B", section: "12.1", serve: cancelTransactions, params: named},
		{path: "billing/add-customer-debit-note", methods: post, tier: "C", section: "12.1", serve: addNote(customerParty, ledger.Debit), params: of(customer, note)},
		{path: "billing/add-reseller-debit-note", methods: post, tier: "C", section: "12.1", serve: addNote(resellerParty, ledger.Debit), params: of(reseller, note)},
		{path: "billing/add-customer-misc-invoice", methods: post, tier: "C", section: "12.1", serve: addNote(customerParty, ledger.Invoice), params: of(customer, note)},
		{path: "billing/add-reseller-misc-invoice", methods: post, tier: "C", section: "12.1", serve: addNote(resellerParty, ledger.Invoice), params: of(reseller, note)},
		{path: "billing/customer-processdiscount", methods: post, tier: "C", section: "12.1", serve: addNote(customerParty, ledger.Credit), params: of(customer, note)},
	}
}

// native is an amount as a JSON number.
func native(v money.Value) number { return number(v.String()) }

func customerBalance(ctx context.Context, c *call, p *params) (any, error) {
	id := p.customerID()
	if err := p.fault(); err != nil {
		return nil, err
	}
	b, err := c.door.core.CustomerBalance(ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	return object{
		{"currencysymbol", b.Currency},
		{"sellingcurrencybalance", native(b.Available)},
		{"sellingcurrencylockedbalance", native(b.Locked)},
		{"totalsellingbalance", native(b.Available + b.Locked)},
		{"accountingcurrencybalance", native(b.AccountingBalance)},
		{"accountingcurrencylockedbalance", native(b.AccountingLocked)},
	}, nil
}

// resellerBalance may be negative: of one who pays later.
func resellerBalance(ctx context.Context, c *call, p *params) (any, error) {
	id := p.id("reseller-id")
	if err := p.fault(); err != nil {
		return nil, err
	}
	b, err := c.door.core.ResellerBalance(ctx, c.actor, id)
	if err != nil {
		return nil, resellerFault(id, err)
	}
	return object{
		{"sellingcurrencysymbol", b.Currency},
		{"sellingcurrencybalance", native(b.Available - b.Owed)},
		{"sellingcurrencylockedbalance", native(b.Locked)},
	}, nil
}

// A party says whose ledger a call is about.
type party func(p *params, cmd *selling.PostManually)

func customerParty(p *params, cmd *selling.PostManually) { cmd.CustomerID = p.customerID() }
func resellerParty(p *params, cmd *selling.PostManually) { cmd.ResellerID = p.id("reseller-id") }

func addFund(of party) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		cmd := p.posting(of)
		cmd.Type = ledger.Type(p.text("transaction-type"))
		if p.optText("transaction-type") != "" && (!cmd.Type.Valid() || cmd.Type.Charges()) {
			p.refuse("transaction-type", "transaction-type is invalid")
		}
		cmd.Key = p.text("transaction-key")
		p.text("update-total-receipt")
		if f := p.flag("update-total-receipt"); f != nil {
			cmd.UpdateTotalReceipt = *f
		}
		return c.post(ctx, p, cmd)
	}
}

func addNote(of party, typ ledger.Type) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		cmd := p.posting(of)
		cmd.Type, cmd.Key = typ, p.optText("transaction-key")
		return c.post(ctx, p, cmd)
	}
}

// posting reads what all calls that post something have.
func (p *params) posting(of party) (cmd selling.PostManually) {
	of(p, &cmd)
	p.text("amount")
	cmd.Amount, cmd.Description = p.amount("amount"), p.text("description")
	return cmd
}

// post answers the bare number of the transaction.
func (c *call) post(ctx context.Context, p *params, cmd selling.PostManually) (any, error) {
	if err := p.fault(); err != nil {
		return nil, err
	}
	t, err := c.door.core.PostManually(ctx, c.actor, cmd)
	if err != nil {
		return nil, resellerFault(cmd.ResellerID, err)
	}
	return whole(t.ID), nil
}

// named reads what customer-pay and cancel are about.
func (p *params) named() selling.NamedTransactions {
	out := selling.NamedTransactions{Invoices: p.ids("invoice-ids"), Debits: p.ids("debit-ids")}
	if len(out.Invoices)+len(out.Debits) == 0 && len(p.wrong) == 0 {
		p.refuse("invoice-ids", "invoice-ids must not be blank")
	}
	return out
}

func customerPay(ctx context.Context, c *call, p *params) (any, error) {
	names := p.named()
	if err := p.fault(); err != nil {
		return nil, err
	}
	paid, err := c.door.core.PayTransactions(ctx, c.actor, names)
	if err != nil {
		return nil, err
	}
	out := object{}
	for _, s := range paid {
		out.set(strconv.FormatInt(s.Transaction.ID, 10), settledReply(s))
	}
	return out, nil
}

func executeUnpaid(ctx context.Context, c *call, p *params) (any, error) {
	ids := p.ids("invoice-ids")
	if len(ids) == 0 {
		p.refuse("invoice-ids", "invoice-ids must not be blank")
	}
	p.text("cancel-invoice")
	cancel := p.flag("cancel-invoice")
	if err := p.fault(); err != nil {
		return nil, err
	}
	done, err := c.door.core.ExecuteUnpaid(ctx, c.actor, ids, *cancel)
	if err != nil {
		return nil, err
	}
	out := object{}
	for _, s := range done {
		row := settledReply(s)
		row.id("orderid", s.Transaction.OrderID)
		row.set("description", s.Domain)
		out.set(strconv.FormatInt(s.Transaction.ID, 10), row)
	}
	return out, nil
}

func cancelTransactions(ctx context.Context, c *call, p *params) (any, error) {
	names := p.named()
	if err := p.fault(); err != nil {
		return nil, err
	}
	done, err := c.door.core.CancelTransactions(ctx, c.actor, names)
	if err != nil {
		return nil, err
	}
	out := object{}
	for _, s := range done {
		out.set(strconv.FormatInt(s.Transaction.ID, 10), object{{"status", "Success"}})
	}
	return out, nil
}

// settledReply is one transaction of customer-pay. One that is for no action
// shows its payment in the action's place.
func settledReply(s *selling.Settled) object {
	t := s.Transaction
	a := s.Action
	if a == nil {
		a = &action.Action{CustomerID: t.Party.ID, Description: t.Description, Status: action.PendingExecution}
		if t.Unutilised == 0 {
			a.Status = action.Success
		}
	}
	status, sent, text := actionState(a)
	if a.Status == action.Success && a.Type == "" {
		sent, text = "InvoicePaid", descPaid
	}
	var out object
	out.id("invoiceid", t.ID)
	out.set("actiontype", string(a.Type))
	out.set("actiontypedesc", a.Description)
	out.id("eaqid", a.ID)
	out.id("customerid", a.CustomerID)
	out.set("actionstatus", sent)
	out.set("actionstatusdesc", text)
	out.set("sellingcurrencysymbol", t.Currency)
	out.value("sellingamount", t.Amount)
	out.value("unutilisedsellingamount", t.Unutilised)
	switch a.Status {
	case action.InvoicePaid: // section 4: the reseller is short of funds
		out.set("status", status)
		out.set("error", errorLocked)
	case action.Failed, action.Cancelled:
		out.set("status", status)
	case action.Success, action.PendingExecution:
	}
	return out
}

// descPaid is the text of what is paid and was for no action.
const descPaid = "The transaction is paid."
