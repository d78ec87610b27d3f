package resellerclub

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
)

type transactionsCore interface {
	Transactions(ctx context.Context, actor audit.Actor, f billing.TransactionFilter) (*billing.TransactionPage, error)
	TransactionDetails(ctx context.Context, actor audit.Actor, kind ledger.Kind, ids []int64) ([]*billing.TransactionDetails, error)
	OpenGreedyTransactions(ctx context.Context, actor audit.Actor, p ledger.Party, page int64, perPage int) (*billing.TransactionPage, error)
}

// transactionOperations are section 12.1, rows 1 to 3, 11 and 12.
func transactionOperations() []*operation {
	ids := []param{{"transaction-ids", "Array of Integers", true}}
	return []*operation{
		{path: "billing/customer-transactions/search", methods: get, tier: "A", section: "12.1", params: transactionParams("customer-id", true), serve: transactionSearch(ledger.OfCustomer, false)},
		{path: "billing/customer-archived-transactions/search", methods: get, tier: "A", section: "12.1", params: transactionParams("customer-id", false), serve: transactionSearch(ledger.OfCustomer, true)},
		{path: "billing/customer-transactions", methods: get, tier: "B", section: "12.1", params: ids, serve: transactionsByID(ledger.OfCustomer)},
		{path: "billing/customer-greedy-transactions", methods: get, tier: "B", section: "12.1", params: greedyParams("customer-id"), serve: greedyTransactions(ledger.OfCustomer)},
		{path: "billing/customer-balanced-transactions", methods: get, tier: "C", section: "12.1", params: transactionParams("customer-id", false), serve: balancedTransactions},
		{path: "billing/reseller-transactions", methods: get, tier: "C", section: "12.1", params: ids, serve: transactionsByID(ledger.OfReseller)},
		{path: "billing/reseller-transactions/search", methods: get, tier: "C", section: "12.1", params: transactionParams("reseller-id", true), serve: transactionSearch(ledger.OfReseller, false)},
		{path: "billing/reseller-greedy-transactions", methods: get, tier: "C", section: "12.1", params: greedyParams("reseller-id"), serve: greedyTransactions(ledger.OfReseller)},
	}
}

func transactionParams(party string, balance bool) []param {
	out := []param{
		{"no-of-records", "Integer", true}, {"page-no", "Integer", true}, {party, "Array of Integers", false}, {"username", "Array of Strings", false},
		{"transaction-type", "Array of Strings", false}, {"transaction-key", "String", false}, {"transaction-id", "Array of Integers", false},
		{"transaction-description", "String", false}, {"amt-range-start", "Integer", false}, {"amt-range-end", "Integer", false},
		{"transaction-date-start", "String", false}, {"transaction-date-end", "String", false}, {"order-by", "Array of Strings", false},
	}
	if balance {
		out = append(out, param{"balance-type", "String", false})
	}
	return out
}

// greedyParams: paging is optional, as the contract names none.
func greedyParams(party string) []param {
	return []param{{party, "Integer", true}, {"no-of-records", "Integer", false}, {"page-no", "Integer", false}}
}

const (
	maxTransactionPage  = 1_000_000_000
	maxTransactionNamed = 500 // ids and user names in one search
)

// transactionColumns are what order-by takes: the names of the rows and those of
// the parameters.
var transactionColumns = map[string]work.TransactionColumn{
	"transid": work.ByTransaction, "transaction-id": work.ByTransaction,
	"transactiondate": work.ByTime, "transaction-date": work.ByTime,
	"customerid": work.ByParty, "customer-id": work.ByParty, "resellerid": work.ByParty, "reseller-id": work.ByParty,
	"type": work.ByType, "transaction-type": work.ByType,
	"transaction-key": work.ByManual,
	"sellingamount":   work.ByAmount,
}

func transactionSearch(kind ledger.Kind, archived bool) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		f := p.transactionFilter(kind)
		f.Archived = archived
		if !archived {
			switch p.optText("balance-type") {
			case "":
			case "onlybalanced":
				f.Balanced = pointer(true)
			case "onlyunbalanced":
				f.Balanced = pointer(false)
			default:
				p.refuse("balance-type", "balance-type is invalid")
			}
		}
		return c.findTransactions(ctx, p, f)
	}
}

