package titan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	door "posthouse/internal/door/titan"
)

// unnamed are operations that name no object of a partner.
var unnamed = []string{"1", "2", "13", "24", "X2"}

// ways are the sets of keys by which an order, account or customer can be named.
var ways = [][]string{
	{"titanOrderId"}, {"domainName", "customerId"}, {"serviceId"}, {"titanCustomerId"}, {"customerId"}, {"username"},
	{"titanOrderId", "titanAccountId", "email"}, {"titanOrderId", "email"}, {"titanAccountId"}, {"email"}, {"titanOrderId", "titanAccountIds"},
	{"titanOrderId", "trackingId"}, {"titanOrderId", "titanAccountId", "jobId"},
}

// names are what the keys are for one set of objects.
type names map[string]any

func objects(order, account, customer any, domain, customerID string) names {
	return names{
		"titanOrderId": order, "serviceId": order, "titanAccountId": account, "titanAccountIds": []any{account}, "titanCustomerId": customer,
		"domainName": domain, "customerId": customerID, "username": customerID, "email": "kim@" + domain, "alias": "alias@" + domain,
		"aliases": []any{"alias@" + domain}, "recipients": []any{"kim@" + domain}, "recipient": "kim@example.org",
		"trackingId": "tracking-of-" + customerID, "jobId": "job-of-" + customerID,
	}
}

// request fills an operation: what is required with something valid, and what
// names an object the given way.
func request(op door.Operation, way []string, n names) map[string]any {
	out := map[string]any{}
	for _, f := range op.Request {
		switch v, named := n[f.Name]; {
		case slices.Contains(way, f.Name):
			out[f.Name] = v
		case !f.Required:
		case named:
			out[f.Name] = v
		default:
			out[f.Name] = valid(f)
		}
	}
	return out
}

// valid is something that a field takes.
func valid(f door.Field) any {
	switch f.Kind {
	case door.Enum:
		return f.Values[0]
	case door.ID, door.LooseID, door.Count, door.Amount:
		return 1
	case door.Bool:
		return true
	case door.Date:
		return "2035-01-31"
	case door.Object:
		return map[string]any{}
	case door.Names:
		return []any{"x@nobody.example"}
	case door.Nested:
		o := map[string]any{}
		for _, below := range f.Fields {
			if below.Required {
				o[below.Name] = valid(below)
			}
		}
		return o
	}
	return "x"
}

// drawn is what is drawn anew for each answer.
var drawn = regexp.MustCompile(`"(reqID|token)":"[^"]*"`)

