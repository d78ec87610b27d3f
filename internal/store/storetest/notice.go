package storetest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/work"
)

func (b *bench) notice(partnerID int64, to string) *notice.Notice {
	b.t.Helper()
	n := &notice.Notice{PartnerID: partnerID, ResellerID: 3, OrderID: 4, AccountID: 5, CustomerID: 6, Kind: notice.OrderWelcome, To: to, FallbackTo: "f@example.org",
		Locale: "de", Data: json.RawMessage(`{"domain":"ä.example"}`), SealedToken: []byte{0, 1, 0xff}, CreatedAt: when(7)}
	b.write(func(tx work.Tx) error { return tx.InsertNotice(b.ctx(), n) })
	return n
}

func testNotice(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	one, two, other := b.notice(p.ID, "1@example.org"), b.notice(p.ID, "2@example.org"), b.notice(q.ID, "3@example.org")
	find := func(id int64) *notice.Notice {
		return get(b, func(tx work.Tx) (*notice.Notice, error) { return tx.Notice(b.ctx(), id) })
	}
	next := func(after int64, now time.Time) int64 {
		n := get(b, func(tx work.Tx) (*notice.Notice, error) { return tx.NextNotice(b.ctx(), after, now) })
		if n == nil {
			return 0
		}
		return n.ID
	}
	same(t, find(one.ID), one)
	for _, tc := range []struct{ after, want int64 }{{0, one.ID}, {p.ID, other.ID}, {q.ID, one.ID}, {q.ID + 100, one.ID}} {
		if got := next(tc.after, when(0)); got != tc.want {
			t.Errorf("after partner %d comes %d, want %d", tc.after, got, tc.want)
		}
	}
	one.Attempts, one.TryAt, one.LastError = 2, when(50), "broken"
	b.write(func(tx work.Tx) error { return tx.UpdateNotice(b.ctx(), one) })
	same(t, find(one.ID), one)
	if got := next(0, when(49)); got != two.ID {
		t.Errorf("a waiting one is not passed over: %d", got)
	}
	other.Parked = true
	b.write(func(tx work.Tx) error {
		gone, err := tx.DeleteNotice(b.ctx(), two.ID)
		if err == nil && !gone {
			t.Error("not deleted")
		}
		if err == nil {
			gone, err = tx.DeleteNotice(b.ctx(), two.ID)
		}
		if err == nil && gone {
			t.Error("deleted twice")
		}
		if err == nil {
			err = tx.UpdateNotice(b.ctx(), other)
		}
		return err
	})
	if a, c := next(0, when(49)), next(p.ID, when(49)); a != 0 || c != 0 {
		t.Errorf("nothing is due, got %d and %d", a, c)
	}
	for _, after := range []int64{0, p.ID, q.ID} {
		if got := next(after, when(50)); got != one.ID {
			t.Errorf("after %d: %d is due", after, got)
		}
	}
	list := func(f work.NoticeFilter) []int64 {
		return ids(get(b, func(tx work.Tx) ([]*notice.Notice, error) { return tx.Notices(b.ctx(), f) }), func(n *notice.Notice) int64 { return n.ID })
	}
	for _, tc := range []struct {
		f    work.NoticeFilter
		want []int64
	}{
		{work.NoticeFilter{Limit: 10}, []int64{one.ID, other.ID}}, {work.NoticeFilter{Limit: 1}, []int64{one.ID}},
		{work.NoticeFilter{Limit: 10, After: one.ID}, []int64{other.ID}}, {work.NoticeFilter{Limit: 10, Parked: true}, []int64{other.ID}},
		{work.NoticeFilter{Limit: 10, PartnerID: p.ID}, []int64{one.ID}},
	} {
		if got := list(tc.f); !slices.Equal(got, tc.want) {
			t.Errorf("%+v: %v, want %v", tc.f, got, tc.want)
		}
	}
	absent(b, "unknown", func(tx work.Tx) (*notice.Notice, error) { return tx.Notice(b.ctx(), 999) })
}

