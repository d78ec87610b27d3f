package basekit

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness/harnesstest"
)

// The three dialects have one model: the same order is read and changed through
// each of them, and after each step all of them say the same.

// view is what a dialect says of an order.
type view struct {
	id, customer string
	domain       string
	listed       bool // among the orders of its customer
	suspended    bool
	seats        string
	expiry       string // the day
	mailboxes    string
}

// dialect is how one of them does the steps.
type dialect struct {
	name               string
	birth              func(*world) // an order of shop.{tag}.example with two seats or more, as {o} of the customer {c}
	mailbox            func(w *world, name string)
	suspend, unsuspend func(*world)
	renew              func(*world)
	drop               func(w *world, name string) // deletes a mailbox
	see                func(*world) view
}

func dialects() []dialect { return []dialect{titan(), resellerclub(), brandAPI()} }

const day1 = "2006-01-02"

// at gives a part of a reply as text.
func (w *world) at(v any, path string) string {
	w.t.Helper()
	names := w.names
	w.names = map[string]string{}
	defer func() { w.names = names }()
	if err := w.save("x="+path, v); err != nil {
		w.t.Fatal(err)
	}
	return w.names["x"]
}

// list gives a list of a reply.
func list(v any, key string) []any {
	o, _ := v.(object)
	l, _ := o[key].([]any)
	return l
}

