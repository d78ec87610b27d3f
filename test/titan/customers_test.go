package titan

import (
	"fmt"
	"strings"

	"posthouse/internal/core/event"
)

const refund = `{"paymentTxnId":"t-1","orderId":"A-1","domainName":"shop-{tag}.example","customerId":"kim","refundAmount":"12.50","refundTaxAmount":"0.50","refundUSDAmount":13,"currency":"EUR"}`

func bulk(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.Replace(refund, "t-1", fmt.Sprintf("b-%d", i), 1)
	}
	return strings.Join(all, ",")
}

func customerScenarios() []Scenario {
	return []Scenario{
		{
			Name: "A customer changes its name, address, country and id",
			Steps: []Step{
				made("o", "shop", "free", ""),
				made("p", "second", "free", ""),
				{Call: "POST modifyMailCustomer", Body: `{"titanOrderId":{o},"customerName":"Adam","customerEmailAddress":"adam@example.org","customerCountry":"US","newCustomerId":"adam"}`, Want: `{"reqID":"#s"}`},
				{Call: "POST modifyMailCustomer", Body: `{"titanOrderId":{o},"customerName":"Adam","newCustomerId":"adam"}`},
				{Call: "GET listMailOrders?customerId=adam", Want: `{"orders":[{"titanOrderId":{o},"customerEmailAddress":"adam@example.org"},{"titanOrderId":{p},"customerEmailAddress":"adam@example.org"}]}`},
				made("q", "third", "free", ""),
				{Call: "POST modifyMailCustomer", Body: `{"titanOrderId":{q},"newCustomerId":"adam"}`, Status: 400, Want: `{"attrs":{"reason":"CUSTOMER_ID_IN_USE"}}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 3, event.MailCustomerUpdated: 1},
			Payloads: map[event.Type]string{
				event.MailCustomerUpdated: `{"customerId":"adam","customerBeforeUpdate":{"customerId":"kim","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"DE"},"customerAfterUpdate":{"customerId":"adam","customerName":"Adam","customerEmailAddress":"adam@example.org","customerCountry":"US"}}`,
			},
		},
		{
			Name: "Two customers with one id on two hosts", Set: `{"serverScoped":true}`,
			Steps: []Step{
				made("o", "one", "free", `,"serverHostName":"h1.example"`),
				made("p", "two", "free", `,"metadata":{"cpanelHostName":"H2.example","cpanelUserName":"kim"}`),
				{Call: "GET listMailOrders?customerId=kim", Status: 500, Want: `{"code":"INTERNAL_SERVER_ERROR"}`},
				{Call: "GET fetchOrderDetails?titanOrderId={p}", Save: "c=titanCustomerId", Want: `{"serverHostName":"h2.example"}`},
				{Call: "GET listMailOrders?customerId=kim&titanCustomerId={c}", Want: `{"orders":[{"titanOrderId":{p},"serverHostName":"h2.example"}]}`},
				{Call: "GET syncMailCustomer?username=kim&serverHostname=h2.example", Want: `{"reqID":"#s"}`},
				{Call: "POST syncMailCustomer", Body: `{"username":"kim","serverHostname":"h2.example"}`},
				{Call: "GET syncMailCustomer?username=kim&serverHostname=h3.example", Status: 404, Want: `{"code":"UserNotFound"}`},
				{CLI: "partner syncs {partner} --json", Want: `[{"titanCustomerId":{c},"serverHostname":"h2.example"}]`},
				{CLI: `partner settings {partner} {"collateHosts":true}`},
				{Call: "GET listMailOrders?customerId=kim", Want: `{"orders":[{"titanOrderId":{o},"serverHostName":"h1.example"},{"titanOrderId":{p},"serverHostName":"h2.example"}]}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 2},
		},
		{
			Name: "Reports, refunds and credits",
			Steps: []Step{
				made("o", "shop", "pro", `,"orderId":"A-1"`),
				{Call: "POST notification", Body: `{"event":"DOMAIN_CREATED","data":{}}`, Want: `{"reqID":"#s"}`},
				{Call: "POST notification", Body: `{"event":"HOSTING_PURCHASED","data":{"orderId":"A-1","purchasedOn":"2026-01-31"}}`},
				{Call: "POST notification", Body: `{"event":"MAIL_ORDER_SETUP_COMPLETED","data":{"titanOrderId":"{o}"}}`},
				{Call: "POST notification", Body: `{"event":"MAIL_ORDER_PURCHASED","data":{"orderId":"A-1"}}`},
				{Call: "POST notification", Body: `{"event":"PAYMENT_DATA_BULK","data":{"orders":[{"orderId":"A-1","action":"renewOrder"}]}}`},
				{Call: "POST notification", Body: `{"event":"MAIL_ORDER_PURCHASE_CANCELED","data":{"orderId":"A-1"}}`},
				{Call: "POST notification", Body: `{"event":"MODIFY_MAIL_ORDER_DETAILS","data":{"orderId":"A-1"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + refund + `}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + refund + `}`}, // the same again
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + strings.Replace(refund, "12.50", "12.51", 1) + `}`, Status: 400, Want: `{"code":"BAD_REQUEST","attrs":{"reason":"PAYMENT_TXN_MISMATCH"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + strings.Replace(refund, `"12.50"`, `"NaN"`, 1) + `}`, Status: 400, Want: `{"attrs":{"reason":"INVALID_FIELD"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + strings.Replace(refund, `"12.50"`, `1e400`, 1) + `}`, Status: 400, Want: `{"attrs":{"reason":"INVALID_FIELD"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + strings.Replace(refund, `"12.50"`, `12.505`, 1) + `}`, Status: 400, Want: `{"attrs":{"reason":"INVALID_FIELD"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED","data":` + strings.Replace(refund, `"12.50"`, `-1`, 1) + `}`, Status: 400, Want: `{"attrs":{"reason":"INVALID_FIELD"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED_BULK","data":{"orders":[` + bulk(101) + `]}}`, Status: 400, Want: `{"attrs":{"reason":"BATCH_TOO_LARGE"}}`},
				{Call: "POST notification", Body: `{"event":"REFUND_ISSUED_BULK","data":{"orders":[` + bulk(100) + `]}}`},
				{Call: "POST notification", Body: `{"event":"CREDIT_ISSUED","data":{"paymentTxnId":"t-1","creditAmount":"3.00","domainName":"shop-{tag}.example","customerId":"kim"}}`},
				{CLI: "partner bookings {partner} --after 0 --json", Save: "first=0.id", Want: bookings()},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1},
		},
	}
}

// bookings is what the scenario above has booked: one refund, a hundred in bulk, one credit.
func bookings() string {
	one := func(kind, txn, currency, amount string) string {
		return `{"kind":"` + kind + `","paymentTxnId":"` + txn + `","titanOrderId":{o},"currency":"` + currency + `","amount":"` + amount + `"}`
	}
	all := []string{one("refund", "t-1", "EUR", "12.50")}
	for i := range 100 {
		all = append(all, one("refund", fmt.Sprintf("b-%d", i), "EUR", "12.50"))
	}
	return "[" + strings.Join(append(all, one("credit", "t-1", "USD", "3.00")), ",") + "]"
}