func balancedTransactions(ctx context.Context, c *call, p *params) (any, error) {
	f := p.transactionFilter(ledger.OfCustomer)
	f.Balanced = pointer(true)
	return c.findTransactions(ctx, p, f)
}

func pointer[T any](v T) *T { return &v }

// transactionFilter reads section 12.2.
func (p *params) transactionFilter(kind ledger.Kind) billing.TransactionFilter {
	party := "customer-id"
	if kind == ledger.OfReseller {
		party = "reseller-id"
	}
	f := billing.TransactionFilter{
		Kind: kind, PerPage: int(p.integer("no-of-records", 1, billing.MaxTransactions)), Page: p.integer("page-no", 1, maxTransactionPage),
		Parties: p.ids(party), Usernames: p.texts("username"), IDs: p.ids("transaction-id"), Description: p.optText("transaction-description"),
		Low: p.units("amt-range-start"), High: p.units("amt-range-end"), After: p.seconds("transaction-date-start"), Before: p.seconds("transaction-date-end"),
	}
	for name, n := range map[string]int{party: len(f.Parties), "username": len(f.Usernames), "transaction-id": len(f.IDs)} {
		if n > maxTransactionNamed {
			p.refuse(name, name+" is invalid")
		}
	}
	if len(f.Description) > 255 {
		p.refuse("transaction-description", "transaction-description is invalid")
	}
	for _, s := range p.texts("transaction-type") {
		t := ledger.Type(s)
		if !t.Valid() {
			p.refuse("transaction-type", "transaction-type is invalid")
			break
		}
		f.Types = append(f.Types, t)
	}
	switch p.optText("transaction-key") {
	case "":
	case "manually":
		f.Manual = pointer(true)
	case "systemgenerated":
		f.Manual = pointer(false)
	default:
		p.refuse("transaction-key", "transaction-key is invalid")
	}
	f.Order = p.transactionOrder()
	return f
}

// units reads a whole number that is not negative; missing is nil.
func (p *params) units(name string) *int64 {
	if p.optText(name) == "" {
		return nil
	}
	n := p.optID(name)
	if n < 0 {
		p.refuse(name, name+" is invalid")
	}
	return &n
}

// transactionOrder reads order-by: a column, " asc" or " desc", each column once.
func (p *params) transactionOrder() (out []work.TransactionOrder) {
	for _, s := range p.texts("order-by") {
		words := strings.Fields(s)
		var name, direction string
		switch len(words) {
		case 1:
			name = words[0]
		case 2:
			name, direction = words[0], strings.ToLower(words[1])
		}
		_, bare, _ := strings.Cut(name, "_transaction.")
		if bare == "" {
			bare = name
		}
		by, known := transactionColumns[strings.ToLower(bare)]
		if !known || direction != "" && direction != "asc" && direction != "desc" {
			p.refuse("order-by", "order-by is invalid")
			return nil
		}
		if !slices.ContainsFunc(out, func(o work.TransactionOrder) bool { return o.By == by }) {
			out = append(out, work.TransactionOrder{By: by, Desc: direction == "desc"})
		}
	}
	return out
}

func (c *call) findTransactions(ctx context.Context, p *params, f billing.TransactionFilter) (any, error) {
	if err := p.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.Transactions(ctx, c.actor, f)
	if err != nil {
		return nil, err
	}
	return transactionPage(found), nil
}

func greedyTransactions(kind ledger.Kind) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		party := ledger.Party{Kind: kind}
		if kind == ledger.OfCustomer {
			party.ID = p.customerID()
		} else {
			party.ID = p.id("reseller-id")
		}
		rows, page := int64(billing.MaxTransactions), int64(1)
		if p.optText("no-of-records") != "" {
			rows = p.integer("no-of-records", 1, billing.MaxTransactions)
		}
		if p.optText("page-no") != "" {
			page = p.integer("page-no", 1, maxTransactionPage)
		}
		if err := p.fault(); err != nil {
			return nil, err
		}
		found, err := c.door.core.OpenGreedyTransactions(ctx, c.actor, party, page, int(rows))
		if err != nil {
			return nil, err
		}
		return transactionPage(found), nil
	}
}

func transactionPage(found *billing.TransactionPage) object {
	rows := make([]object, 0, len(found.Transactions))
	for _, t := range found.Transactions {
		rows = append(rows, transactionRow(t))
	}
	return paged(int(found.Total), rows)
}

