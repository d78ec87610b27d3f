package webhook

import (
	"bytes"
	"testing"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/fault"
)

func TestFormats(t *testing.T) {
	ok := func(f Format, status int, cut string) bool { return f.Succeeded(&Attempt{Status: status, Error: cut}) }
	for status, want := range map[int][2]bool{200: {true, true}, 201: {false, true}, 204: {false, true}, 299: {false, true}, 300: {}, 199: {}, 404: {}, 500: {}, 0: {}} {
		if ok(FormatTitan, status, "") != want[0] || ok(FormatBaseKit, status, "") != want[1] || ok("", status, "") != want[0] {
			t.Errorf("status %d", status)
		}
		if ok(FormatTitan, status, "cut off") || ok(FormatBaseKit, status, "cut off") {
			t.Errorf("status %d, cut off", status)
		}
	}
	total := time.Duration(0)
	last := time.Duration(0)
	for n := 1; ; n++ {
		p, again := FormatBaseKit.Pause(n)
		if !again {
			break
		}
		if p < last {
			t.Errorf("the pause after attempt %d is shorter than the one before", n)
		}
		total, last = total+p, p
	}
	if total != 72*time.Hour {
		t.Errorf("three days are %v", total)
	}
	for _, n := range []int{1, 2, 1000} {
		if p, again := FormatTitan.Pause(n); p != time.Minute || !again {
			t.Errorf("Titan pauses %v", p)
		}
	}
	// An HMAC that is known: RFC 4231, case 2.
	h := FormatBaseKit.Headers([]byte("Jefe"), "id", time.Time{}, []byte("what do ya want for nothing?"))
	if h["X-Delivery-Hmac-SHA256"] != "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" {
		t.Errorf("%v", h)
	}
	key, text, err := FormatBaseKit.NewSecret(bytes.NewReader(bytes.Repeat([]byte{0xab}, 32)))
	if err != nil || string(key) != text || len(text) != 64 {
		t.Errorf("%q, %q, %v", key, text, err)
	}
	if got := string(FormatBaseKit.body("id", event.AccountHolderCreated, []byte(`{"ref":1}`))); got != `{"eventName":"account_holder.created","accountHolder":{"ref":1}}` {
		t.Error(got)
	}
	if got := string(FormatTitan.body("id", event.MailOrderCreated, nil)); got != `{"id":"id","event":"MAIL_ORDER_CREATED","data":{}}` {
		t.Error(got)
	}
	if f, err := ParseFormat(""); f != FormatTitan || err != nil {
		t.Error(f, err)
	}
	if _, err := ParseFormat("xml"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for _, c := range [][2]int64{{7, 0}, {0, 7}, {0, 0}} {
		if o, h := LaneOf(Lane(c[0], c[1])); o != c[0] || h != c[1] {
			t.Errorf("%v becomes %d, %d", c, o, h)
		}
	}
	if Lane(7, 0) == Lane(0, 7) {
		t.Error("an order and a holder share a lane")
	}
	for e, want := range map[*Endpoint][2]bool{
		{}: {true, false}, {Format: FormatTitan}: {true, false}, {Format: FormatBaseKit}: {false, true},
	} {
		if e.Takes(event.MailOrderCreated) != want[0] || e.Takes(event.AccountHolderCreated) != want[1] {
			t.Errorf("%+v", e)
		}
	}
}
