package titan

import (
	"net/http"
	"testing"
)

// What live clients depend on (titan.md section 13), byte for byte.

func listed(plan, status, expiry, seats, active string) string {
	return `{"reqID":"R","orders":[{"titanOrderId":{order},"domainName":"shop.example.com","planType":"` + plan + `","status":"` + status +
		`","noOfAccounts":` + seats + `,"noOfActiveAccounts":` + active + `,"expiryDate":"` + expiry + `","orderId":"1001","customerEmailAddress":"kim@example.org","serverHostName":null,"customerId":"cust-1","titanCustomerId":{customer},"noOfBillableAccounts":` + seats +
		`,"noOfProvisionedAccounts":` + active + `,"source":""}]}`
}

func scenarioBillingPanelModule(_ *testing.T, w *world) {
	const list = "GET /partner/listMailOrders?customerId=cust-1"
	w.play(
		step{ // create
			call: "POST /partner/createMailOrder", save: "order=titanOrderId", events: created, want: madeShop,
			send: `{"domainName":"shop.example.com","customerId":"cust-1","customerName":null,"customerEmailAddress":"kim@example.org","alternateEmailAddress":"kim@example.org","customerCountry":null,"planType":"pro","noOfAccounts":5,"send_welcome_email":false,"chargedAmount":"12.50","currency":"USD","expiryDate":"2027-11-22","paymentTxnId":"tx-1","discountAmount":"1.00","taxAmount":"0.50","billingCycle":"yearly","orderId":"1001"}`,
		},
		step{ // to learn the customer's number, which the module does not read
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: `{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"1001","planType":"pro","noOfAccounts":5,"noOfBillableAccounts":5,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":"2027-11-22","status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{}}`,
		},
		step{call: list, want: listed("pro", "active", "2027-11-22", "5", "0")},
		step{ // get info with a customer id that we don't know: the way back through the accounts
			call: "GET /partner/listMailOrders?customerId=old-id", status: 404, want: fails(404, "UserNotFound", "", "No such customer"),
		},
		step{
			call: "POST /partner/createEmailAccount", save: "account=titanAccountId", events: accountMade,
			send: `{"titanOrderId":"{order}","email":"a@shop.example.com"}`, want: `{"reqID":"R","titanAccountId":{account}}`,
		},
		step{
			call: "GET /partner/listEmailAccounts?titanOrderId={order}",
			want: `{"reqID":"R","accounts":[{"titanAccountId":{account},"email":"a@shop.example.com","customerId":"cust-1","titanOrderId":{order},"domainName":"shop.example.com","name":null,"firstName":null,"lastName":null,"alternateEmailAddress":null,"status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":false,"aliases":[]}]}`,
		},
		step{ // renew
			call: "POST /partner/modifyMailOrder", want: `{"reqID":"R","titanOrderId":{order},"status":"active"}`,
			send: `{"action":"renewOrder","serviceId":"{order}","customerId":"cust-1","domainName":"shop.example.com","chargedAmount":"12.50","currency":"USD","expiryDate":"2028-11-22","billingCycle":"biennial"}`,
		},
		step{call: list, want: listed("pro", "active", "2028-11-22", "5", "1")},
		step{ // change package, a downgrade
			call: "POST /partner/modifyMailOrder", want: `{"reqID":"R","titanOrderId":{order},"status":"active"}`,
			send: `{"action":"upgradeOrder","serviceId":"4711-not-ours","customerId":"cust-1","domainName":"shop.example.com","planType":"premium","noOfAccounts":3,"chargedAmount":"8.00","currency":"USD","expiryDate":"2028-11-22","billingCycle":"yearly"}`,
		},
		step{call: list, want: listed("premium", "active", "2028-11-22", "3", "1")},
		step{call: "POST /partner/suspendMailOrder", send: `{"titanOrderId":"{order}"}`, want: `{"reqID":"R","status":"suspended"}`, events: statusUpdated},
		step{call: list, want: listed("premium", "suspended", "2028-11-22", "3", "1")},
		step{
			call: "POST /partner/unsuspendMailOrder", send: `{"titanOrderId":"{order}"}`, events: statusUpdated,
			want: `{"reqID":"R","newStatus":"active","remainingSuspensions":[]}`,
		},
		step{call: "POST /partner/deleteMailOrder", send: `{"titanOrderId":"{order}"}`, want: done, events: statusUpdated},
		step{call: list, want: listed("premium", "deleted", "2028-11-22", "3", "1")},
	)
}

