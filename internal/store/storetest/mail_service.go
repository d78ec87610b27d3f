package storetest

import (
	"fmt"
	"slices"
	"testing"

	"posthouse/internal/core/due"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/work"
)

func testMailService(t *testing.T, b *bench) {
	holder := b.customer(b.partner(), "holder")
	a, c, d := b.order(holder, "b.example"), b.order(holder, "c.example"), b.order(holder, "a.example")
	b.anOrder("z.example") // another partner's
	put := func(s *mailservice.Service) {
		t.Helper()
		b.write(func(tx work.Tx) error { return tx.PutMailService(b.ctx(), s) })
	}
	of := func(id int64) *mailservice.Service {
		return get(b, func(tx work.Tx) (*mailservice.Service, error) { return tx.MailService(b.ctx(), id) })
	}
	if of(a.ID) != nil {
		t.Error("a row")
	}
	first := mailservice.Started(a.ID, a.PartnerID, when(1))
	put(first)
	same(t, of(a.ID), first)
	full := &mailservice.Service{OrderID: a.ID, PartnerID: a.PartnerID, State: mailservice.DNS, Completion: mailservice.Failed, FailureState: mailservice.New,
		FailureMessage: "why ☂", Active: true, Reported: true, UpdatedAt: when(2)}
	put(full)
	same(t, of(a.ID), full)
	open := mailservice.Started(c.ID, c.PartnerID, when(3))
	put(open)
	all := get(b, func(tx work.Tx) (map[int64]*mailservice.Service, error) {
		return tx.MailServicesOf(b.ctx(), []int64{a.ID, c.ID, d.ID, 99999})
	})
	if len(all) != 2 {
		t.Errorf("%v", all)
	}
	same(t, all[a.ID], full)
	same(t, all[c.ID], open)

	find := func(f work.MailServiceFilter) string {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 10
		}
		f.PartnerID = a.PartnerID
		out := ""
		for _, s := range get(b, func(tx work.Tx) ([]*work.DomainMailService, error) { return tx.FindMailServices(b.ctx(), f) }) {
			out += fmt.Sprintf("%s:%s/%s ", s.Domain[:1], s.State, s.Completion)
			if s.OrderID == d.ID && (!s.Active || s.Reported || s.FailureState != "" || s.FailureMessage != "" || s.PartnerID != d.PartnerID || !s.UpdatedAt.Equal(d.CreatedAt)) {
				t.Errorf("without a row: %+v", s)
			}
			if s.OrderID == a.ID {
				same(t, &s.Service, full)
			}
		}
		return out
	}
	for want, f := range map[string]work.MailServiceFilter{
		"b:dns/failed c:new/pending a:complete/success ": {},
		"a:complete/success c:new/pending b:dns/failed ": {Descending: true},
		"a:complete/success b:dns/failed c:new/pending ": {SortBy: work.SortByDomain},
		"b:dns/failed c:new/pending ":                    {Limit: 2},
		"a:complete/success ":                            {Offset: 2},
		"c:new/pending ":                                 {State: mailservice.New},
		"b:dns/failed ":                                  {Completion: mailservice.Failed},
		"a:complete/success b:dns/failed ":               {SortBy: work.SortByState, Limit: 2},
		"a:complete/success c:new/pending ":              {SortBy: work.SortByCompletion, Descending: true, Limit: 2},
		"c:new/pending  ":                                {Domain: "c.example"},
		"":                                               {State: mailservice.New, Completion: mailservice.Failed},
	} {
		if want == "c:new/pending  " {
			want = "c:new/pending "
		}
		if got := find(f); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
	if got := find(work.MailServiceFilter{State: mailservice.Complete}); got != "a:complete/success " {
		t.Errorf("complete: %q", got)
	}
	if got := find(work.MailServiceFilter{Completion: mailservice.Success, State: mailservice.Complete}); got != "a:complete/success " {
		t.Errorf("success: %q", got)
	}

	after := func(id int64) (out []int64) {
		for _, s := range get(b, func(tx work.Tx) ([]work.ScheduledService, error) {
			return tx.OpenMailServicesAfter(b.ctx(), id, 10)
		}) {
			out = append(out, s.OrderID)
			if (s.Item != nil) != (s.OrderID == c.ID) {
				t.Errorf("item of %d: %v", s.OrderID, s.Item)
			}
		}
		return out
	}
	b.write(func(tx work.Tx) error {
		return tx.SetDue(b.ctx(), due.Item{Kind: due.MailService, ObjectID: c.ID, PartnerID: c.PartnerID, At: when(3)})
	})
	if got := after(0); !slices.Equal(got, []int64{c.ID}) { // a's is reported
		t.Errorf("%v", got)
	}
	if got := after(c.ID); got != nil {
		t.Errorf("%v", got)
	}

	gone := *c
	now := when(9)
	gone.DeletedAt, gone.PurgeAt = &now, &now
	b.write(func(tx work.Tx) error { return tx.UpdateOrder(b.ctx(), &gone) })
	if got := find(work.MailServiceFilter{}); got != "b:dns/failed a:complete/success " {
		t.Errorf("a deleted order's: %q", got)
	}
	b.write(func(tx work.Tx) error { return tx.PurgeOrderRows(b.ctx(), c.ID) })
	if of(c.ID) != nil || of(a.ID) == nil {
		t.Error("a purge")
	}
}

func testMailboxesOf(t *testing.T, b *bench) {
	o, p := b.anOrder("d.example"), b.anOrder("e.example")
	last := b.account(p, "z", nil)
	marked := b.account(o, "y", suspended)
	b.account(o, "x", deleted)
	b.account(o, "w", purged)
	first := b.account(p, "a", nil)
	of := func(orders ...int64) []*work.MailboxRow {
		return get(b, func(tx work.Tx) ([]*work.MailboxRow, error) { return tx.MailboxesOf(b.ctx(), orders) })
	}
	want := []*work.MailboxRow{{AccountID: last.ID, OrderID: p.ID, Local: "z"}, {AccountID: marked.ID, OrderID: o.ID, Local: "y", Suspended: true}, {AccountID: first.ID, OrderID: p.ID, Local: "a"}}
	same(t, of(o.ID, p.ID), want)
	same(t, of(o.ID), want[1:2])
	if got := of(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
