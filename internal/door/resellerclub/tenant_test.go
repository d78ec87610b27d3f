package resellerclub

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// tenant is what one reseller has: each by the kind that parameters name.
type tenant map[string]string

// named is what a parameter names; "" = nothing of a tenant's. A domain and a
// user name that are taken are no secrets, since nobody else can have them: the
// calls that make or change them are tested by themselves.
func naming(op *operation, name string) string {
	if strings.HasPrefix(op.path, "resellers/") && name != "reseller-id" {
		return "" // a reseller's own name and address, not a customer's
	}
	switch name {
	case "order-id", "id":
		return "order"
	case "customer-id", "existing-customer-id", "new-customer-id":
		return "customer"
	case "reseller-id":
		return "reseller"
	case "domain-name":
		if !strings.HasSuffix(op.path, "/add") && !strings.HasSuffix(op.path, "/order") {
			return "domain"
		}
	case "username":
		if !strings.HasSuffix(op.path, "/signup") && !strings.Contains(op.path, "/modify") {
			return "username"
		}
	case "invoice-ids", "transaction-ids", "transaction-id":
		return "invoice"
	case "debit-ids":
		return "debit"
	case "email":
		if op.style == mail {
			return "email"
		}
	case "eaq-id":
		return "action"
	}
	return ""
}

// nobodys is what nobody has.
var nobodys = tenant{"order": "79999999", "customer": "19999999", "reseller": "199999", "domain": "nobody.example", "username": "nobody@nobody.example",
	"invoice": "89999999", "debit": "89999998", "email": "nobody@nobody.example", "action": "499999999"}

// productOf is the product that an operation is about.
func productOf(op *operation) product.Key {
	switch {
	case op == nil:
	case strings.HasPrefix(op.path, "enterpriseemail/us/"):
		return product.EnterpriseUS
	case strings.HasPrefix(op.path, "enterpriseemail/in/"):
		return product.EnterpriseIndia
	case op.style == restful:
		return product.TitanGlobal
	}
	return product.BusinessEmail
}

