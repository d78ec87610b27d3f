package blackbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

type logEntry struct {
	Action string          `json:"action"`
	Event  string          `json:"event"`
	Detail json.RawMessage `json:"detail"`
	Data   json.RawMessage `json:"data"`
	At     time.Time       `json:"at"`
}

func (s *server) log(args ...string) (out []logEntry) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.operator(append([]string{"log"}, append(args, "--json")...)...)), &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *server) operator(args ...string) string {
	s.t.Helper()
	out, err := s.CLI(s.ctx, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *server) clock() (now time.Time, target *time.Time) {
	s.t.Helper()
	var c struct {
		Now    time.Time  `json:"now"`
		Target *time.Time `json:"target"`
	}
	if err := json.Unmarshal([]byte(s.operator("clock", "show", strconv.FormatInt(s.Ready.Partner.ID, 10), "--json")), &c); err != nil {
		s.t.Fatal(err)
	}
	return c.Now, c.Target
}

// platformBilled makes the platform bill the sandbox partner's customers.
func (s *server) platformBilled() string {
	s.t.Helper()
	id := strconv.FormatInt(s.Ready.Partner.ID, 10)
	s.operator("partner", "settings", id, `{"billingOwner": "platform"}`)
	return id
}

// expiring makes an order that ends in three days, with a mailbox.
func (s *server) expiring(domain, email string) (order int64, expiry time.Time) {
	s.t.Helper()
	now, _ := s.clock()
	expiry = now.Truncate(24 * time.Hour).Add(3 * 24 * time.Hour)
	body := s.call("createMailOrder", map[string]any{"domainName": domain, "customerId": "cust-" + domain, "planType": "pro", "noOfAccounts": 5,
		"chargedAmount": "12.50", "expiryDate": expiry.Format(time.DateOnly), "firstEmailAccount": map[string]any{"email": email, "password": password}})
	return id(s.t, body["titanOrderId"]), expiry
}

// TestThirtySevenDays: from the expiry to the purge, watched in under 5 seconds.
func TestThirtySevenDays(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		partner := s.platformBilled()
		order, expiry := s.expiring("example.test", anna)
		s.receive(anna, "Soon gone")
		s.operator("clock", "advance", partner, "--to", expiry.Add(-time.Minute).Format(time.RFC3339))
		contains(t, s.operator("order", "show", strconv.FormatInt(order, 10)), "status     active")
		begun := time.Now()
		s.operator("clock", "advance", partner, "--by", "37d2m")
		took := time.Since(begun)
		if now, target := s.clock(); target != nil || now.Before(expiry.Add(37*24*time.Hour)) {
			t.Errorf("the clock stands at %v, on its way to %v", now, target)
		}
		const day = 24 * time.Hour
		var got []string
		for _, e := range s.log("events", partner, "--order", strconv.FormatInt(order, 10)) {
			var d struct{ OldStatus, NewStatus string }
			if err := json.Unmarshal(e.Data, &d); err != nil {
				t.Fatal(err)
			}
			if e.At.Before(expiry) {
				continue
			}
			got = append(got, fmt.Sprint(e.Event, " ", d.OldStatus, ">", d.NewStatus, " ", e.At.Sub(expiry).Truncate(day)))
		}
		want := []string{"MAIL_ORDER_STATUS_UPDATED active>suspended 0s", fmt.Sprint("MAIL_ORDER_STATUS_UPDATED suspended>deleted ", 7*day), fmt.Sprint("MAIL_ORDER_PURGED > ", 37*day)}
		if !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
		purges := s.log("audit", partner, "--action", "mail_order.purge")
		if len(purges) != 1 {
			t.Fatalf("%d audit records of a purge", len(purges))
		}
		contains(t, string(purges[0].Detail), `"messages": 1,`, `"accounts": 1,`, `"folders": 6,`, `"rule": `, `"purgeAt": `)
		if r, err := s.Titan(s.ctx, "fetchOrderDetails?titanOrderId="+strconv.FormatInt(order, 10), nil); err != nil || r.Status != 404 {
			t.Errorf("%+v, %v", r, err)
		}
		contains(t, s.operator("verify"), " 0 findings", " 2 purged")
		// A machine that was busy with other things has two more tries.
		for try := 1; took > 5*time.Second; try++ {
			if try == 3 {
				t.Fatalf("37 days took %v", took)
			}
			domain := fmt.Sprintf("again%d.test", try)
			_, expiry := s.expiring(domain, "x@"+domain)
			s.operator("clock", "advance", partner, "--to", expiry.Add(-time.Minute).Format(time.RFC3339))
			begun := time.Now()
			s.operator("clock", "advance", partner, "--by", "37d2m")
			took = time.Since(begun)
		}
	})
}

