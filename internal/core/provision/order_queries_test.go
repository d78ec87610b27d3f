package provision_test

import (
	"testing"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func TestOrderReferences(t *testing.T) {
	w := newWorld(t)
	old := w.order(w.a, proOrder("d.example", "c-1"))
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: old}}); err != nil {
		t.Fatal(err)
	}
	live := w.order(w.a, proOrder("d.example", "c-1"))
	for name, c := range map[string]struct {
		ref  work.OrderRef
		want int64
		code fault.Code
	}{
		"id":                 {work.OrderRef{ID: old}, old, ""},
		"pair":               {work.OrderRef{Domain: " D.example. ", CustomerID: "c-1"}, live, ""},
		"id wins":            {work.OrderRef{ID: old, Domain: "d.example", CustomerID: "c-1", ServiceID: live}, old, ""},
		"pair wins":          {work.OrderRef{Domain: "d.example", CustomerID: "c-1", ServiceID: old}, live, ""},
		"service id":         {work.OrderRef{ServiceID: old}, old, ""},
		"domain alone":       {work.OrderRef{Domain: "d.example", ServiceID: old}, old, ""},
		"nothing":            {work.OrderRef{}, 0, fault.Invalid},
		"half a pair":        {work.OrderRef{Domain: "d.example"}, 0, fault.Invalid},
		"unknown id":         {work.OrderRef{ID: 999}, 0, fault.OrderNotFound},
		"negative id":        {work.OrderRef{ID: -1}, 0, fault.OrderNotFound},
		"other customer":     {work.OrderRef{Domain: "d.example", CustomerID: "c-2"}, 0, fault.OrderNotFound},
		"unknown, then none": {work.OrderRef{ID: 999, ServiceID: live}, 0, fault.OrderNotFound},
		"nul":                {work.OrderRef{Domain: "d\x00", CustomerID: "c-1"}, 0, fault.OrderNotFound},
	} {
		d, err := w.s.FetchOrder(w.ctx, w.a, c.ref)
		if c.code != "" {
			if !fault.Is(err, c.code) {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || d.Order.ID != c.want {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

func TestListAndAvailability(t *testing.T) {
	w := newWorld(t)
	var ids []int64
	for _, d := range []string{"a.example", "b.example", "c.example"} {
		ids = append(ids, w.order(w.a, proOrder(d, "c-1")))
	}
	w.account(w.a, ids[2], "x@c.example")
	if _, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: ids[0]}}); err != nil {
		t.Fatal(err)
	}
	list, err := w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{CustomerID: " c-1 "})
	if err != nil || len(list) != 3 || list[0].Order.ID != ids[1] || list[1].Order.ID != ids[2] || list[2].Order.ID != ids[0] {
		t.Fatalf("%+v, %v", list, err)
	}
	if list[1].Counters != (order.Counters{Active: 1, Provisioned: 1}) {
		t.Errorf("%+v", list[1].Counters)
	}
	number := list[0].Customer.ID
	if byNumber, err := w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{CustomerID: "unknown", CustomerNumber: number}); err != nil || len(byNumber) != 3 {
		t.Errorf("%v, %v", byNumber, err)
	}
	for _, q := range []ordering.ListMailOrders{{CustomerID: "c-2"}, {CustomerNumber: 999}, {CustomerNumber: -1}} {
		if _, err := w.s.ListMailOrders(w.ctx, w.a, q); !fault.Is(err, fault.CustomerNotFound) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if _, err := w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for domain, free := range map[string]bool{"a.example": true, "B.example": false, "new.example": true} {
		got, err := w.s.CheckMailOrderAvailability(w.ctx, w.a, domain)
		if err != nil || got.Available != free || (got.Existing == nil) != free {
			t.Errorf("%s: %+v, %v", domain, got, err)
		}
		if other, err := w.s.CheckMailOrderAvailability(w.ctx, w.b, domain); err != nil || !other.Available {
			t.Errorf("%s for the other partner: %+v, %v", domain, other, err)
		}
	}
	if _, err := w.s.CheckMailOrderAvailability(w.ctx, w.a, "a..b"); !fault.Is(err, fault.InvalidDomain) {
		t.Error(err)
	}
}