// stock gives a reseller something of everything; the order is of the product
// that op is about.
func (w *world) stock(s seller, name string, op *operation) tenant {
	w.t.Helper()
	domain := name + ".example"
	order := w.mailOrder(s, domain, 3)
	w.mailbox(s, order, "kim@"+domain)
	customerID, actionID := int64(0), int64(0)
	partnerID := w.partner
	if s == w.foreign {
		partnerID = w.otherPartner
	}
	err := w.store.Write(w.t.Context(), func(tx work.Tx) error {
		o, err := tx.Order(w.t.Context(), order)
		if err != nil {
			return err
		}
		customerID, o.ProductKey = o.CustomerID, productOf(op)
		if err := tx.UpdateOrder(w.t.Context(), o); err != nil {
			return err
		}
		c, err := tx.Customer(w.t.Context(), customerID)
		if err != nil {
			return err
		}
		c.PasswordHash = "plain:" + plausible["passwd"]
		if err := tx.UpdateCustomer(w.t.Context(), c); err != nil {
			return err
		}
		a := &action.Action{PartnerID: partnerID, ResellerID: s.id, CustomerID: customerID, OrderID: order, ProductKey: o.ProductKey, Type: action.Renew,
			Description: "Renewal", Status: action.Success, Change: action.Change{Type: action.Renew}, Option: action.NoInvoice, AddedAt: start, CompletedAt: &start}
		if op != nil && op.path == "actions/search-current" {
			a.Status, a.CompletedAt = action.PendingExecution, nil
		}
		err = tx.InsertAction(w.t.Context(), a)
		actionID = a.ID
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	actor := audit.Actor{PartnerID: partnerID, Role: suspension.RolePartner, Name: "test", Limited: true, Limit: audit.Limit{ResellerID: s.id}}
	t := tenant{"order": fmt.Sprint(order), "customer": fmt.Sprint(customerID), "reseller": fmt.Sprint(s.id), "domain": domain, "username": "owner@" + domain, "email": "kim@" + domain, "action": fmt.Sprint(actionID)}
	for kind, typ := range map[string]ledger.Type{"invoice": ledger.Invoice, "debit": ledger.Debit} {
		done, err := w.core.PostManually(w.t.Context(), actor, selling.PostManually{CustomerID: customerID, Type: typ, Amount: money.Value(5000), Description: kind + " of " + name})
		if err != nil {
			w.t.Fatal(err)
		}
		t[kind] = fmt.Sprint(done.ID)
	}
	w.stockLedger(s, op, customerID, t)
	return t
}

// plausible are values of parameters that name nothing: with them a call gets as
// far as the object it is about.
var plausible = map[string]string{
	"months": "1", "noOfMonths": "1", "no-of-accounts": "1", "invoice-option": "NoInvoice", "no-of-records": "50", "page-no": "1", "plan-id": "1762",
	"additional-param-json": `{"no_of_accounts":"1"}`, "passwd": "Secret#12345", "old-passwd": "Secret#12345", "new-passwd": "Secret#12346",
	"notification-email": "n@elsewhere.example", "first-name": "Ann", "last-name": "Ash", "country-code": "GB", "language-code": "en", "forwards": "f@elsewhere.example",
	"is-autoresponder-on": "true", "subject": "Away", "message": "Later", "emails": "kim@mine.example", "alias": "also.example", "amount": "5", "description": "A",
	"transaction-type": "credit", "transaction-key": "k1", "update-total-receipt": "true", "cancel-invoice": "true", "name": "Ann", "company": "A Ltd",
	"address-line-1": "1 St", "city": "York", "state": "York", "country": "GB", "zipcode": "Y1", "phone-cc": "44", "phone": "2012345678", "lang-pref": "en",
	"ip": "192.0.2.1", "reason": "Why", "domain-name": "new.example", "username": "new@new.example", "default-contact": "0", "list-address": "l@mine.example",
	"key": "titanmailglobal", "planid": "1756", "n": "1", "seats": "1", "token": "0",
}

// request fills an operation: with mine, but of one parameter with other's.
func (w *world) request(op *operation, mine tenant, odd string, other tenant) reply {
	w.t.Helper()
	if odd == "" {
		return w.requestWith(op, mine, "", "")
	}
	return w.requestWith(op, mine, odd, other[naming(op, odd)])
}

// requestWith fills an operation with mine and what is plausible, but for one
// parameter.
func (w *world) requestWith(op *operation, mine tenant, odd, oddValue string) reply {
	w.t.Helper()
	var pairs []any
	path := op.path
	value := func(name string) string {
		if name == odd {
			return oddValue
		}
		if kind := naming(op, name); kind != "" {
			return mine[kind]
		}
		return plausible[name]
	}
	for segment := range strings.SplitSeq(op.path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			path = strings.Replace(path, segment, url.PathEscape(value(name)), 1)
		}
	}
	for _, p := range op.params {
		if strings.Contains(op.path, "{"+p.name+"}") || !p.required && p.name != odd && naming(op, p.name) == "" {
			continue
		}
		if !p.required && p.name != odd && p.name == "debit-ids" { // beside invoices nobody needs them
			continue
		}
		pairs = append(pairs, p.name, value(p.name))
	}
	if op.style == restful {
		return w.rest(op.methods[0], w.child, path, pairs...)
	}
	if op.methods[0] == http.MethodPost {
		return w.post(w.child, path+".json", pairs...)
	}
	return w.get(w.child, path+".json", pairs...)
}

// namesIn are the parameters of an operation that name something.
func namesIn(op *operation) (names []string) {
	for segment := range strings.SplitSeq(op.path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	for _, p := range op.params {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return naming(op, name) == "" })
}

// countsAttempts are operations that note a failed log-in, of an unknown name too.
var countsAttempts = []string{"customers/generate-token", "customers/v2/authenticate"}

// unlimited lets the partners' keys call as often as they like.
func (w *world) unlimited() {
	w.t.Helper()
	for _, id := range []int64{w.partner, w.otherPartner} {
		if err := w.core.SetPartnerSettings(w.t.Context(), operator, id, partner.Settings{RatePerSecond: new(int)}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestTenants calls every operation with what the caller's parent, its sibling and
// another partner's reseller have: the answer is that for what nobody has, and
// nothing changes.
func TestTenants(t *testing.T) {
	w := newWorld(t)
	w.branded()
	w.unlimited()
	mine := w.stock(w.child, "mine", nil)
	others := map[string]tenant{"the parent's": w.stock(w.root, "parents", nil), "the sibling's": w.stock(w.sibling, "siblings", nil), "another partner's": w.stock(w.foreign, "theirs", nil)}
	tested := 0
	for _, op := range operations() {
		for _, name := range namesIn(op) {
			kind := naming(op, name)
			tested++
			t.Run(strings.ReplaceAll(op.path, "/", ".")+" "+name, func(t *testing.T) {
				w.t = t
				before := w.commits.Load()
				unknown := w.request(op, mine, name, nobodys)
				for whose, other := range others {
					got := w.request(op, mine, name, other)
					want := strings.ReplaceAll(unknown.body, nobodys[kind], other[kind])
					if kind == "email" { // whose domain may be part of the text
						want = strings.ReplaceAll(want, nobodys["domain"], other["domain"])
					}
					if got.status != unknown.status || got.body != want {
						t.Errorf("%s is answered\n%d %s\nwhat nobody has\n%d %s", whose, got.status, got.body, unknown.status, unknown.body)
					}
				}
				if n := w.commits.Load() - before; n != 0 && !slices.Contains(countsAttempts, op.path) {
					t.Errorf("%d writes", n)
				}
			})
		}
	}
	w.t = t
	if tested < len(operations()) {
		t.Errorf("only %d parameters of %d operations name something", tested, len(operations()))
	}
}

// TestOwnIsKnown is the other half: what is the caller's own, or a sub-reseller's,
// is answered in another way than what nobody has.
func TestOwnIsKnown(t *testing.T) {
	w := newWorld(t)
	w.branded()
	w.unlimited()
	for i, op := range operations() {
		for _, name := range namesIn(op) {
			t.Run(strings.ReplaceAll(op.path, "/", ".")+" "+name, func(t *testing.T) {
				w.t = t
				for who, s := range map[string]seller{"own": w.child, "below": w.grandchild} {
					mine := w.stock(s, fmt.Sprint(who, i, "-", name), op)
					unknown, known := w.request(op, mine, name, nobodys), w.request(op, mine, "", nil)
					kind := naming(op, name)
					if known.body == strings.ReplaceAll(unknown.body, nobodys[kind], mine[kind]) {
						t.Errorf("%s is answered as what nobody has: %d %s", who, known.status, known.body)
					}
				}
			})
		}
	}
	w.t = t
}
