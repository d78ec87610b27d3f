package resellerclub

import (
	"fmt"
	"strings"
	"testing"

	"posthouse/internal/core/product"
)

// badValues are what a parameter of a kind can't be.
func badValues(kind string) []string {
	bad := []string{"a\x00b", "\xff\xfe"} // no kind takes these
	switch kind {
	case "Integer", "Array of Integers":
		bad = append(bad, "seven", "1.5", "0x10", "99999999999999999999", "1;DROP TABLE mail_order", "1 OR 1=1")
	case "Boolean":
		bad = append(bad, "maybe", "TRUE", "2")
	case "Float":
		bad = append(bad, "ten", "NaN", "Inf", "1e999", "0.0001", "99999999999999999999999999")
	case "JSON":
		bad = append(bad, "{", "[]", `{"no_of_accounts":"x"}`, strings.Repeat("[", 100_000))
	}
	return bad
}

// more are bad values of parameters by name, besides.
func more(name string) []string {
	switch name {
	case "page-no":
		return []string{"0", "-1", "9223372036854775807"}
	case "no-of-records":
		return []string{"0", "-1", "1000000000"}
	case "order-by":
		return []string{"customerid; DROP TABLE customer", "1", "orderid desc, 1", "(SELECT 1)", "nothing"}
	case "no-of-accounts", "seats":
		return []string{"0", "-1", "1000000000"}
	case "months", "noOfMonths":
		return []string{"0", "-1", "2", "1000000000"}
	case "invoice-option":
		return []string{"payinvoice", "x"}
	case "amount":
		return []string{"0", "-1"}
	case "transaction-type":
		return []string{"x", "Credit"}
	case "balance-type", "transaction-key":
		return nil
	}
	if strings.HasSuffix(name, "-start") || strings.HasSuffix(name, "-end") {
		if strings.Contains(name, "date") {
			return []string{"yesterday", "2026-11-22", "-1", "1e9"}
		}
		return []string{"x"}
	}
	return nil
}

// TestBadValues gives every parameter of every operation what it can't be: a
// refusal that names it or a text of section 4, and nothing changes.
func TestBadValues(t *testing.T) {
	w := newWorld(t)
	w.branded()
	w.unlimited()
	stocks := map[product.Key]tenant{}
	for i, op := range operations() {
		if strings.HasPrefix(op.path, "mail/mailinglist") { // nothing but order-id is looked at
			continue
		}
		if w.t = t; stocks[productOf(op)] == nil {
			stocks[productOf(op)] = w.stock(w.child, fmt.Sprint("mine", i), op)
		}
		mine := stocks[productOf(op)]
		params := append([]param{}, op.params...)
		for segment := range strings.SplitSeq(op.path, "/") {
			if name, ok := strings.CutPrefix(segment, "{"); ok && name != "key}" {
				params = append(params, param{strings.TrimSuffix(name, "}"), "Integer", true})
			}
		}
		for _, p := range params {
			if p.name == "reason" || p.name == "default-contact" { // garbled by live clients, and ignored
				continue
			}
			t.Run(strings.ReplaceAll(op.path, "/", ".")+" "+p.name, func(t *testing.T) {
				w.t = t
				for _, v := range append(badValues(p.kind), more(p.name)...) {
					before := w.commits.Load()
					r := w.requestWith(op, mine, p.name, v)
					refused := r.status == 500 || op.style == mail && strings.Contains(r.body, `"status":"FAILURE"`)
					if !refused || strings.Contains(r.body, textUnexpected) {
						t.Errorf("%.60q is answered %d %.300s", v, r.status, r.body)
					}
					if !storable(v) && !strings.Contains(r.body, "{"+p.name+"="+p.name+" is invalid") && !strings.Contains(r.body, ", "+p.name+"="+p.name+" is invalid") {
						t.Errorf("%q is not refused by name: %.300s", v, r.body)
					}
					if n := w.commits.Load() - before; n != 0 {
						t.Errorf("%.60q: %d writes", v, n)
					}
				}
			})
		}
	}
	w.t = t
}
