package titan

import (
	"testing"
)

const (
	setUpDone       = "MAIL_ORDER_SETUP_COMPLETED"
	customerUpdated = "MAIL_CUSTOMER_UPDATED"
)

// recreated are the events of one order that toggleMailService moves.
const recreated = statusUpdated + " " + created + " " + setUpDone

func scenarioToggleMailService(_ *testing.T, w *world) {
	make := func(name, domain, metadata string) step {
		return step{
			call: "POST /partner/createMailOrder", save: name + "=titanOrderId", events: created,
			send: `{"domainName":"` + domain + `","customerId":"kim","planType":"free","orderId":"po-` + name + `","metadata":` + metadata + `}`,
			want: `{"reqID":"R","titanOrderId":{` + name + `},"status":"active","firstEmailAccountDetails":{}}`,
		}
	}
	const kim = `{"cpanelHostName":"Host1.example","cpanelUserName":"kim","x":1}`
	listed := func(name, domain, status string) string {
		return `{"titanOrderId":{` + name + `},"domainName":"` + domain + `","planType":"free","status":"` + status +
			`","noOfAccounts":1,"noOfActiveAccounts":0,"expiryDate":null,"orderId":"po-` + name[:1] +
			`","customerEmailAddress":null,"serverHostName":null,"customerId":"kim","titanCustomerId":{customer},"noOfBillableAccounts":0,"noOfProvisionedAccounts":0,"source":""}`
	}
	w.play(
		make("a", "a.example", kim),
		make("b", "b.example", `{"cpanelHostName":"host1.example","cpanelUserName":"kim"}`),
		make("c", "c.example", `{"cpanelHostName":"host2.example","cpanelUserName":"kim"}`),
		make("d", "d.example", `{"cpanelHostName":"host1.example"}`),
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":{a},"mailService":"elsewhere"}`, status: 400, want: bad("INVALID_FIELD", "Field mailService must be one of titan, local")},
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":{a},"mailService":"local","mode":"some"}`, status: 400, want: bad("INVALID_FIELD", "Field mode must be one of single_domain, all_domains")},
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":{d},"mailService":"local"}`, status: 400, want: bad("NO_CPANEL_ACCOUNT", "The order belongs to no cPanel account")},
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":{a},"mailService":"titan"}`, want: done},
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":"{a}","mailService":"local"}`, want: done, events: recreated + " " + recreated},
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":"{a}","mailService":"local"}`, want: done},
		step{call: "GET /partner/checkMailOrderAvailability?domainName=a.example", save: "a2=titanOrderId customer=customerDetails.titanCustomerId",
			want: `{"reqID":"R","isAvailable":false,"titanOrderId":{a2},"customerDetails":{"customerId":"kim","titanCustomerId":{customer},"customerName":null,"customerEmailAddress":null,"customerCountry":null},"orderDetails":{"orderId":"po-a","planType":"free","status":"active","noOfAccounts":1,"expiryDate":null}}`},
		step{call: "GET /partner/checkMailOrderAvailability?domainName=b.example", save: "b2=titanOrderId",
			want: `{"reqID":"R","isAvailable":false,"titanOrderId":{b2},"customerDetails":{"customerId":"kim","titanCustomerId":{customer},"customerName":null,"customerEmailAddress":null,"customerCountry":null},"orderDetails":{"orderId":"po-b","planType":"free","status":"active","noOfAccounts":1,"expiryDate":null}}`},
		// New ids beside the deleted ones; the other host and the nameless account are as they were.
		step{call: "GET /partner/listMailOrders?customerId=kim",
			want: `{"reqID":"R","orders":[` + listed("c", "c.example", "active") + "," + listed("d", "d.example", "active") + "," + listed("a2", "a.example", "active") + "," +
				listed("b2", "b.example", "active") + "," + listed("a", "a.example", "deleted") + "," + listed("b", "b.example", "deleted") + `]}`},
		// The old id takes nothing else.
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":"{a}","mailService":"titan"}`, status: 404,
			want: fails(404, "DomainNotFound", "ORDER_NOT_ACTIVE", "No Active domain found")},
		// One domain only, and back.
		step{call: "POST /partner/toggleMailService", send: `{"titanOrderId":{b2},"mailService":"titan","mode":"single_domain"}`, want: done, events: recreated},
		step{as: "foreign", call: "POST /partner/toggleMailService", send: `{"titanOrderId":{a2},"mailService":"titan"}`, status: 404, want: notFound},
	)
}

