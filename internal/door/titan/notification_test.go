package titan

import (
	"fmt"
	"strings"
	"testing"

	"posthouse/internal/core/notification"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
)

// refundData is valid data of REFUND_ISSUED with one thing replaced.
func refundData(replace, by string) string {
	const all = `{"paymentTxnId":"t-1","orderId":"A-17","domainName":"shop.example.com","customerId":"cust-1","refundAmount":"12.50","refundTaxAmount":0.5,"refundUSDAmount":13,"currency":"EUR"}`
	if replace == "" {
		return all
	}
	return strings.Replace(all, replace, by, 1)
}

func told(event, data string) step {
	return step{call: "POST /partner/notification", send: `{"event":"` + event + `","data":` + data + `}`, want: done}
}

func refused(event, data, want string) step {
	s := told(event, data)
	s.status, s.want = 400, want
	return s
}

// bookings gives what was booked, one line each.
func (w *world) bookings() string {
	w.t.Helper()
	all, err := w.core.Bookings(w.t.Context(), operator, selling.NotificationFilter{PartnerID: w.partner})
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, b := range all {
		lines = append(lines, fmt.Sprintf("%s %s order %d %s %s tax %s usd %s", b.Kind, b.TxnID, b.OrderID, b.Currency, b.Amount, b.TaxAmount, b.USDAmount))
	}
	return strings.Join(lines, "\n")
}