func scenarioBillingPanelModuleEarlierVersion(_ *testing.T, w *world) {
	w.play(
		step{
			call: "POST /partner/createMailOrder", save: "order=titanOrderId account=firstEmailAccountDetails.titanAccountId",
			send:   `{"domainName":"shop.example.com","customerId":"cust-1","planType":"pro","noOfAccounts":1,"chargedAmount":12.5,"taxAmount":0.5,"discountAmount":1,"expiryDate":"2027-11-22","billingCycle":"quadrennial","sendWelcomeEmail":false,"firstEmailAccount":{"email":"me@shop.example.com","password":"pw","name":"Me","isAdmin":true,"alternateEmail":"me@example.org"},"metadata":{"source":"hosting","locale":"en-gb","associatedOrderExpiryDate":"2027-01-01","cpanelHostName":"h1","cpanelUserName":"u1","autoRenew":true}}`,
			want:   `{"reqID":"R","titanOrderId":{order},"status":"active","firstEmailAccountDetails":{"webmailAutoLoginToken":"TOKEN","titanAccountId":{account},"email":"me@shop.example.com"}}`,
			events: created + " " + accountMade,
		},
		step{
			call: "POST /partner/suspendMailOrder", send: `{"titanOrderId":{order},"suspensionType":"expiry","note":"n","reason":"r"}`,
			want: `{"reqID":"R","status":"suspended"}`, events: statusUpdated,
		},
		step{
			call: "POST /partner/unsuspendMailOrder", send: `{"titanOrderId":{order},"suspensionType":"expiry","note":"n","reason":"r"}`,
			want: `{"reqID":"R","newStatus":"active","remainingSuspensions":[]}`, events: statusUpdated,
		},
		step{
			call: "POST /partner/modifyMailOrder", send: `{"titanOrderId":{order},"action":"addSeats","noOfAccounts":3,"chargedAmount":5}`,
			want: `{"reqID":"R","titanOrderId":{order},"status":"active"}`,
		},
		step{
			call: "POST /partner/modifyMailOrder", send: `{"titanOrderId":{order},"action":"reduceSeats","noOfAccounts":1,"chargedAmount":5}`,
			want: `{"reqID":"R","titanOrderId":{order},"status":"active"}`,
		},
		step{ // metadata.source and metadata.locale stood in for the absent keys
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: `{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":null,"planType":"pro","noOfAccounts":1,"noOfBillableAccounts":1,"noOfActiveAccounts":1,"noOfProvisionedAccounts":1,"expiryDate":"2027-11-22","status":"active","customerEmailAddress":"","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{}}`,
		},
	)
}

// Clients send no Accept and, with GET, no content type; one sends a wrong one.
func TestContentTypeDoesNotMatter(t *testing.T) {
	w := sqliteWorld(t, nil)
	if code, body := w.do(w.key, http.MethodPost, "/partner/listMailOrders", `{"customerId":"x"}`); code != 404 {
		t.Errorf("%d %s", code, body)
	}
}

// A partner's module may mount the dialect under a path.
func TestBasePathWithPrefix(t *testing.T) {
	w := sqliteWorld(t, func(c *Config) { c.BasePaths = []string{"/titan"} })
	if code, body := w.do(w.key, http.MethodPost, "/titan/partner/createMailOrder", createShop); code != 200 {
		t.Errorf("%d %s", code, body)
	}
	if code, _ := w.do(w.key, http.MethodPost, "/partner/createMailOrder", createShop); code != 404 {
		t.Errorf("without the prefix: %d", code)
	}
}
