package titan

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
	"posthouse/internal/store/sqltest"
)

var fuzzSeeds = []string{
	createShop, `{}`, `[]`, `null`, `{"titanOrderId":"1001"}`, `{"titanOrderId":1e400}`, `{"a":1,"a":2}`, `[[[[[[`,
	`{"domainName":"a.example","customerId":"c","planType":"free","firstEmailAccount":{"email":"a@a.example","password":"p"},"metadata":{"x":[1,{}]}}`,
	`{"titanOrderId":1,"email":"kim@shop.example.com","aliases":["a@shop.example.com"],"alias":"a@shop.example.com"}`,
	`{"event":"REFUND_ISSUED_BULK","data":{"a":[],"orders":[{"paymentTxnId":"t","refundAmount":"1e400"},5]}}`,
	`{"titanOrderId":1,"transferTo":{"customerId":"x"}}`, "\ufeff{\"customerId\":\"\\ud800\"}", `{"chargedAmount":"0.001"}`,
	`{"titanOrderId":1,"titanAccountId":1,"email":"kim@shop.example.com","purgeAt":"2026-12-01","suspensionType":"abuse"}`,
}

func servedOperations() []Operation {
	var ops []Operation
	for _, op := range Operations() {
		if op.Served {
			op.known = knownKeys(op.Request)
			ops = append(ops, op)
		}
	}
	return ops
}

// The reader takes exactly the JSON objects that it should, and what it has
// read keeps the promises of its kinds. Use -fuzzminimizetime=10x: maps make
// coverage vary, and minimising would take all the time.
func FuzzTitanJSON(f *testing.F) {
	for i, seed := range fuzzSeeds {
		f.Add(byte(i), []byte(seed))
	}
	ops := servedOperations()
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		op := ops[int(which)%len(ops)]
		sent, err := parseBody(body, op.known)
		trimmed := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
		if err == nil && trimmed != "" && !json.Valid([]byte(trimmed)) {
			t.Errorf("%q was taken for JSON", body)
		}
		if err == nil {
			if r, err := decode(op.Request, sent); err == nil {
				keepsPromises(t, op.Request, r)
			} else if f := fault.Of(err); f.Code != fault.Invalid || f.Reason == "" {
				t.Errorf("%q: %v", body, err)
			}
		}
		var o map[string]any
		if json.Unmarshal([]byte(trimmed), &o) != nil || o == nil {
			return
		}
		again, merr := json.Marshal(o) // no key twice, UTF-8
		if merr != nil {
			t.Fatal(merr)
		}
		if _, err := parseBody(again, op.known); err != nil {
			if reason := fault.Of(err).Reason; reason != "TOO_DEEP" && reason != "TOO_MANY_ITEMS" {
				t.Errorf("%s was refused: %v", again, err)
			}
		}
	})
}

func keepsPromises(t *testing.T, fields []Field, r *record) {
	for _, f := range fields {
		c, ok := r.cells[f.Name]
		if !ok {
			if f.Required {
				t.Errorf("%s is required and absent", f.Name)
			}
			continue
		}
		switch f.Kind {
		case ID, LooseID:
			if c.n <= 0 {
				t.Errorf("%s is %d", f.Name, c.n)
			}
		case Count:
			if c.n < 0 {
				t.Errorf("%s is %d", f.Name, c.n)
			}
		case Enum:
			if !slices.Contains(f.Values, c.text) {
				t.Errorf("%s is %q", f.Name, c.text)
			}
		case Object:
			if !json.Valid(c.raw) {
				t.Errorf("%s is %q", f.Name, c.raw)
			}
		case Nested:
			keepsPromises(t, f.Fields, c.nested)
		default:
			if !utf8.ValidString(c.text) || strings.ContainsRune(c.text, 0) || f.Required && c.text == "" && len(c.names) == 0 && c.date.IsZero() {
				t.Errorf("%s is %q", f.Name, c.text)
			}
		}
	}
}

// Whatever is sent to whatever operation gets a well-formed answer that is not
// our fault. Use -fuzzminimizetime=10x here too.
func FuzzTitanRequest(f *testing.F) {
	for i, seed := range fuzzSeeds {
		f.Add(byte(i), []byte(seed))
	}
	ops := servedOperations()
	c := clock.NewManual(start)
	w := newWorld(f, c, sqltest.NewTwice(f, c), nil)
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		w.t = t
		c.Advance(time.Minute) // past the rate limit
		for _, s := range []string{createShop, `{"titanOrderId":1,"email":"kim@shop.example.com","password":"p"}`} {
			path := map[bool]string{true: "/partner/createMailOrder", false: "/partner/createEmailAccount"}[s == createShop]
			if code, answer := w.do(w.key, http.MethodPost, path, s); code != 200 && !strings.Contains(answer, "EXISTS_AS") && !strings.Contains(answer, "DomainNotFound") {
				t.Fatal(answer)
			}
		}
		op := ops[int(which)%len(ops)]
		if code, answer := w.do(w.key, http.MethodPost, op.Path, string(body)); code >= 500 {
			t.Errorf("%s %q: %s", op.Path, body, answer)
		}
	})
}