func testPasswordToken(t *testing.T, b *bench) {
	p := b.partner()
	put := func(k work.PasswordToken) *work.PasswordToken {
		k.PartnerID, k.ResellerID, k.Locale, k.CreatedAt = p.ID, 2, "fr", when(1)
		b.write(func(tx work.Tx) error { return tx.PutPasswordToken(b.ctx(), &k) })
		return &k
	}
	find := func(hash string) *work.PasswordToken {
		return get(b, func(tx work.Tx) (*work.PasswordToken, error) {
			return tx.PasswordToken(b.ctx(), []byte(hash))
		})
	}
	a := put(work.PasswordToken{AccountID: 5, Hash: []byte("first"), ExpiresAt: when(10)})
	c := put(work.PasswordToken{CustomerID: 5, Hash: []byte("panel"), ExpiresAt: when(20)})
	same(t, find("first"), a)
	same(t, find("panel"), c)
	newer := put(work.PasswordToken{AccountID: 5, Hash: []byte("second"), ExpiresAt: when(30)})
	if find("first") != nil {
		t.Error("the older one is still there")
	}
	same(t, find("second"), newer)
	b.write(func(tx work.Tx) error { return tx.ForgetPasswordTokens(b.ctx(), when(25)) })
	if find("panel") != nil || find("second") == nil {
		t.Error("forgotten wrongly")
	}
	b.write(func(tx work.Tx) error { return tx.DropPasswordToken(b.ctx(), 0, 5) })
	if find("second") == nil {
		t.Error("another subject's was dropped")
	}
	b.write(func(tx work.Tx) error { return tx.DropPasswordToken(b.ctx(), 5, 0) })
	if find("second") != nil {
		t.Error("not dropped")
	}
}

func testCustomersByEmail(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	var all []int64
	for i, at := range []int64{p.ID, p.ID, q.ID} {
		c := &customer.Customer{PartnerID: at, CustomerID: string(rune('a' + i)), Email: []string{"Kim@example.org", "kim@EXAMPLE.org", "kim@example.org"}[i],
			Status: customer.Active, CreatedAt: when(1), UpdatedAt: when(1)}
		b.write(func(tx work.Tx) error { return tx.InsertCustomer(b.ctx(), c) })
		all = append(all, c.ID)
	}
	for _, tc := range []struct {
		partner int64
		email   string
		limit   int
		want    []int64
	}{{0, "KIM@example.org", 10, all}, {p.ID, "kim@example.org", 10, all[:2]}, {q.ID, "kim@example.org", 10, all[2:]}, {0, "kim@example.org", 1, all[:1]}, {0, "lee@example.org", 10, nil}} {
		got := ids(get(b, func(tx work.Tx) ([]*customer.Customer, error) {
			return tx.CustomersByEmail(b.ctx(), tc.partner, tc.email, tc.limit)
		}),
			func(c *customer.Customer) int64 { return c.ID })
		if !slices.Equal(got, tc.want) && len(got)+len(tc.want) > 0 {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

func testQuotaNotice(t *testing.T, b *bench) {
	put := func(id int64, l work.QuotaLevel) (fresh bool) {
		b.write(func(tx work.Tx) (err error) { fresh, err = tx.PutQuotaNotice(b.ctx(), id, l, when(1)); return err })
		return fresh
	}
	if !put(1, work.QuotaNearlyFull) || put(1, work.QuotaNearlyFull) || !put(1, work.QuotaFull) || !put(2, work.QuotaFull) {
		t.Error("noted wrongly")
	}
	told := func() map[int64][]work.QuotaLevel {
		return get(b, func(tx work.Tx) (map[int64][]work.QuotaLevel, error) {
			return tx.QuotaNotices(b.ctx(), []int64{1, 2, 3})
		})
	}
	same(t, told(), map[int64][]work.QuotaLevel{1: {work.QuotaFull, work.QuotaNearlyFull}, 2: {work.QuotaFull}})
	b.write(func(tx work.Tx) error { return tx.DropQuotaNotices(b.ctx(), 1) })
	same(t, told(), map[int64][]work.QuotaLevel{2: {work.QuotaFull}})
}
