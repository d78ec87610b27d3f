package blackbox

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/door/titan"
	"posthouse/test/harness"
)

var reqID = regexp.MustCompile(`"reqID":"[^"]*"`)

// masked is an answer without its request id.
func masked(r *harness.Reply) string {
	return fmt.Sprint(r.Status, " ", reqID.ReplaceAllString(r.Raw, `"reqID":""`))
}

// raw posts these bytes.
func (s *server) raw(operation, body string) *harness.Reply {
	s.t.Helper()
	r, err := s.TitanBytes(s.ctx, s.Ready.Partner.Key, operation, []byte(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func TestTitanInput(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		const tail = `","customerId":"c","planType":"free"}`
		s.sub("domains", func(s *server) {
			for _, domain := range []string{"../../etc", "a..b", "192.0.2.1", "[192.0.2.1]", "2001:db8::1", "xn--bcher-kva.example", "bücher.example",
				"-a.example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 200) + "example"} {
				r := s.raw("createMailOrder", `{"domainName":"`+domain+tail)
				if r.Status != 400 || r.Body["code"] != "INVALID_DOMAIN" {
					s.t.Errorf("%q: %s", domain, r.Raw)
				}
			}
			r := s.raw("createMailOrder", `{"domainName":" EXAMPLE.com. `+tail)
			if r.Status != 200 || s.call("fetchOrderDetails", map[string]any{"titanOrderId": r.Body["titanOrderId"]})["domainName"] != "example.com" {
				s.t.Errorf("EXAMPLE.com.: %s", r.Raw)
			}
		})
		s.sub("JSON", func(s *server) {
			for body, reason := range map[string]string{
				`{"domainName":"a.test","domainName":"b.test"}`:                   "DUPLICATE_KEY",
				strings.Repeat("[", 10000):                                        "TOO_DEEP",
				strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000): "TOO_DEEP",
				`{"domainName":`: "UNPARSABLE",
				"\x00\xff":       "UNPARSABLE",
				`{} {}`:          "UNPARSABLE",
				`{"domainName":{"a":1},"customerId":"c","planType":"free"}`:          "INVALID_FIELD",
				`{"domainName":["a.test"],"customerId":"c","planType":"free"}`:       "INVALID_FIELD",
				`{"domainName":"a.test","customerId":"c","planType":"gold"}`:         "INVALID_FIELD",
				`{"domainName":"a.test","planType":"free"}`:                          "MISSING_FIELD",
				`{"domainName":null,"customerId":"c","planType":"free"}`:             "MISSING_FIELD",
				`{"domainName":"a.test","customerId":"` + strings.Repeat("c", 2<<20): "BODY_TOO_LARGE",
			} {
				r := s.raw("createMailOrder", body)
				attrs, _ := r.Body["attrs"].(map[string]any)
				if r.Status != 400 || r.Body["code"] != "BAD_REQUEST" || attrs["reason"] != reason {
					s.t.Errorf("%.60s: want %s, got %s", body, reason, r.Raw)
				}
			}
		})
		s.sub("50 MB", func(s *server) {
			k := s.dial("http")
			fmt.Fprintf(k.c, "POST /partner/createMailOrder HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n", s.Ready.Partner.Key, 50<<20)
			go func() {
				_, _ = io.Copy(k.c, io.LimitReader(spaces{}, 50<<20)) // the server may hang up
			}()
			res, err := http.ReadResponse(bufio.NewReader(k.r), nil)
			if err != nil {
				s.t.Fatal(err)
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != 400 || !bytes.Contains(body, []byte("BODY_TOO_LARGE")) {
				s.t.Errorf("%d %s", res.StatusCode, body)
			}
		})
		s.sub("ids as strings", func(s *server) {
			order, _ := s.order("strings.test", "a@strings.test")
			r := s.raw("suspendMailOrder", fmt.Sprintf(`{"titanOrderId":"%d"}`, order))
			if r.Status != 200 {
				s.t.Errorf("%s", r.Raw)
			}
			if got := s.call("fetchOrderDetails", map[string]any{"titanOrderId": fmt.Sprint(order)}); got["status"] != "suspended" || got["titanOrderId"] != float64(order) {
				s.t.Errorf("%v", got)
			}
			for _, id := range []string{`"1e3"`, `-1`, `1.5`, `99999999999999999999`, `"x"`, `{}`, `true`} {
				if r := s.raw("suspendMailOrder", `{"titanOrderId":`+id+`}`); r.Status/100 != 4 {
					s.t.Errorf("%s: %s", id, r.Raw)
				}
			}
		})
		s.sub("keys", func(s *server) {
			for _, key := range []string{"", "x", "Bearer " + s.Ready.Partner.Key, s.Ready.Partner.Key + "x", "p_1:" + strings.Repeat("a", 10000)} {
				r, err := s.TitanAs(s.ctx, key, "listMailOrders", map[string]any{"customerId": "c"})
				if err != nil || r.Status != 401 || r.Body["code"] != "UNAUTHENTICATED" {
					s.t.Errorf("%.40q: %v %v", key, err, r)
				}
			}
		})
	})
}

// spaces is white space without end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestTitanAtOnce is what two callers do at the same moment.
func TestTitanAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		replies := s.together(8, func(int) (string, map[string]any) {
			return "createMailOrder", map[string]any{"domainName": "once.test", "customerId": "c", "planType": "pro", "noOfAccounts": 2, "chargedAmount": 1, "expiryDate": "2035-01-01"}
		})
		for _, r := range replies {
			if r.Status != 200 || r.Body["titanOrderId"] != replies[0].Body["titanOrderId"] {
				t.Errorf("the same order: %s", r.Raw)
			}
		}
		order := replies[0].Body["titanOrderId"]
		made := 0
		for _, r := range s.together(8, func(i int) (string, map[string]any) {
			return "createMailOrder", map[string]any{"domainName": "contested.test", "customerId": fmt.Sprint("c", i), "planType": "free"}
		}) {
			if r.Status == 200 {
				made++
			} else if !strings.Contains(r.Raw, "ORDER_ALREADY_EXISTS") {
				t.Errorf("a contested domain: %s", r.Raw)
			}
		}
		if made != 1 {
			t.Errorf("%d customers got the domain", made)
		}
		s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": "first@once.test"})
		made = 0
		for _, r := range s.together(8, func(i int) (string, map[string]any) {
			return "createEmailAccount", map[string]any{"titanOrderId": order, "email": fmt.Sprintf("a%d@once.test", i)}
		}) {
			if r.Status == 200 {
				made++
			} else if !strings.Contains(r.Raw, "ACCOUNT_LIMIT_REACHED") {
				t.Errorf("the last seat: %s", r.Raw)
			}
		}
		got := s.call("fetchOrderDetails", map[string]any{"titanOrderId": order})
		if made != 1 || got["noOfProvisionedAccounts"] != 2.0 {
			t.Errorf("%d accounts took the last seat; %v", made, got)
		}
	})
}

