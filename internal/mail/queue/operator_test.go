package queue

import (
	"context"
	"strings"
	"testing"

	"posthouse/internal/fault"
)

func TestOperator(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		id := b.submit(1, "bob@here.test", "x@absent.test", "ann@here.test")
		c, err := b.Hold(ctx, id, "BOB@here.test")
		must(t, err)
		if c != (Changed{Recipients: 1}) {
			t.Errorf("%+v", c)
		}
		b.drain()
		b.expect(id, "bob@here.test=held x@absent.test=bounced ann@here.test=delivered")
		b.check()
		list, err := b.List(ctx, Filter{State: Held})
		must(t, err)
		if len(list) != 1 || list[0].ID != id || list[0].States[Held] != 1 || list[0].States[Delivered] != 1 || list[0].Finished != nil {
			t.Errorf("%+v", list)
		}
		for name, f := range map[string]Filter{"partner": {PartnerID: 99}, "account": {AccountID: 99}, "domain": {Domain: "x.test"}, "state": {State: Expired}, "cursor": {After: 1 << 40}} {
			if list, err := b.List(ctx, f); err != nil || len(list) != 0 {
				t.Errorf("%s: %v %v", name, list, err)
			}
		}
		if list, err := b.List(ctx, Filter{PartnerID: 10, AccountID: 1, Domain: "Here.test", Open: true}); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
		_, err = b.Release(ctx, id, "")
		must(t, err)
		b.drain()
		b.expect(id, "bob@here.test=delivered x@absent.test=bounced ann@here.test=delivered")
		b.check()

		// What is being delivered is left alone, and said to be.
		id = b.submit(1, "bob@here.test")
		got, _, err := b.lease(ctx, 1)
		must(t, err)
		if c, err := b.Hold(ctx, id, ""); err != nil || c != (Changed{Busy: 1}) {
			t.Errorf("%+v %v", c, err)
		}
		if c, err := b.Fail(ctx, id, "", ""); err != nil || c != (Changed{Busy: 1}) {
			t.Errorf("%+v %v", c, err)
		}
		b.work(ctx, got[0])
		b.ended(got[0])
		b.expect(id, "bob@here.test=delivered")

		b.dns.fail("down.test")
		id = b.submit(1, "x@down.test", "y@down.test")
		b.drain()
		b.expect(id, "x@down.test=ready y@down.test=ready")
		if n := b.drain(); n != 0 {
			t.Errorf("%d batches before their time", n)
		}
		_, err = b.Retry(ctx, id, "x@down.test")
		must(t, err)
		if n := b.drain(); n != 1 || b.show(id).Recipients[0].Attempts != 2 {
			t.Errorf("%d batches, %+v", n, b.show(id))
		}
		c, err = b.Fail(ctx, id, "", "not today\r\nnor tomorrow")
		must(t, err)
		if c.Recipients != 2 {
			t.Errorf("%+v", c)
		}
		b.drain()
		b.expect(id, "x@down.test=bounced y@down.test=bounced")
		if got := b.told(1); !strings.Contains(got[len(got)-1], "not today nor tomorrow") {
			t.Error(got[len(got)-1])
		}
		if r := b.show(id).Recipients[0]; r.Reply != "not today nor tomorrow" {
			t.Errorf("%+v", r)
		}
		b.drain()
		b.check()

		for name, fn := range map[string]func(context.Context, string, string) (Changed, error){"hold": b.Hold, "release": b.Release, "retry": b.Retry} {
			if _, err := fn(ctx, "unknown", ""); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := fn(ctx, id, "nobody@x.test"); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
			if c, err := fn(ctx, id, ""); err != nil || c.Recipients != 0 {
				t.Errorf("%s of a finished message: %v %v", name, c, err)
			}
		}
		if _, err := b.Show(ctx, "unknown"); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
}