// transactionRow is section 12.3.
func transactionRow(t *ledger.Transaction) object {
	prefix, party := "customer_transaction.", "customerid"
	if t.Party.Kind == ledger.OfReseller {
		prefix, party = "reseller_transaction.", "resellerid"
	}
	var o object
	o.id(prefix+"transid", t.ID)
	o.time(prefix+"transactiondate", t.At)
	o.id(prefix+"orderid", t.OrderID)
	o.set(prefix+"key", string(t.ProductKey))
	o.set(prefix+"type", string(t.Type))
	o.set(prefix+"description", t.Description)
	o.flag("greedy", t.Greedy)
	o.id(prefix+party, t.Party.ID)
	o.set(prefix+"sellingcurrencysymbol", t.Currency)
	o.value(prefix+"sellingamount", t.Amount)
	o.value(prefix+"unutilisedsellingamount", t.Unutilised)
	o.set(prefix+"accountingcurrencysymbol", t.AccountingCurrency)
	o.value(prefix+"accountingamount", t.AccountingAmount)
	o.value(prefix+"unutilisedaccountingamount", t.AccountingUnutilised)
	o.value("forexdiff", t.ForexDiff)
	return o
}

func transactionsByID(kind ledger.Kind) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		ids := p.ids("transaction-ids")
		if len(ids) == 0 {
			p.text("transaction-ids")
		} else if len(ids) > maxTransactionNamed {
			p.refuse("transaction-ids", "transaction-ids is invalid")
		}
		if err := p.fault(); err != nil {
			return nil, err
		}
		found, err := c.door.core.TransactionDetails(ctx, c.actor, kind, ids)
		if err != nil {
			return nil, err
		}
		out := object{}
		for _, d := range found {
			out.set(strconv.FormatInt(d.Transaction.ID, 10), transactionObject(d))
		}
		return out, nil
	}
}

// transactionObject is section 12.1, row 3.
func transactionObject(d *billing.TransactionDetails) object {
	t := d.Transaction
	key := t.Key
	switch {
	case key != "":
	case t.Manual:
		key = "manually"
	default:
		key = "systemgenerated"
	}
	var o object
	o.id("transid", t.ID)
	o.id("orderid", t.OrderID)
	o.set("transactionkey", key)
	o.time("transactiondate", t.At)
	o.set("type", string(t.Type))
	o.set("description", t.Description)
	o.set("key", string(t.ProductKey))
	o.set("timestamp", t.At.UTC().Format("2006-01-02 15:04:05.999999-07"))
	o.flag("totalreceiptupdated", t.TotalReceiptUpdated)
	cancelled := ""
	if t.CancelledAt != nil {
		cancelled = strconv.FormatInt(t.CancelledAt.Unix(), 10)
	}
	o.set("invoicecancellationdate", cancelled)
	o.set("paymentreminderdays", "0")
	o.set("lastreminder", "0")
	o.flag("greedy", t.Greedy)
	o.flag("isDescriptionModifiable", false)
	if c := d.Customer; c != nil {
		o.id("customerid", c.ID)
		if d.Issuer != nil {
			o.set("parentkey", parentKey(d.Issuer.Path))
		}
		o.party("customer", []string{c.Name, c.Company, c.Contact.Address1, c.Contact.Address2, c.Contact.Address3, c.City, c.State, c.Country, c.Contact.Zip,
			c.Contact.PhoneCC, c.Contact.Phone, c.Login()})
	}
	r := d.Issuer
	if d.Customer == nil {
		r = d.Reseller
	}
	if r != nil {
		o.id("resellerid", r.ID)
		if d.Customer == nil {
			o.set("parentkey", parentKey(r.Path))
		}
		f := r.Profile
		o.party("reseller", []string{f.Name, f.Company, f.Address1, f.Address2, f.Address3, f.City, f.State, f.Country, f.Zip, f.PhoneCC, f.Phone, f.Email})
	}
	o.set("sellingcurrencysymbol", t.Currency)
	o.value("sellingamount", t.Amount)
	o.value("sellingtaxamount", t.Tax)
	return o
}

var partyKeys = []string{"name", "company", "address1", "address2", "address3", "city", "state", "country", "zip", "telnocc", "telno", "emailaddr"}

func (o *object) party(prefix string, values []string) {
	for i, k := range partyKeys {
		o.set(prefix+"_"+k, values[i])
	}
}
