package titan

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// together runs n calls at once and gives their answers.
func (w *world) together(n int, call func(i int) (int, string)) (codes []int, bodies []string) {
	codes, bodies = make([]int, n), make([]string, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-begin
			codes[i], bodies[i] = call(i)
		}()
	}
	close(begin)
	wg.Wait()
	return codes, bodies
}

func scenarioTwoCreationsOfOneOrder(t *testing.T, w *world) {
	codes, bodies := w.together(8, func(int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/createMailOrder", createShop)
	})
	for i := range codes {
		if codes[i] != 200 || masked(bodies[i]) != masked(bodies[0]) {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if ev := w.newEvents(); ev != created {
		t.Errorf("events %q", ev)
	}
}

func scenarioTwoCustomersOrderOneDomain(t *testing.T, w *world) {
	codes, bodies := w.together(6, func(i int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/createMailOrder", fmt.Sprintf(`{"domainName":"one.example","customerId":"c%d","planType":"free"}`, i))
	})
	made := 0
	for i := range codes {
		if codes[i] == 200 {
			made++
		} else if !strings.Contains(bodies[i], "ORDER_ALREADY_EXISTS") {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if made != 1 {
		t.Errorf("%d orders were made", made)
	}
}

func scenarioLastSeatAtOnce(t *testing.T, w *world) {
	makeShop(w)
	w.play(makeKim) // one of two seats
	codes, bodies := w.together(8, func(i int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/createEmailAccount", fmt.Sprintf(`{"titanOrderId":"%s","email":"u%d@shop.example.com"}`, w.names["order"], i))
	})
	made := 0
	for i := range codes {
		if codes[i] == 200 {
			made++
		} else if !strings.Contains(bodies[i], "ACCOUNT_LIMIT_REACHED") {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if made != 1 {
		t.Errorf("%d accounts got the last seat", made)
	}
}

// A list right behind a creation has the order, also under load (2.7).
func scenarioReadYourWrites(t *testing.T, w *world) {
	w.together(8, func(i int) (int, string) {
		for j := range 5 {
			domain := fmt.Sprintf("d%d-%d.example", i, j)
			code, body := w.do(w.key, http.MethodPost, "/partner/createMailOrder", fmt.Sprintf(`{"domainName":%q,"customerId":"c%d","planType":"free"}`, domain, i))
			_, list := w.do(w.key, http.MethodGet, fmt.Sprintf("/partner/listMailOrders?customerId=c%d", i), "")
			if code != 200 || !strings.Contains(list, domain) {
				t.Errorf("%d %s\n%s", code, body, list)
			}
		}
		return 0, ""
	})
}

// One cart, paid by twenty calls at once: carried out once, one booking.
func scenarioOnePurchaseAtOnce(t *testing.T, w *world) {
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.partner, partner.Settings{Carts: true, BillingOwner: partner.BilledByPlatform}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.SetBrand(t.Context(), operator, tenancy.SetBrand{PartnerID: w.partner, Brand: brand.Brand{PaymentURL: "https://pay.example"}}); err != nil {
		t.Fatal(err)
	}
	makeShop(w)
	var id int64
	fmt.Sscan(w.names["order"], &id)
	p, err := w.core.StartPurchase(t.Context(), operator, ordering.StartPurchase{Order: work.OrderRef{ID: id}, Action: cart.BuyMoreAccounts,
		Items: []cart.Item{{Accounts: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	codes, bodies := w.together(20, func(i int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/completePurchase", fmt.Sprintf(`{"titanOrderId":%d,"trackingId":%q,"chargedAmount":"7.50","currency":"EUR","paymentTxnId":"pay-%d"}`, id, p.TrackingID, i))
	})
	for i := range codes {
		if codes[i] != 200 {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if ev := w.newEvents(); ev != "ACCOUNTS_PURCHASED" {
		t.Errorf("events %q", ev)
	}
	if err := w.store.Read(t.Context(), func(tx work.Tx) error {
		o, err := tx.Order(t.Context(), id)
		if err != nil {
			return err
		}
		all, err := tx.Payments(t.Context(), id)
		booked := 0
		for _, p := range all {
			if strings.HasPrefix(p.TxnID, "pay-") {
				booked++
			}
		}
		if o.Seats != 5 || booked != 1 {
			t.Errorf("%d seats, booked %d times", o.Seats, booked)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func scenarioOneRefundAtOnce(t *testing.T, w *world) {
	tell := func(data string) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/notification", `{"event":"REFUND_ISSUED","data":`+data+`}`)
	}
	codes, bodies := w.together(8, func(int) (int, string) { return tell(refundData("", "")) })
	for i := range codes {
		if codes[i] != 200 {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if n := strings.Count(w.bookings(), "refund t-1"); n != 1 {
		t.Errorf("booked %d times", n)
	}
	// The same with keys that we don't know: not the same bytes, yet one refund.
	codes, bodies = w.together(8, func(i int) (int, string) { return tell(refundData(`"t-1"`, fmt.Sprintf(`"t-2","x":%d`, i))) })
	for i := range codes {
		if codes[i] != 200 {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if n := strings.Count(w.bookings(), "refund t-2"); n != 1 {
		t.Errorf("booked %d times", n)
	}
	// Different amounts under one transaction id: one of them is it.
	codes, bodies = w.together(8, func(i int) (int, string) {
		return tell(strings.Replace(refundData("t-1", "t-3"), "12.50", fmt.Sprintf("12.5%d", i), 1))
	})
	taken := 0
	for i := range codes {
		switch {
		case codes[i] == 200:
			taken++
		case codes[i] != 400 || !strings.Contains(bodies[i], "PAYMENT_TXN_MISMATCH"):
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if n := strings.Count(w.bookings(), "refund t-3"); taken != 1 || n != 1 {
		t.Errorf("%d taken, %d booked", taken, n)
	}
}

func scenarioToggleAtOnce(t *testing.T, w *world) {
	w.play(step{
		call: "POST /partner/createMailOrder", save: "order=titanOrderId", events: created,
		send: `{"domainName":"a.example","customerId":"kim","planType":"free","metadata":{"cpanelHostName":"h","cpanelUserName":"kim"}}`,
		want: madeShop,
	})
	codes, bodies := w.together(8, func(int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/toggleMailService", w.fill(`{"titanOrderId":{order},"mailService":"local"}`))
	})
	for i := range codes {
		if codes[i] != 200 {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if ev := w.newEvents(); ev != recreated {
		t.Errorf("events %q", ev)
	}
}

func scenarioOneCustomerIDAtOnce(t *testing.T, w *world) {
	for _, name := range []string{"a", "b", "c", "d"} {
		w.play(step{
			call: "POST /partner/createMailOrder", save: name + "=titanOrderId", events: created,
			send: `{"domainName":"` + name + `.example","customerId":"` + name + `","planType":"free"}`,
			want: `{"reqID":"R","titanOrderId":{` + name + `},"status":"active","firstEmailAccountDetails":{}}`,
		})
	}
	codes, bodies := w.together(4, func(i int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/modifyMailCustomer", w.fill(`{"titanOrderId":{`+string(rune('a'+i))+`},"newCustomerId":"one"}`))
	})
	renamed := 0
	for i := range codes {
		switch {
		case codes[i] == 200:
			renamed++
		case codes[i] != 400 || !strings.Contains(bodies[i], "CUSTOMER_ID_IN_USE"):
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if ev := w.newEvents(); renamed != 1 || ev != customerUpdated {
		t.Errorf("%d renamed, events %q", renamed, ev)
	}
}
