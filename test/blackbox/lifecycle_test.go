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

// shownOrder is what `posthouse order show --json` tells.
type shownOrder struct {
	Status string `json:"status"`
	Events []struct {
		ID       int64     `json:"id"`
		PublicID string    `json:"publicId"`
		Type     string    `json:"event"`
		At       time.Time `json:"at"`
	} `json:"events"`
}

func (s *server) cli(args ...string) string {
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
	if err := json.Unmarshal([]byte(s.cli("clock", "show", strconv.FormatInt(s.Ready.Partner.ID, 10), "--json")), &c); err != nil {
		s.t.Fatal(err)
	}
	return c.Now, c.Target
}

// platformBilled makes the platform bill the sandbox partner's customers.
func (s *server) platformBilled() string {
	s.t.Helper()
	id := strconv.FormatInt(s.Ready.Partner.ID, 10)
	s.cli("partner", "settings", id, `{"billingOwner": "platform"}`)
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

// events gives an order's events of the life cycle, oldest first.
func (s *server) events(order int64) (out shownOrder) {
	s.t.Helper()
	raw, err := s.CLI(s.ctx, "order", "show", strconv.FormatInt(order, 10), "--json")
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		s.t.Fatal(err)
	}
	slices.Reverse(out.Events)
	return out
}

// TestThirtySevenDays: from the expiry to the purge, watched in under 5 seconds.
func TestThirtySevenDays(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		partner := s.platformBilled()
		order, expiry := s.expiring("example.test", anna)
		s.receive(anna, "Soon gone")
		s.cli("clock", "advance", partner, "--to", expiry.Add(-time.Minute).Format(time.RFC3339))
		if got := s.events(order).Status; got != "active" {
			t.Fatalf("the order is %s before its time", got)
		}
		begun := time.Now()
		s.cli("clock", "advance", partner, "--by", "37d2m")
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("37 days took %v", took)
		}
		if now, target := s.clock(); target != nil || now.Before(expiry.Add(37*24*time.Hour)) {
			t.Errorf("the clock stands at %v, on its way to %v", now, target)
		}
		want := map[string]time.Time{"suspended": expiry, "deleted": expiry.Add(7 * 24 * time.Hour), "purged": expiry.Add(37 * 24 * time.Hour)}
		at := map[string]time.Time{}
		for _, e := range s.auditOf("order", order) {
			switch e.Action {
			case "mail_order.suspend":
				at["suspended"] = e.At
			case "mail_order.delete":
				at["deleted"] = e.At
			case "mail_order.purge":
				at["purged"] = e.At
				contains(t, string(e.Detail), `"messages":1`, `"accounts":1`)
			}
		}
		for what, when := range want {
			if late := at[what].Sub(when); late < 0 || late > time.Minute {
				t.Errorf("%s at %v, want %v", what, at[what], when)
			}
		}
		if r, err := s.Titan(s.ctx, "fetchOrderDetails?titanOrderId="+strconv.FormatInt(order, 10), nil); err != nil || r.Status != 404 {
			t.Errorf("%+v, %v", r, err)
		}
		contains(t, s.cli("verify"), " 0 findings", " 2 purged")
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
		s.cli("clock", "advance", partner, "--by", "60d", "--no-wait")
		for range 4 {
			if _, target := s.clock(); target == nil {
				break
			}
			s.Kill()
			s = startIn(t, s.ctx, s.Dir, s.Env)
		}
		ctx, cancel := context.WithTimeout(s.ctx, patience)
		defer cancel()
		for target := new(time.Time); target != nil; _, target = s.clock() {
			if ctx.Err() != nil {
				t.Fatal("the clock does not come to its target")
			}
		}
		for _, o := range orders {
			n := map[string]int{}
			for _, a := range s.auditOf("order", o) {
				n[a.Action]++
			}
			for _, want := range []string{"mail_order.suspend", "mail_order.delete", "mail_order.purge"} {
				if n[want] != 1 {
					t.Errorf("order %d: %d times %s", o, n[want], want)
				}
			}
		}
		contains(t, s.cli("verify"), " 0 findings", " 16 purged")
		contains(t, s.cli("due", "list", "--failed", "--json"), "[]")
	})
}

// TestOperatorSuspends: what support suspends for abuse, the partner does not lift.
func TestOperatorSuspends(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, account := s.order("example.test", anna)
		o, a := strconv.FormatInt(order, 10), strconv.FormatInt(account, 10)
		contains(t, s.cli("order", "suspend", o, "--type", "abuse", "--note", "spam"), "is suspended", "abuse by titanSupport")
		r, err := s.Titan(s.ctx, "unsuspendMailOrder", map[string]any{"titanOrderId": o, "suspensionType": "abuse"})
		if err != nil || r.Status != 403 || !strings.Contains(r.Raw, "HIGHER_ROLE") {
			t.Errorf("%+v, %v", r, err)
		}
		contains(t, s.cli("order", "unsuspend", o, "--type", "abuse"), "is active")
		contains(t, s.cli("account", "suspend", a, "--type", "abuse", "--json"), `"status": "suspended"`)
		contains(t, s.cli("account", "unsuspend", a, "--type", "abuse", "--json"), `"status": "active"`)
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