// addresses are the members of a list's objects, in order.
func addresses(l []any, key string) string {
	var out []string
	for _, x := range l {
		o, _ := x.(object)
		out = append(out, fmt.Sprint(o[key]))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// titanCall calls the Titan dialect.
func (w *world) titanCall(operation string, body string) any {
	w.t.Helper()
	var in []byte
	if body != "" {
		in = []byte(w.fill(body))
	}
	r, err := w.TitanBytes(w.t.Context(), w.brand.Key, w.fill(operation), in)
	if err != nil || r.Status != http.StatusOK {
		w.t.Fatalf("%s %s: %v %v", operation, w.fill(body), r, err)
	}
	v, err := harnesstest.ParseJSON(r.Raw)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func titan() dialect {
	const order = `{"titanOrderId":{o}}`
	return dialect{
		name: "titan",
		birth: func(w *world) {
			v := w.titanCall("createMailOrder", `{"domainName":"shop.{tag}.example","customerId":"cust-1","customerName":"Anna Ash","customerEmailAddress":"anna@{tag}.example","planType":"pro","noOfAccounts":5,
				"chargedAmount":"5.00","currency":"GBP","billingCycle":"monthly","expiryDate":"{now+31d}","firstEmailAccount":{"email":"first@shop.{tag}.example","password":"Mail-Box-Pass-9"}}`)
			w.names["o"] = w.at(v, "titanOrderId")
			w.names["c"] = w.at(w.titanCall("fetchMailOrder?titanOrderId={o}", ""), "titanCustomerId")
			titanDrop(w, "first")
		},
		mailbox: func(w *world, name string) {
			w.titanCall("createEmailAccount", `{"titanOrderId":{o},"email":"`+name+`@shop.{tag}.example","password":"Mail-Box-Pass-9"}`)
		},
		suspend:   func(w *world) { w.titanCall("suspendMailOrder", order) },
		unsuspend: func(w *world) { w.titanCall("unsuspendMailOrder", order) },
		renew: func(w *world) {
			end, err := time.Parse(day1, w.at(w.titanCall("fetchMailOrder?titanOrderId={o}", ""), "expiryDate"))
			if err != nil {
				w.t.Fatal(err)
			}
			w.titanCall("modifyMailOrder", `{"titanOrderId":{o},"action":"renewOrder","expiryDate":"`+end.AddDate(0, 1, 0).Format(day1)+`","chargedAmount":"5.00","currency":"GBP"}`)
		},
		drop: titanDrop,
		see: func(w *world) view {
			o := w.titanCall("fetchMailOrder?titanOrderId={o}", "")
			suspensions := list(w.titanCall("fetchOrderSuspensions?titanOrderId={o}", ""), "suspensions")
			if status := w.at(o, "status"); (status == "suspended") != (len(suspensions) > 0) {
				w.t.Errorf("titan: %s with %v", status, suspensions)
			}
			all := w.titanCall("listMailOrders?titanCustomerId={c}", "")
			return view{
				id: w.at(o, "titanOrderId"), customer: w.at(o, "titanCustomerId"), domain: w.at(o, "domainName"), suspended: len(suspensions) > 0,
				listed: slices.Contains(strings.Fields(addresses(list(all, "orders"), "titanOrderId")), w.names["o"]),
				seats:  w.at(o, "noOfAccounts"), expiry: w.at(o, "expiryDate"), mailboxes: addresses(list(w.titanCall("listEmailAccounts?titanOrderId={o}", ""), "accounts"), "email"),
			}
		},
	}
}

// titanDrop deletes a mailbox by its number.
func titanDrop(w *world, name string) {
	w.t.Helper()
	for _, a := range list(w.titanCall("listEmailAccounts?titanOrderId={o}", ""), "accounts") {
		if w.at(a, "email") == w.fill(name+"@shop.{tag}.example") {
			w.titanCall("deleteEmailAccount", `{"titanOrderId":{o},"email":"`+name+`@shop.{tag}.example","titanAccountId":`+w.at(a, "titanAccountId")+`}`)
			return
		}
	}
	w.t.Fatalf("no mailbox %s", name)
}

// sells lets the brand's root reseller sell: a key, and prices.
func (w *world) sells() {
	w.t.Helper()
	var key struct{ Key string }
	w.names["root"] = strconv.FormatInt(w.brand.root, 10)
	w.tells(w.t, &key, "reseller", "key", "add", w.names["root"], "--json")
	w.names["rootKey"] = key.Key
	file := filepath.Join(w.t.TempDir(), "prices.csv")
	if err := os.WriteFile(file, []byte("product,unit,action,months,currency,price\ntitanmailglobal,1762,add,1,GBP,1.25\ntitanmailglobal,1762,renew,1,GBP,1.25\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.Operator(w.t, "reseller", "prices", "import", file, "--reseller", w.names["root"], "--for", "customers")
}

// resold calls the ResellerClub dialect: "POST api/mail/user/delete.json".
func (w *world) resold(call, params string) any {
	w.t.Helper()
	verb, target, _ := strings.Cut(w.fill(call), " ")
	req, err := http.NewRequestWithContext(w.t.Context(), verb, "http://"+w.Addr("http")+"/"+target+"?auth-userid="+w.names["root"]+"&api-key="+w.names["rootKey"]+"&"+w.fill(params), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || strings.Contains(string(b), `"FAILURE"`) {
		w.t.Fatalf("%s %s: %d %s %v", call, w.fill(params), res.StatusCode, b, err)
	}
	v, err := harnesstest.ParseJSON(string(b))
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func resellerclub() dialect {
	const base = "restapi/product/titanmailglobal"
	return dialect{
		name: "resellerclub",
		birth: func(w *world) {
			v := w.resold("POST api/customers/signup.json", "username=anna@{tag}.example&passwd=Secret%2312345&name=Anna+Ash&company=None&address-line-1=1+High+St&city=London&state=London&country=GB&zipcode=N1&phone-cc=44&phone=2012345678&lang-pref=en")
			w.names["c"] = fmt.Sprint(v)
			v = w.resold("POST "+base+"/order", "domain-name=shop.{tag}.example&customer-id={c}&plan-id=1762&noOfMonths=1&invoice-option=NoInvoice&additional-param-json="+url.QueryEscape(`{"no_of_accounts":"5"}`))
			w.names["o"] = w.at(v, "orderid")
		},
		mailbox: func(w *world, name string) {
			w.resold("POST api/mail/user/add.json", "order-id={o}&email="+name+"@shop.{tag}.example&passwd=Mail%21Box9word&notification-email=n@elsewhere.example&first-name=Kim&last-name=Ash&country-code=GB&language-code=en")
		},
		suspend:   func(w *world) { w.resold("PATCH "+base+"/order/{o}/suspend", "reason=late") },
		unsuspend: func(w *world) { w.resold("PATCH "+base+"/order/{o}/unsuspend", "") },
		renew:     func(w *world) { w.resold("PATCH "+base+"/order/{o}/tenure/1", "invoice-option=NoInvoice") },
		drop: func(w *world, name string) {
			w.resold("POST api/mail/user/delete.json", "order-id={o}&email="+name+"@shop.{tag}.example")
		},
		see: func(w *world) view {
			o := w.resold("GET "+base, "order-id={o}")
			end, err := strconv.ParseInt(w.at(o, "endtime"), 10, 64)
			if err != nil {
				w.t.Fatal(err)
			}
			all, _ := w.resold("GET api/customers/list-all-orders.json", "customer-id={c}&no-of-records=10&page-no=1").(object)
			listed := false
			for _, row := range all {
				r, _ := row.(object)
				listed = listed || r["orders.orderid"] == w.names["o"]
			}
			var boxes []any
			if reply, _ := w.resold("GET api/mail/users/search.json", "order-id={o}&page-no=1").(object); reply != nil {
				boxes = list(reply["response"], "users")
			}
			return view{id: w.at(o, "orderid"), customer: w.at(o, "customerid"), domain: w.at(o, "domainname"), listed: listed, suspended: w.at(o, "currentstatus") == "Suspended",
				seats: w.at(o, "noofaccounts"), expiry: time.Unix(end, 0).UTC().Format(day1), mailboxes: addresses(boxes, "emailAddress")}
		},
	}
}

// ask calls the BaseKit dialect.
func (w *world) ask(call, body string, status int) any {
	w.t.Helper()
	verb, target, _ := strings.Cut(w.fill(call), " ")
	r, err := w.call("", verb, target, w.fill(body))
	if err != nil || r.status != status {
		w.t.Fatalf("%s %s: %d %s %v", call, w.fill(body), r.status, r.text, err)
	}
	return r.value
}

func brandAPI() dialect {
	return dialect{
		name: "basekit",
		birth: func(w *world) {
			w.names["c"] = w.at(w.ask("POST users", `{"brandRef":{brand},"firstName":"Anna","lastName":"Ash","username":"anna-{tag}","password":"Correct-Horse-7","email":"anna@{tag}.example","languageCode":"en"}`, 201), "accountHolder.ref")
			w.ask("POST users/{c}/account-packages", `{"packageRef":{mail},"billingFrequency":1}`, 200)
			w.names["o"] = w.at(w.ask("POST sites", `{"accountHolderRef":{c},"domain":"shop.{tag}.example"}`, 201), "site.ref")
			w.until("GET account-domains/{o}", `{"accountDomain":{"active":1}}`)
		},
		mailbox: func(w *world, name string) {
			w.ask("PUT users/{c}/domains/{o}/mailboxes/"+name, `{"password":"Mail-Box-Pass-9"}`, 200)
		},
		suspend:   func(w *world) { w.ask("POST users/{c}/suspend", "", 204) },
		unsuspend: func(w *world) { w.ask("POST users/{c}/unsuspend", "", 204) },
		renew: func(w *world) {
			w.ask("POST users/{c}/account-packages", `{"packageRef":{mail},"billingFrequency":12}`, 200)
		},
		drop: func(w *world, name string) { w.ask("DELETE users/{c}/domains/{o}/mailboxes/"+name, "", 204) },
		see: func(w *world) view {
			o := w.ask("GET account-domains/{o}", "", 200)
			suspended := w.at(o, "accountDomain.accountHolder.suspended")
			if active := w.at(o, "accountDomain.active"); active == suspended {
				w.t.Errorf("basekit: active %s, suspended %s", active, suspended)
			}
			all := w.ask("GET users/{c}/account-domains", "", 200)
			return view{
				id: w.at(o, "accountDomain.ref"), customer: w.at(o, "accountDomain.accountHolder.ref"), domain: w.at(o, "accountDomain.domainName"), suspended: suspended == "1",
				listed: slices.Contains(strings.Fields(addresses(list(all, "accountDomains"), "ref")), w.names["o"]),
				seats:  w.at(o, "accountDomain.accountHolder.capabilities.mailboxes"), expiry: w.at(o, "accountDomain.expiryDate.date")[:10],
				mailboxes: addresses(list(w.ask("GET users/{c}/domains/{o}/mailboxes", "", 200), "mailboxes"), "user"),
			}
		},
	}
}

// agree gives what all dialects say of the order.
func (w *world) agree(after string) view {
	w.t.Helper()
	var first view
	for i, d := range dialects() {
		v := d.see(w)
		if i == 0 {
			first = v
		} else if v != first {
			w.t.Errorf("after %s\n%s sees %+v\ntitan sees %+v", after, d.name, v, first)
		}
	}
	return first
}

// TestDialects has an order made by each dialect, and changed by each in turn.
func TestDialects(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := start(t, harnesstest.EngineEnv(t, engine)...)
			for _, born := range dialects() {
				t.Run("made by "+born.name, func(t *testing.T) {
					w := p.world(t, ways[0])
					w.sells()
					born.birth(w)
					now := w.agree("birth")
					if now.id != w.names["o"] || now.customer != w.names["c"] || !now.listed || now.suspended || now.mailboxes != "" || now.domain != "shop."+w.names["tag"]+".example" {
						t.Errorf("born as %+v", now)
					}
					for _, d := range dialects() {
						d.mailbox(w, d.name)
						if now = w.agree("a mailbox by " + d.name); !strings.Contains(now.mailboxes, d.name+"@") {
							t.Errorf("after a mailbox by %s: %+v", d.name, now)
						}
					}
					if want := w.fill("basekit@shop.{tag}.example resellerclub@shop.{tag}.example titan@shop.{tag}.example"); now.mailboxes != want {
						t.Errorf("mailboxes %s, want %s", now.mailboxes, want)
					}
					changedByEach(w, now)
				})
			}
		})
	}
}

// changedByEach suspends, releases and renews an order and deletes one of its
// mailboxes through each dialect.
func changedByEach(w *world, now view) {
	w.t.Helper()
	for _, d := range dialects() {
		d.suspend(w)
		if now = w.agree("suspension by " + d.name); !now.suspended {
			w.t.Errorf("not suspended by %s: %+v", d.name, now)
		}
		d.unsuspend(w)
		if now = w.agree("release by " + d.name); now.suspended {
			w.t.Errorf("not released by %s: %+v", d.name, now)
		}
		before := now
		w.advance(time.Hour) // the same renewal within minutes is one
		d.renew(w)
		if now = w.agree("renewal by " + d.name); now.expiry <= before.expiry || now.mailboxes != before.mailboxes {
			w.t.Errorf("%s renews from %+v to %+v", d.name, before, now)
		}
		d.drop(w, d.name)
		if now = w.agree("a deletion by " + d.name); strings.Contains(now.mailboxes, d.name+"@") || strings.Count(now.mailboxes, "@") != strings.Count(before.mailboxes, "@")-1 {
			w.t.Errorf("%s deletes a mailbox of %+v: %+v", d.name, before, now)
		}
	}
	if now.mailboxes != "" || !now.listed {
		w.t.Errorf("in the end %+v", now)
	}
}