// answer sends a request by its method and gives status and body but for what
// is drawn. Further headers come as name, value.
func (p *platform) answer(t *testing.T, method string, op door.Operation, key string, in map[string]any, header ...string) string {
	t.Helper()
	target := "http://" + p.Addr("http") + op.Path
	var body io.Reader
	if method == http.MethodGet {
		q := url.Values{}
		for name, v := range in {
			q.Set(name, asText(v))
		}
		target += "?" + q.Encode()
	} else {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", key)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	head := res.Header.Clone()
	for _, own := range []string{"Date", "Content-Length"} {
		head.Del(own)
	}
	return fmt.Sprint(res.StatusCode, head, drawn.ReplaceAllString(string(text), `"$1":""`))
}

func methods(op door.Operation) []string {
	if op.Method == door.Write {
		return []string{http.MethodPost}
	}
	return []string{http.MethodGet, http.MethodPost}
}

// stock is a partner with an order, an account and a customer of its own.
func (p *platform) stock(t *testing.T, key, domain, customerID string) names {
	t.Helper()
	call := func(op string, in map[string]any) map[string]any {
		t.Helper()
		r, err := p.TitanAs(t.Context(), key, op, in)
		if err != nil || r.Status != 200 {
			t.Fatalf("%s: %v %v", op, r, err)
		}
		return r.Body
	}
	o := call("createMailOrder", map[string]any{"domainName": domain, "customerId": customerID, "planType": "pro", "noOfAccounts": 3,
		"chargedAmount": 1, "expiryDate": "2035-01-31"})
	a := call("createEmailAccount", map[string]any{"titanOrderId": o["titanOrderId"], "email": "kim@" + domain})
	d := call("fetchOrderDetails", map[string]any{"titanOrderId": o["titanOrderId"]})
	return objects(o["titanOrderId"], a["titanAccountId"], d["titanCustomerId"], domain, customerID)
}

func (p *platform) realPartner(t *testing.T, args ...string) partner {
	t.Helper()
	var made partner
	out := p.Operator(t, append([]string{"partner", "create", "A partner", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	p.Operator(t, "partner", "settings", fmt.Sprint(made.ID), `{"ratePerSecond":0}`)
	return made
}

// TestMatrix asks every route as everybody about what is theirs, what is
// somebody else's and what nobody has.
func TestMatrix(t *testing.T) {
	t.Parallel()
	p := start(t)
	us, them := p.realPartner(t), p.realPartner(t)
	theirs := p.stock(t, them.Key, "theirs.example", "theirs")
	p.stock(t, us.Key, "ours.example", "ours")
	sandbox := p.realPartner(t, "--sandbox")
	boxed := p.stock(t, sandbox.Key, "boxed.example", "boxed")
	purged := p.purge(t, sandbox.Key, "purged.example")
	nobodys := objects(900001, 900002, 900003, "nobody.example", "nobody")
	// What never was, of the customer whose order is purged: customers stay.
	never := objects(900001, 900002, purged["titanCustomerId"], "never.example", "purged")

	shut := map[string]string{} // name -> key of who gets nothing
	revoked, inactive, elsewhere := p.realPartner(t), p.realPartner(t), p.realPartner(t, "--allow", "203.0.113.0/24")
	p.Operator(t, "partner", "revoke-key", fmt.Sprint(revoked.ID), p.keyID(t, revoked))
	p.Operator(t, "partner", "suspend", fmt.Sprint(inactive.ID))
	shut["no key"], shut["unknown key"], shut["revoked key"] = "", "p_1:"+strings.Repeat("x", 40), revoked.Key
	shut["scheme word"], shut["inactive partner"], shut["other address"] = "Bearer "+us.Key, inactive.Key, elsewhere.Key
	told := map[string]string{
		"no key": `401 UNAUTHENTICATED`, "unknown key": `401 UNAUTHENTICATED`, "revoked key": `401 UNAUTHENTICATED`, "scheme word": `401 UNAUTHENTICATED`,
		"inactive partner": `404 PartnerNotFound`, "other address": `403 FORBIDDEN`,
	}

	for _, op := range door.Operations() {
		if !op.Served {
			continue
		}
		for _, method := range methods(op) {
			t.Run(op.Number+" "+method, func(t *testing.T) {
				if op.Number != "1" { // which needs no key
					for who, key := range shut {
						answers := map[string]bool{}
						for _, n := range []names{theirs, nobodys, boxed} {
							answers[p.answer(t, method, op, key, request(op, []string{"titanOrderId", "customerId"}, n))] = true
						}
						for a := range answers {
							status, code, _ := strings.Cut(told[who], " ")
							if len(answers) != 1 || !strings.HasPrefix(a, status) || !strings.Contains(a, `"code":"`+code+`"`) {
								t.Errorf("%s: %v, want %s", who, answers, told[who])
							}
						}
					}
				}
				if slices.Contains(unnamed, op.Number) {
					return
				}
				for _, way := range ways {
					unknown := p.answer(t, method, op, us.Key, request(op, way, nobodys))
					if strings.HasPrefix(unknown, "200") {
						t.Errorf("by %v: what nobody has is answered %s", way, unknown)
					}
					for what, n := range map[string]names{"somebody else's": theirs, "a sandbox's": boxed, "a sandbox's purged": purged} {
						if got := p.answer(t, method, op, us.Key, request(op, way, n)); got != unknown {
							t.Errorf("by %v: %s is answered\n%s\nwhat nobody has\n%s", way, what, got, unknown)
						}
					}
					// A sandbox and a real partner are strangers too.
					if a, b := p.answer(t, method, op, sandbox.Key, request(op, way, theirs)), p.answer(t, method, op, sandbox.Key, request(op, way, nobodys)); a != b {
						t.Errorf("by %v, to a sandbox: somebody else's is answered\n%s\nwhat nobody has\n%s", way, a, b)
					}
					// What is purged is unknown to its owner too, but for the four
					// operations that say whether it can come back (ADR 0012).
					if slices.Contains([]string{"14", "15", "37", "38"}, op.Number) {
						continue
					}
					if a, b := p.answer(t, method, op, sandbox.Key, request(op, way, purged)), p.answer(t, method, op, sandbox.Key, request(op, way, never)); a != b {
						t.Errorf("by %v: the owner's purged is answered\n%s\nwhat nobody has\n%s", way, a, b)
					}
				}
			})
		}
	}
	t.Run("nothing changed", func(t *testing.T) {
		r, err := p.TitanAs(t.Context(), them.Key, "fetchOrderDetails", map[string]any{"titanOrderId": theirs["titanOrderId"]})
		if err != nil || r.Body["status"] != "active" || r.Body["noOfActiveAccounts"] != 1.0 || r.Body["customerId"] != "theirs" || r.Body["noOfAccounts"] != 3.0 {
			t.Errorf("%v %v", r, err)
		}
	})
}

// TestForwardedForCannotBeFaked: a header is no address unless a trusted proxy
// wrote it.
func TestForwardedForCannotBeFaked(t *testing.T) {
	t.Parallel()
	list := door.Operations()[slices.IndexFunc(door.Operations(), func(o door.Operation) bool { return o.Number == "11" })]
	in := map[string]any{"customerId": "nobody"}
	fakes := [][]string{
		nil, {"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "203.0.113.7, 203.0.113.8"}, {"X-Forwarded-For", "203.0.113.7", "X-Forwarded-For", "203.0.113.7"},
		{"X-Real-IP", "203.0.113.7"}, {"Forwarded", "for=203.0.113.7"}, {"True-Client-IP", "203.0.113.7"}, {"CF-Connecting-IP", "203.0.113.7"},
		{"X-Forwarded-For", "127.0.0.1", "Host", "203.0.113.7"},
	}
	t.Run("without a proxy", func(t *testing.T) {
		t.Parallel()
		p := start(t)
		elsewhere := p.realPartner(t, "--allow", "203.0.113.0/24")
		for _, h := range fakes {
			if a := p.answer(t, http.MethodGet, list, elsewhere.Key, in, h...); !strings.HasPrefix(a, "403") || !strings.Contains(a, "Unauthorized Access: Non-Whitelisted Ip") {
				t.Errorf("%v: %s", h, a)
			}
		}
	})
	t.Run("behind a proxy", func(t *testing.T) {
		t.Parallel()
		p := start(t, "POSTHOUSE_HTTP_TRUSTED_PROXIES=127.0.0.1/32")
		elsewhere := p.realPartner(t, "--allow", "203.0.113.0/24")
		// The proxy appends whom it saw: what stands before is the client's claim.
		for _, h := range append(fakes[4:8:8], []string{"X-Forwarded-For", "203.0.113.7, 198.51.100.1"}, []string{"X-Forwarded-For", "203.0.113.7, nonsense"},
			[]string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-For", "198.51.100.1"}) {
			if a := p.answer(t, http.MethodGet, list, elsewhere.Key, in, h...); !strings.HasPrefix(a, "403") {
				t.Errorf("%v: %s", h, a)
			}
		}
		for _, h := range [][]string{{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}} {
			if a := p.answer(t, http.MethodGet, list, elsewhere.Key, in, h...); !strings.HasPrefix(a, "404") {
				t.Errorf("%v: %s", h, a)
			}
		}
	})
}

func (p *platform) keyID(t *testing.T, of partner) string {
	t.Helper()
	var v struct {
		Keys []struct {
			ID json.Number `json:"id"`
		} `json:"keys"`
	}
	if err := json.Unmarshal([]byte(p.Operator(t, "partner", "show", fmt.Sprint(of.ID), "--json")), &v); err != nil || len(v.Keys) == 0 {
		t.Fatalf("%v %v", v, err)
	}
	return v.Keys[0].ID.String()
}

// purge gives the names of what a sandbox partner had and is destroyed.
func (p *platform) purge(t *testing.T, key, domain string) names {
	t.Helper()
	n := p.stock(t, key, domain, "purged")
	if r, err := p.TitanAs(t.Context(), key, "deleteMailOrder", map[string]any{"titanOrderId": n["titanOrderId"]}); err != nil || r.Status != 200 {
		t.Fatalf("%v %v", r, err)
	}
	p.Advance(t, key, 31*day)
	return n
}