// together makes n calls at once.
func (s *server) together(n int, call func(i int) (string, map[string]any)) []*harness.Reply {
	s.t.Helper()
	replies, errs := make([]*harness.Reply, n), make([]error, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			operation, body := call(i)
			<-begin
			replies[i], errs[i] = s.Titan(context.WithoutCancel(s.ctx), operation, body)
		})
	}
	close(begin)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return replies
}

// names are what a request of the isolation test puts in for ids.
type names struct {
	order, account, customer any
	domain, email            string
}

// extra is what operations need beyond the names of what they work on.
var extra = map[string]map[string]any{
	"modifyMailOrder":    {"noOfAccounts": 3, "chargedAmount": 1},
	"transferMailOrder":  {"transferTo": map[string]any{"customerId": "thief"}},
	"modifyEmailAccount": {"name": "Stolen", "password": "stolen passphrase"},
	"addEmailAlias":      {"displayName": "x"},

	"createInternalForwardingAccount":        {"recipients": []string{"anna@victim.test"}},
	"addInternalForwardingAccountMembers":    {"recipients": []string{"anna@victim.test"}},
	"removeInternalForwardingAccountMembers": {"recipients": []string{"anna@victim.test"}},
}

// TestTitanIsolation tries every served operation with the ids of another
// partner: each answers as for ids that nobody has, and changes nothing.
func TestTitanIsolation(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, account := s.order("victim.test", "anna@victim.test")
		s.call("addEmailAlias", map[string]any{"titanOrderId": order, "email": "anna@victim.test", "alias": "sales@victim.test"})
		deleted := id(t, s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": "gone@victim.test"})["titanAccountId"])
		s.call("deleteEmailAccount", map[string]any{"titanOrderId": order, "titanAccountId": deleted, "email": "gone@victim.test"})
		customer := s.call("fetchOrderDetails", map[string]any{"titanOrderId": order})["titanCustomerId"]
		_, key := s.partner("Thief", "--sandbox")
		own, err := s.TitanAs(s.ctx, key, "createMailOrder", map[string]any{"domainName": "thief.test", "customerId": "c", "planType": "pro", "noOfAccounts": 5,
			"chargedAmount": 1, "expiryDate": "2035-01-01", "firstEmailAccount": map[string]any{"email": "thief@thief.test", "password": password}})
		if err != nil || own.Status != 200 {
			t.Fatal(err, own)
		}
		before := s.shown(order)
		const nobody = 987654321
		mine := own.Body["titanOrderId"]
		// Each pair: another partner's, and nobody's of the same form.
		pairs := [][2]names{
			{{order, account, customer, "victim.test", "anna@victim.test"}, {nobody, nobody, nobody, "nobody.test", "anna@nobody.test"}},
			{{nil, account, nil, "victim.test", "anna@victim.test"}, {nil, nobody, nil, "nobody.test", "anna@nobody.test"}},
			{{mine, account, nil, "thief.test", "thief@thief.test"}, {mine, nobody, nil, "thief.test", "thief@thief.test"}},
			{{mine, deleted, nil, "thief.test", "anna@victim.test"}, {mine, nobody, nil, "thief.test", "anna@nobody.test"}},
			{{order, nil, customer, "victim.test", "new@victim.test"}, {nobody, nil, nobody, "nobody.test", "new@nobody.test"}},
		}
		tried := 0
		for _, op := range titan.Operations() {
			name := path.Base(op.Path)
			if !op.Served || name == "healthCheck" || name == "createMailOrder" {
				continue // no ids in them
			}
			tried++
			for i, pair := range pairs {
				var answers [2]string
				for k, n := range pair {
					r, err := s.TitanAs(s.ctx, key, name, body(op.Request, name, n))
					if err != nil {
						t.Fatal(err)
					}
					answers[k] = strings.NewReplacer("victim.test", "X.test", "nobody.test", "X.test").Replace(masked(r))
				}
				if answers[0] != answers[1] {
					t.Errorf("%s, pair %d: another partner's ids are told from unknown ones:\n%s\n%s", name, i, answers[0], answers[1])
				}
			}
		}
		if tried < 20 {
			t.Errorf("only %d operations were tried", tried)
		}
		if after := s.shown(order); after != before {
			t.Errorf("the victim's order changed:\n%s\n%s", before, after)
		}
	})
}

// body fills an operation's fields with the names.
func body(fields []titan.Field, operation string, n names) map[string]any {
	out := map[string]any{}
	local, _, _ := strings.Cut(n.email, "@")
	for _, f := range fields {
		v := map[string]any{"titanOrderId": n.order, "serviceId": n.order, "titanAccountId": n.account, "titanCustomerId": n.customer,
			"domainName": n.domain, "customerId": "cust-" + n.domain, "email": n.email, "alias": "sales@" + n.domain,
			"aliases": []string{"sales@" + n.domain}, "name": local}[f.Name]
		if v != nil {
			out[f.Name] = v
		}
	}
	maps.Copy(out, extra[operation])
	return out
}

func (s *server) shown(order int64) string {
	s.t.Helper()
	out, err := s.CLI(s.ctx, "order", "show", fmt.Sprint(order), "--json")
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}