// TestKilledOnTheWay: kill -9 while a clock moves and mailboxes are purged loses
// nothing and does nothing twice.
func TestKilledOnTheWay(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		partner := s.platformBilled()
		var orders []int64
		for i := range 8 {
			o, _ := s.expiring(fmt.Sprintf("d%d.test", i), fmt.Sprintf("x@d%d.test", i))
			orders = append(orders, o)
		}
		s.operator("clock", "advance", partner, "--by", "60d", "--no-wait")
		for range 4 {
			if _, target := s.clock(); target == nil {
				break
			}
			s.Kill()
			s = startIn(t, s.ctx, s.Dir, s.Env)
		}
		ctx, cancel := context.WithTimeout(s.ctx, leaseEnds)
		defer cancel()
		for target := new(time.Time); target != nil; _, target = s.clock() {
			if ctx.Err() != nil {
				t.Fatal("the clock does not come to its target")
			}
		}
		for _, o := range orders {
			n := map[string]int{}
			for _, a := range s.log("audit", partner, "--object", "order", "--id", strconv.FormatInt(o, 10)) {
				n[a.Action]++
			}
			for _, want := range []string{"mail_order.suspend", "mail_order.delete", "mail_order.purge"} {
				if n[want] != 1 {
					t.Errorf("order %d: %d times %s", o, n[want], want)
				}
			}
		}
		contains(t, s.operator("verify"), " 0 findings", " 16 purged")
		contains(t, s.operator("due", "list", "--failed", "--json"), "[]")
	})
}

// TestOperatorSuspends: what support suspends for abuse, the partner does not lift.
func TestOperatorSuspends(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, account := s.order("example.test", anna)
		o, a := strconv.FormatInt(order, 10), strconv.FormatInt(account, 10)
		contains(t, s.operator("order", "suspend", o, "--type", "abuse", "--note", "spam"), "is suspended", "abuse by titanSupport")
		r, err := s.Titan(s.ctx, "unsuspendMailOrder", map[string]any{"titanOrderId": o, "suspensionType": "abuse"})
		if err != nil || r.Status != 403 || !strings.Contains(r.Raw, "HIGHER_ROLE") {
			t.Errorf("%+v, %v", r, err)
		}
		contains(t, s.operator("order", "unsuspend", o, "--type", "abuse"), "is active")
		contains(t, s.operator("account", "suspend", a, "--type", "abuse", "--json"), `"status": "suspended"`)
		contains(t, s.operator("account", "unsuspend", a, "--type", "abuse", "--json"), `"status": "active"`)
	})
}

// TestClockWithoutServer: the request stays, and the command says why nothing moves.
func TestClockWithoutServer(t *testing.T) {
	s := start(t, nil)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	partner := strconv.FormatInt(s.Ready.Partner.ID, 10)
	if _, err := s.CLI(s.ctx, "clock", "advance", partner, "--by", "1w"); err == nil || !strings.Contains(err.Error(), "posthouse serve") {
		t.Fatal(err)
	}
	s = startIn(t, s.ctx, s.Dir, s.Env)
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	for target := new(time.Time); target != nil; _, target = s.clock() {
		if ctx.Err() != nil {
			t.Fatal("the request was forgotten")
		}
	}
	for _, bad := range [][]string{{"--by", "0d"}, {"--by", "-1d"}, {"--by", "x"}, {"--to", "2020-01-01"}, {"--by", "11000d"}, {}} {
		if out, err := s.CLI(s.ctx, append([]string{"clock", "advance", partner}, bad...)...); err == nil {
			t.Errorf("%q is taken: %s", bad, out)
		}
	}
}
