package order

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

var now = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func at(d time.Duration) *time.Time { t := now.Add(d); return &t }

func TestStatus(t *testing.T) {
	suspended := suspension.Set{{Type: "x", Role: suspension.RolePartner, On: now}}
	abuse := suspension.Set{{Type: suspension.TypeAbuse, Role: suspension.RoleTitan, On: now}}
	for _, c := range []struct {
		name                string
		o                   Order
		want                Status
		accept, login, send bool
	}{
		{"active", Order{Serviceable: true}, Active, true, true, true},
		{"not serviceable", Order{}, Active, false, true, false},
		{"local", Order{Serviceable: true, MailService: ServiceLocal}, Active, false, true, false},
		{"suspended", Order{Serviceable: true, Suspensions: suspended}, Suspended, true, false, false},
		{"abuse", Order{Serviceable: true, Suspensions: abuse}, Suspended, false, false, false},
		{"pending", Order{Serviceable: true, PendingPayment: true}, Pending, false, false, false},
		{"pending and suspended", Order{PendingPayment: true, Suspensions: suspended}, Pending, false, false, false},
		{"deleted", Order{Serviceable: true, DeletedAt: at(-time.Hour), PurgeAt: at(1), Suspensions: suspended}, Deleted, false, false, false},
		{"purge is due", Order{DeletedAt: at(-time.Hour), PurgeAt: at(0)}, Purged, false, false, false},
		{"purged", Order{PurgedAt: at(-1)}, Purged, false, false, false},
	} {
		if got := c.o.Status(now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if c.o.AcceptsMail() != c.accept || c.o.AllowsLogin(now) != c.login || c.o.MaySend(now) != c.send {
			t.Errorf("%s: accepts %v, login %v, sends %v", c.name, c.o.AcceptsMail(), c.o.AllowsLogin(now), c.o.MaySend(now))
		}
	}
}

func TestDeleteAndReactivate(t *testing.T) {
	o := Order{ID: 1}
	if !o.Delete(now, 30*24*time.Hour, "why") || o.Status(now) != Deleted || !o.PurgeAt.Equal(now.AddDate(0, 0, 30)) {
		t.Fatalf("%+v", o)
	}
	if o.Delete(now.Add(time.Hour), time.Hour, "again") || o.DeletionReason != "why" || !o.PurgeAt.Equal(now.AddDate(0, 0, 30)) {
		t.Fatalf("the day moved: %+v", o)
	}
	last := o.PurgeAt.Add(-1)
	if r := o.RefusesReactivation(last, []*Order{{ID: 1}, {ID: 2, DeletedAt: at(0)}}); r != "" {
		t.Error(r)
	}
	if r := o.RefusesReactivation(last, []*Order{{ID: 2}}); r != ReasonAnotherOrder {
		t.Error(r)
	}
	if r := o.RefusesReactivation(*o.PurgeAt, nil); r != ReasonAlreadyPurged {
		t.Error(r)
	}
	o.Reactivate(now)
	if o.Status(now) != Active || o.RefusesReactivation(now, nil) != ReasonNotDeleted {
		t.Errorf("%+v", o)
	}
	pending := Order{PendingPayment: true}
	if r := pending.RefusesReactivation(now, nil); r != "" {
		t.Error(r)
	}
}

func TestSeats(t *testing.T) {
	o := Order{Seats: 2, Plan: plan.Pro}
	for provisioned, want := range []string{"", "", ReasonAccountLimit, ReasonAccountLimit} {
		err := o.TakesSeat(Counters{Provisioned: provisioned})
		if (err == nil) != (want == "") || (err != nil && fault.Of(err).Reason != want) {
			t.Errorf("%d of 2: %v", provisioned, err)
		}
	}
	if err := (Counters{Provisioned: 3}).ReducesTo(2); fault.Of(err).Reason != ReasonAccountsInUse {
		t.Error(err)
	}
	if err := (Counters{Provisioned: 2}).ReducesTo(2); err != nil {
		t.Error(err)
	}
	for n, ok := range map[int]bool{-1: false, 0: false, 1: true, MaxSeats: true, MaxSeats + 1: false} {
		if err := CheckSeats(n); (err == nil) != ok {
			t.Errorf("%d: %v", n, err)
		}
	}
	c := plan.DefaultCatalogue()
	for p, want := range map[plan.Plan]int{plan.Pro: 2, plan.Ultra: 2, plan.Free: 0, plan.ProTrial: 0} {
		o.Plan = p
		if got := o.Billable(c); got != want {
			t.Errorf("%s: %d billable", p, got)
		}
	}
}

func TestParseDomain(t *testing.T) {
	for in, want := range map[string]string{
		"example.com": "example.com", " EXAMPLE.com. ": "example.com", "a-b.example.co.uk": "a-b.example.co.uk",
		"../../etc": "", "a..b": "", "192.0.2.1": "", "[192.0.2.1]": "", "::1": "", "münchen.de": "", "xn--mnchen-3ya.de": "", "localhost": "",
		"": "", ".": "", "a b.com": "", "-a.com": "", "a_b.com": "", "a.com\x00": "", "a.com/b": "", "\xff.com": "",
		strings.Repeat("a", 64) + ".com": "", strings.Repeat("a.", 130) + "com": "", strings.Repeat("x", 1<<20): "",
	} {
		got, err := ParseDomain(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.50q gives %q, %v", in, got, err)
		}
		if err == nil {
			continue
		}
		f := fault.Of(err)
		if f.Code != fault.InvalidDomain || !strings.HasPrefix(f.Text, "Invalid domain name") || len(f.Text) > 200 {
			t.Errorf("%.50q: %+v", in, f)
		}
	}
}

func TestMergeMetadata(t *testing.T) {
	for _, c := range []struct{ old, add, want string }{
		{``, `{"b":1, "a":[1, 2]}`, `{"a":[1,2],"b":1}`},
		{`{"a":1,"b":2}`, `{"b":3}`, `{"a":1,"b":3}`},
		{`{"a":1}`, `{"a":null,"c":null}`, `{"a":1}`},
		{`{"a":1}`, `{}`, `{"a":1}`},
		{``, `{}`, ``},
		{``, `{"x":{"y":null}}`, `{"x":{"y":null}}`},
		{``, `null`, ``},
		{``, `[1]`, `error`},
		{``, `"text"`, `error`},
		{``, `{"a":`, `error`},
		{``, "{\"a\":\"\xff\"}", "{\"a\":\"\uFFFD\"}"},
		{``, `{"a":"` + strings.Repeat("x", MaxMetadata) + `"}`, `error`},
		{`{"b":"` + strings.Repeat("x", MaxMetadata/2) + `"}`, `{"a":"` + strings.Repeat("x", MaxMetadata/2) + `"}`, `error`},
		{``, `{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, `error`},
	} {
		got, err := MergeMetadata(json.RawMessage(c.old), json.RawMessage(c.add))
		if (err != nil) != (c.want == "error") {
			t.Errorf("%.40s + %.40s: %v", c.old, c.add, err)
		}
		if err == nil && string(got) != c.want {
			t.Errorf("%.40s + %.40s = %.80s", c.old, c.add, got)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40s: %v", c.add, err)
		}
	}
}

func TestMergingAgainChangesNothing(t *testing.T) {
	value := rapid.Map(rapid.MapOf(rapid.String(), rapid.String()), func(m map[string]string) string {
		b, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		return string(b)
	})
	rapid.Check(t, func(t *rapid.T) {
		old, add := json.RawMessage(value.Draw(t, "old")), json.RawMessage(value.Draw(t, "add"))
		once, err := MergeMetadata(old, add)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := MergeMetadata(once, add)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%s became %s: %v", once, twice, err)
		}
	})
}

func TestCPanel(t *testing.T) {
	for in, want := range map[string]CPanel{
		``: {}, `{}`: {}, `[]`: {}, `{"cpanelHostName":"h","cpanelUserName":"u","x":1}`: {"h", "u"},
		`{"cpanelHostName":7,"cpanelUserName":"u"}`: {"", "u"},
	} {
		if got := CPanelOf(json.RawMessage(in)); got != want {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

func TestEnumerations(t *testing.T) {
	for c, months := range map[Cycle]int{"monthly": 1, "quarterly": 3, "semesterly": 6, "yearly": 12, "two_yearly": 24, "four_yearly": 48, "biennial": 0, "": 0, "Monthly": 0} {
		if c.Months() != months || c.Valid() != (months > 0) {
			t.Errorf("%q: %d", c, c.Months())
		}
	}
	for s, ok := range map[Source]bool{"domain": true, "standalone": true, "hosting": true, "migrated": true, "Domain": false, "": false} {
		if s.Valid() != ok {
			t.Errorf("source %q", s)
		}
	}
	for a, ok := range map[Action]bool{"newPurchase": true, "renewAndUpgrade": true, "upgrade": false, "": false} {
		if a.Valid() != ok {
			t.Errorf("action %q", a)
		}
	}
	if len(actions) != 14 {
		t.Errorf("%d actions", len(actions))
	}
	for m, ok := range map[MailService]bool{"titan": true, "local": true, "Titan": false, "": false} {
		if m.Valid() != ok {
			t.Errorf("mail service %q", m)
		}
	}
}