func (w *world) notifications() (list []*notification.Notification) {
	w.t.Helper()
	list, err := w.core.Notifications(w.t.Context(), operator, selling.NotificationFilter{PartnerID: w.partner})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func scenarioNotifications(t *testing.T, w *world) {
	makeShop(w)
	whole := `{"orderId": "A-17", "x": [1, {"y": null}], "amount": 1e400, "ü": "\u0000"}`
	w.play(
		told("HOSTING_PURCHASED", whole),
		told("HOSTING_PURCHASED", whole), // a repeat
		told("DOMAIN_CREATED", `{}`),
		told("DOMAIN_CREATED", `[]`), // the same from PHP
		told("MODIFY_MAIL_ORDER_DETAILS", `{"a":1}`),
		told("MAIL_ORDER_PURCHASED", `{"orderId":"A-17","chargedAmount":"1.00"}`),
		told("MAIL_ORDER_PURCHASE_CANCELED", `{"orderId":"A-17","customerId":"cust-1"}`),
		told("MAIL_ORDER_SETUP_COMPLETED", `{"titanOrderId":"{order}"}`),
		told("MAIL_ORDER_SETUP_COMPLETED", `{"titanOrderId":"900001","domainName":5}`), // no order of ours: stored
		refused("HOSTING_SOLD", `{}`, bad("INVALID_FIELD", "Field event must be one of HOSTING_PURCHASED, REFUND_ISSUED, REFUND_ISSUED_BULK, MAIL_ORDER_SETUP_COMPLETED, MAIL_ORDER_PURCHASED, PAYMENT_DATA_BULK, CREDIT_ISSUED, MAIL_ORDER_PURCHASE_CANCELED, MODIFY_MAIL_ORDER_DETAILS, DOMAIN_CREATED")),
		refused("DOMAIN_CREATED", `"x"`, bad("INVALID_FIELD", "Field data must be an object")),
		refused("DOMAIN_CREATED", `null`, bad("MISSING_FIELD", "Missing required field data")),
		step{call: "POST /partner/notification", send: `{"data":{}}`, status: 400, want: bad("MISSING_FIELD", "Missing required field event")},
	)
	all := w.notifications()
	if len(all) != 7 || string(all[0].Data) != whole || all[0].RequestID == "" {
		t.Errorf("%d stored, the first as %s", len(all), all[0].Data)
	}
	err := w.store.Read(t.Context(), func(tx work.Tx) error {
		o, err := tx.OrdersByDomain(t.Context(), w.partner, "shop.example.com")
		if err != nil {
			return err
		}
		at, err := tx.SetupReported(t.Context(), o[0].ID)
		if at == nil || !at.Equal(w.clock.Now()) {
			t.Errorf("set-up reported at %v", at)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if b := w.bookings(); b != "" {
		t.Errorf("booked %s", b)
	}
}

func scenarioRefunds(t *testing.T, w *world) {
	makeShop(w)
	const e = "REFUND_ISSUED"
	mismatch := bad("PAYMENT_TXN_MISMATCH", "This paymentTxnId was reported with other data")
	w.play(
		told(e, refundData("", "")),
		told(e, refundData("", "")),
		told(e, refundData(`"12.50"`, `12.5, "more": true`)), // the same, spelt otherwise
		refused(e, refundData(`"12.50"`, `12.51`), mismatch),
		refused(e, refundData(`0.5`, `0.6`), mismatch),
		refused(e, refundData(`:13`, `:14`), mismatch),
		refused(e, refundData(`EUR`, `USD`), mismatch),
		refused(e, refundData(`A-17`, `A-18`), mismatch),
		refused(e, refundData(`shop.example.com`, `b.example`), mismatch),
		refused(e, refundData(`cust-1`, `cust-2`), mismatch),
		told(e, refundData(`"t-1","orderId":"A-17","domainName":"shop.example.com"`, `"t-2","orderId":"?","domainName":"gone.example"`)), // for no order of ours
		// Another partner has transaction ids of its own, and learns nothing of ours.
		step{as: "foreign", call: "POST /partner/notification", send: `{"event":"REFUND_ISSUED","data":` + refundData("12.50", "99") + `}`, want: done},
	)
	if w.bookings() != w.fill("refund t-1 order {order} EUR 12.50 tax 0.50 usd 13.00\nrefund t-2 order 0 EUR 12.50 tax 0.50 usd 13.00") {
		t.Errorf("booked\n%s", w.bookings())
	}
	if n := len(w.notifications()); n != 2 {
		t.Errorf("%d stored: what was told before asks for no action", n)
	}
	w.play(
		step{call: "POST /partner/deleteMailOrder", send: `{"titanOrderId":{order}}`, want: done, events: statusUpdated},
		told(e, refundData("t-1", "t-3")), // of a deleted order
		// Credits: keyed alike, apart from refunds; their fields may be missing.
		told("CREDIT_ISSUED", `{"paymentTxnId":"t-1","creditAmount":"3","currency":"usd"}`),
		told("CREDIT_ISSUED", `{"paymentTxnId":"t-1","creditAmount":3.00,"currency":"USD"}`),
		refused("CREDIT_ISSUED", `{"paymentTxnId":"t-1","creditAmount":"4","currency":"USD"}`, mismatch),
		told("CREDIT_ISSUED", `{"creditAmount":"7","note":"goodwill"}`),
		told("CREDIT_ISSUED", `{"note":"goodwill","creditAmount":"7"}`), // a repeat
		told("CREDIT_ISSUED", `{"note":"no amount"}`),
		refused("CREDIT_ISSUED", `{"creditAmount":"-7"}`, bad("INVALID_FIELD", "Field data.creditAmount must be a number from 0 on with at most two decimals")),
	)
	want := w.fill(`refund t-1 order {order} EUR 12.50 tax 0.50 usd 13.00
refund t-2 order 0 EUR 12.50 tax 0.50 usd 13.00
refund t-3 order {order} EUR 12.50 tax 0.50 usd 13.00
credit t-1 order 0 USD 3.00 tax  usd 
credit  order 0 USD 7.00 tax  usd `)
	if w.bookings() != want {
		t.Errorf("booked\n%s\nwant\n%s", w.bookings(), want)
	}
}

func TestBadRefunds(t *testing.T) {
	w := sqliteWorld(t, nil)
	for _, name := range []string{"paymentTxnId", "orderId", "domainName", "customerId", "refundAmount", "refundTaxAmount", "refundUSDAmount", "currency"} {
		w.play(
			refused("REFUND_ISSUED", refundData(`"`+name+`"`, `"no"`), bad("MISSING_FIELD", "Missing required field data."+name)),
			refused("REFUND_ISSUED_BULK", `{"orders":[`+refundData(`"`+name+`"`, `"no"`)+`]}`, bad("MISSING_FIELD", "Missing required field data.orders[0]."+name)),
		)
	}
	for _, amount := range []string{`"NaN"`, `"Infinity"`, `1e400`, `"1e2"`, `12.505`, `"0.001"`, `-1`, `"-0.01"`, `"1,50"`, `true`, `[]`, `""`, `null`} {
		code, body := w.do(w.key, "POST", "/partner/notification", `{"event":"REFUND_ISSUED","data":`+refundData(`"12.50"`, amount)+`}`)
		if code != 400 || !strings.Contains(body, "data.refundAmount") {
			t.Errorf("%s: %d %s", amount, code, body)
		}
	}
	w.play(
		refused("REFUND_ISSUED", refundData("EUR", "EURO"), bad("", "The currency is not a known code")),
		refused("REFUND_ISSUED", refundData("t-1", strings.Repeat("t", 192)), bad("", "The payment transaction id is longer than 191 bytes")),
	)
	if n := len(w.notifications()); n != 0 {
		t.Errorf("%d stored", n)
	}
}

func TestBulkNotifications(t *testing.T) {
	w := sqliteWorld(t, nil)
	list := func(n int, entry func(int) string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = entry(i)
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	refund := func(i int) string { return refundData("t-1", fmt.Sprintf("b-%d", i)) }
	tooMany := bad("BATCH_TOO_LARGE", "A bulk notification has at most 100 entries")
	w.play(
		refused("REFUND_ISSUED_BULK", `{"orders":`+list(101, refund)+`}`, tooMany),
		refused("PAYMENT_DATA_BULK", `{"orders":`+list(101, refund)+`}`, tooMany),
		refused("PAYMENT_DATA_BULK", `{"rows":`+list(101, refund)+`}`, tooMany), // the first array
		// One bad entry, and nothing is stored.
		refused("REFUND_ISSUED_BULK", `{"orders":`+list(100, func(i int) string {
			if i == 99 {
				return refundData("12.50", "-1")
			}
			return refund(i)
		})+`}`, bad("INVALID_FIELD", "Field data.orders[99].refundAmount must be a number from 0 on with at most two decimals")),
		refused("REFUND_ISSUED_BULK", `{"orders":[`+refund(1)+`,5]}`, bad("INVALID_FIELD", "Field data.orders[1] must be an object")),
		refused("REFUND_ISSUED_BULK", `{"orders":[`+refund(1)+`,`+refundData(`"t-1"`, `"b-1","customerId":"x"`)+`]}`, bad("DUPLICATE_KEY", "The request body has the key customerId twice")),
		refused("REFUND_ISSUED_BULK", `{"orders":[`+refund(1)+`,`+strings.Replace(refund(1), "EUR", "USD", 1)+`]}`, bad("PAYMENT_TXN_MISMATCH", "This paymentTxnId was reported with other data")),
		refused("REFUND_ISSUED_BULK", refund(1), bad("MISSING_FIELD", "Missing required field data.orders")),
	)
	if w.bookings() != "" || len(w.notifications()) != 0 {
		t.Fatalf("stored %d, booked %s", len(w.notifications()), w.bookings())
	}
	w.play(
		told("REFUND_ISSUED_BULK", `{"orders":`+list(100, refund)+`}`),
		told("REFUND_ISSUED_BULK", `{"orders":`+list(100, refund)+`}`),
		told("REFUND_ISSUED", refund(7)),
		told("REFUND_ISSUED_BULK", `{"since":"2026","items":[`+refund(7)+`,`+refund(7)+`,`+refund(100)+`]}`),
		told("REFUND_ISSUED_BULK", `{"items":[1,2],"orders":[]}`),
		told("PAYMENT_DATA_BULK", `{"orders":[{"orderId":"A-17","action":"renewOrder"}]}`),
	)
	if n := strings.Count(w.bookings(), "\n") + 1; n != 101 {
		t.Errorf("%d bookings", n)
	}
	if n := len(w.notifications()); n != 4 {
		t.Errorf("%d stored", n)
	}
}