func scenarioModifyMailCustomer(_ *testing.T, w *world) {
	makeShop(w)
	w.play(
		step{
			call: "POST /partner/modifyMailCustomer", want: done, events: customerUpdated,
			send: `{"titanOrderId":"{order}","customerName":"Kim L.","customerEmailAddress":"KIM@new.example","customerCountry":"at","newCustomerId":" cust-9 ","whatever":1}`,
		},
		step{call: "POST /partner/modifyMailCustomer", want: done, send: `{"titanOrderId":{order},"customerName":null,"customerEmailAddress":"","newCustomerId":"cust-9"}`},
		step{ // the name that it has now
			call: "POST /partner/modifyMailCustomer", want: done, send: `{"domainName":"shop.example.com","customerId":"cust-9"}`,
		},
		step{
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: `{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"A-17","planType":"pro","noOfAccounts":2,"noOfBillableAccounts":2,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":"2027-11-22","status":"active","customerEmailAddress":"kim@new.example","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-9","addonSubscriptionCounters":{}}`,
		},
		step{
			call: "POST /partner/createMailOrder", save: "other=titanOrderId", events: created,
			send: `{"domainName":"other.example","customerId":"cust-1","planType":"free"}`,
			want: `{"reqID":"R","titanOrderId":{other},"status":"active","firstEmailAccountDetails":{}}`,
		},
		step{
			call: "POST /partner/modifyMailCustomer", status: 400, send: `{"titanOrderId":{other},"newCustomerId":"cust-9"}`,
			want: bad("CUSTOMER_ID_IN_USE", "Another customer has this customer id"),
		},
		step{
			call: "POST /partner/modifyMailCustomer", status: 400, send: `{"titanOrderId":{other},"customerEmailAddress":"no address"}`,
			want: bad("", "The customer email address is not a valid email address"),
		},
		step{call: "POST /partner/modifyMailCustomer", status: 400, send: `{"customerName":"x"}`, want: bad("MISSING_FIELD", "Missing required field titanOrderId")},
		step{as: "foreign", call: "POST /partner/modifyMailCustomer", status: 404, send: `{"titanOrderId":{order},"customerName":"x"}`, want: notFound},
	)
}

func scenarioSyncMailCustomer(_ *testing.T, w *world) {
	makeShop(w)
	unknown := fails(404, "UserNotFound", "", "No such customer")
	w.play(
		step{call: "GET /partner/syncMailCustomer?username=cust-1&serverHostname=server101.example", want: done},
		step{call: "POST /partner/syncMailCustomer", send: `{"username":"cust-1","serverHostName":"Server101.example"}`, want: done},
		step{call: "POST /partner/syncMailCustomer?username=cust-1&serverHostname=server101.example", want: done},
		step{call: "POST /partner/syncMailCustomer?username=nobody&serverHostname=h", send: `{"username":"cust-1"}`, want: done},
		step{call: "GET /partner/syncMailCustomer?username=nobody&serverHostname=server101.example", status: 404, want: unknown},
		step{as: "foreign", call: "GET /partner/syncMailCustomer?username=cust-1&serverHostname=server101.example", status: 404, want: unknown},
		step{call: "GET /partner/syncMailCustomer?username=cust-1", status: 400, want: bad("MISSING_FIELD", "Missing required field serverHostname")},
		step{call: "POST /partner/syncMailCustomer", send: `{"serverHostname":"h"}`, status: 400, want: bad("MISSING_FIELD", "Missing required field username")},
	)
}
