package titan

import (
	"testing"
	"time"
)

const (
	created       = "MAIL_ORDER_CREATED"
	statusUpdated = "MAIL_ORDER_STATUS_UPDATED"
	transferred   = "MAIL_ORDER_TRANSFERRED"
	accountMade   = "EMAIL_ACCOUNT_CREATED"
)

const createShop = `{"domainName":" Shop.Example.COM ","orderId":"A-17","customerId":"cust-1","customerName":"Kim Lee",
 "customerEmailAddress":"Kim@Example.org","customerCountry":"de","planType":"pro","noOfAccounts":2,"expiryDate":"2027-11-22",
 "paymentTxnId":"t1","chargedAmount":12.5,"currency":"EUR","billingCycle":"yearly","source":"hosting"}`

const madeShop = `{"reqID":"R","titanOrderId":{order},"status":"active","firstEmailAccountDetails":{}}`

func scenarioCreateAndReadAnOrder(_ *testing.T, w *world) {
	w.play(
		step{
			call: "GET /partner/checkMailOrderAvailability?domainName=SHOP.example.com",
			want: `{"reqID":"R","isAvailable":true}`,
		},
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		// A repeat, also hours later, is the same order and no event (T-11).
		step{call: "POST /partner/createMailOrder", send: createShop, after: time.Hour, want: madeShop},
		step{
			call: "POST /partner/createMailOrder", status: 400,
			send: `{"domainName":"shop.example.com","customerId":"cust-2","planType":"free"}`,
			want: bad("ORDER_ALREADY_EXISTS", "An order for this domain exists under another customer"),
		},
		step{
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: `{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"A-17","planType":"pro","noOfAccounts":2,"noOfBillableAccounts":2,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":"2027-11-22","status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{}}`,
		},
		step{
			call: "GET /partner/listMailOrders?customerId=cust-1",
			want: `{"reqID":"R","orders":[{"titanOrderId":{order},"domainName":"shop.example.com","planType":"pro","status":"active","noOfAccounts":2,"noOfActiveAccounts":0,"expiryDate":"2027-11-22","orderId":"A-17","customerEmailAddress":"kim@example.org","serverHostName":null,"customerId":"cust-1","titanCustomerId":{customer},"noOfBillableAccounts":2,"noOfProvisionedAccounts":0,"source":"hosting"}]}`,
		},
		step{
			call: "GET /partner/checkMailOrderAvailability?domainName=shop.example.com",
			want: `{"reqID":"R","isAvailable":false,"titanOrderId":{order},"customerDetails":{"customerId":"cust-1","titanCustomerId":{customer},"customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"DE"},"orderDetails":{"orderId":"A-17","planType":"pro","status":"active","noOfAccounts":2,"expiryDate":"2027-11-22"}}`,
		},
		// Another partner may have the same domain (7.2).
		step{
			as: "foreign", call: "GET /partner/checkMailOrderAvailability?domainName=shop.example.com",
			want: `{"reqID":"R","isAvailable":true}`,
		},
		step{
			call: "GET /partner/listMailOrders?customerId=nobody", status: 404,
			want: fails(404, "UserNotFound", "", "No such customer"),
		},
		step{call: "GET /partner/listMailOrders", status: 400, want: bad("MISSING_FIELD", "Missing required field customerId")},
	)
}

func scenarioOrderWithFirstAccount(_ *testing.T, w *world) {
	w.play(
		step{
			call: "POST /partner/createMailOrder", save: "order=titanOrderId account=firstEmailAccountDetails.titanAccountId",
			send: `{"domainName":"a.example","customerId":"c","planType":"free",
			 "firstEmailAccount":{"email":"Me@A.example","password":"pw with spaces ","name":"Me","alternateEmail":"x@y.example"}}`,
			want:   `{"reqID":"R","titanOrderId":{order},"status":"active","firstEmailAccountDetails":{"webmailAutoLoginToken":"TOKEN","titanAccountId":{account},"email":"me@a.example"}}`,
			events: created + " " + accountMade,
		},
		step{ // the account is admin by default (doc)
			call: "GET /partner/fetchEmailAccountInfo?titanAccountId={account}",
			want: `{"reqID":"R","name":"Me","firstName":"","lastName":"","titanOrderId":{order},"alternateEmailAddress":"x@y.example","status":"active","storageUsed":0,"storageLimit":1024,"isAdmin":true,"aliases":[],"titanAccountId":{account},"email":"me@a.example","customerId":"c"}`,
		},
		// All or nothing.
		step{
			call: "POST /partner/createMailOrder", status: 400,
			send: `{"domainName":"b.example","customerId":"c","planType":"free","firstEmailAccount":{"email":"me@other.example","password":"pw"}}`,
			want: bad("DOMAIN_MISMATCH", "The email address is not in the order's domain"),
		},
		step{call: "GET /partner/checkMailOrderAvailability?domainName=b.example", want: `{"reqID":"R","isAvailable":true}`},
		step{
			call: "POST /partner/createMailOrder", status: 400,
			send: `{"domainName":"b.example","customerId":"c","planType":"free","firstEmailAccount":{"email":"me@b.example"}}`,
			want: bad("MISSING_FIELD", "Missing required field firstEmailAccount.password"),
		},
	)
}

func scenarioSuspensions(_ *testing.T, w *world) {
	const none = `{"reqID":"R","suspensions":[]}`
	w.play(
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		step{call: "GET /partner/fetchOrderSuspensions?titanOrderId={order}", want: none},
		step{ // T-08: alone, and the id as a string
			call: "POST /partner/suspendMailOrder", send: `{"titanOrderId":"{order}"}`, events: statusUpdated,
			want: `{"reqID":"R","status":"suspended"}`,
		},
		step{
			call: "POST /partner/suspendMailOrder", send: `{"titanOrderId":{order},"suspensionType":"abuse","note":"spam"}`,
			want: `{"reqID":"R","status":"suspended"}`, after: time.Second,
		},
		step{
			call: "GET /partner/fetchOrderSuspensions?titanOrderId={order}",
			want: `{"reqID":"R","suspensions":[{"type":"partner","suspenderRole":"partner","suspendedOn":"2026-11-22","note":""},{"type":"abuse","suspenderRole":"partner","suspendedOn":"2026-11-22","note":"spam"}]}`,
		},
		step{
			call: "POST /partner/unsuspendMailOrder", send: `{"titanOrderId":{order},"suspensionType":"abuse"}`,
			want: `{"reqID":"R","newStatus":"suspended","remainingSuspensions":[{"type":"partner","suspenderRole":"partner","suspendedOn":"2026-11-22","note":""}]}`,
		},
		step{
			call: "POST /partner/unsuspendMailOrder", send: `{"titanOrderId":"{order}"}`, events: statusUpdated,
			want: `{"reqID":"R","newStatus":"active","remainingSuspensions":[]}`,
		},
		step{
			call: "POST /partner/unsuspendMailOrder", send: `{"titanOrderId":"{order}","suspensionType":"not there"}`,
			want: `{"reqID":"R","newStatus":"active","remainingSuspensions":[]}`,
		},
	)
}

func scenarioModifyAnOrder(_ *testing.T, w *world) {
	const state = `{"reqID":"R","titanOrderId":{order},"status":"active"}`
	w.play(
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		step{ // the fields decide, the action does not; old spellings of both (T-09)
			call: "POST /partner/modifyMailOrder", want: state,
			send: `{"titanOrderId":{order},"action":"upgrade","planType":"premium","noOfAccounts":"5","chargedAmount":"10.00","billingCycle":"biennial"}`,
		},
		step{ // T-07: the pair, then serviceId
			call: "POST /partner/modifyMailOrder", want: state,
			send: `{"domainName":"shop.example.com","customerId":"cust-1","serviceId":"999999","expiryDate":"2028-11-22","chargedAmount":1}`,
		},
		step{
			call: "POST /partner/modifyMailOrder", want: state,
			send: `{"serviceId":"{order}","noOfAccounts":4,"chargedAmount":1,"metadata":{"k":[1,2]}}`,
		},
		step{
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: `{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"A-17","planType":"premium","noOfAccounts":4,"noOfBillableAccounts":4,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":"2028-11-22","status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{}}`,
		},
		step{ // to the free plan, without a date
			call: "POST /partner/modifyMailOrder", want: state,
			send: `{"titanOrderId":{order},"planType":"free","expiryDate":"","noOfAccounts":1}`,
		},
		step{
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}",
			want: `{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"A-17","planType":"free","noOfAccounts":1,"noOfBillableAccounts":0,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":null,"status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{}}`,
		},
		step{
			call: "POST /partner/modifyMailOrder", status: 400, send: `{"domainName":"shop.example.com"}`,
			want: bad("MISSING_FIELD", "Missing required field titanOrderId"),
		},
	)
}

func scenarioRenewalLiftsExpiry(_ *testing.T, w *world) {
	w.play(
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		step{
			call: "POST /partner/suspendMailOrder", send: `{"titanOrderId":{order},"suspensionType":"expiry"}`,
			want: `{"reqID":"R","status":"suspended"}`, events: statusUpdated,
		},
		step{
			call: "POST /partner/modifyMailOrder", send: `{"titanOrderId":{order},"expiryDate":"2028-11-22","chargedAmount":"12.50"}`,
			want: `{"reqID":"R","titanOrderId":{order},"status":"active"}`, events: statusUpdated,
		},
	)
}

func scenarioDeleteAndReactivate(_ *testing.T, w *world) {
	const check = "GET /partner/checkMailOrderReactivationEligibility?titanOrderId={order}"
	const noActive = "No Active domain found"
	w.play(
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		step{call: check, want: `{"reqID":"R","reactivationAllowed":false,"reason":"DOMAIN_NOT_IN_DELETED_STATE"}`},
		step{
			call: "GET /partner/checkMailOrderAvailability?domainName=shop.example.com", save: "customer=customerDetails.titanCustomerId",
			want: `{"reqID":"R","isAvailable":false,"titanOrderId":{order},"customerDetails":{"customerId":"cust-1","titanCustomerId":{customer},"customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"DE"},"orderDetails":{"orderId":"A-17","planType":"pro","status":"active","noOfAccounts":2,"expiryDate":"2027-11-22"}}`,
		},
		step{call: "POST /partner/deleteMailOrder", send: `{"titanOrderId":"{order}","reason":"gone"}`, want: done, events: statusUpdated},
		step{call: "POST /partner/deleteMailOrder", send: `{"titanOrderId":"{order}"}`, want: done, after: 24 * time.Hour},
		step{ // listed until the purge (T-17)
			call: "GET /partner/listMailOrders?customerId=cust-1",
			want: `{"reqID":"R","orders":[{"titanOrderId":{order},"domainName":"shop.example.com","planType":"pro","status":"deleted","noOfAccounts":2,"noOfActiveAccounts":0,"expiryDate":"2027-11-22","orderId":"A-17","customerEmailAddress":"kim@example.org","serverHostName":null,"customerId":"cust-1","titanCustomerId":{customer},"noOfBillableAccounts":2,"noOfProvisionedAccounts":0,"source":"hosting"}]}`,
		},
		step{
			call: "POST /partner/suspendMailOrder", send: `{"titanOrderId":{order}}`, status: 404,
			want: fails(404, "DomainNotFound", "ORDER_NOT_ACTIVE", noActive),
		},
		step{call: check, want: `{"reqID":"R","reactivationAllowed":true}`},
		step{call: "POST /partner/reactivateMailOrder", send: `{"titanOrderId":{order}}`, want: done, events: statusUpdated},
		step{call: "POST /partner/reactivateMailOrder", send: `{"titanOrderId":{order}}`, want: done},
		step{call: "POST /partner/deleteMailOrder", send: `{"titanOrderId":{order}}`, want: done, events: statusUpdated},
		step{call: "GET /partner/fetchOrderDetails?titanOrderId={order}", after: 30 * 24 * time.Hour, status: 404, want: notFound},
	)
}

func scenarioTransfer(_ *testing.T, w *world) {
	w.play(
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		step{
			call: "POST /partner/transferMailOrder", send: `{"titanOrderId":{order}}`, status: 400,
			want: bad("MISSING_FIELD", "Missing required field transferTo"),
		},
		step{
			call: "POST /partner/transferMailOrder", send: `{"titanOrderId":{order},"transferTo":{}}`, status: 400,
			want: bad("MISSING_FIELD", "Missing required field transferTo.customerId"),
		},
		step{
			call:   "POST /partner/transferMailOrder",
			send:   `{"titanOrderId":{order},"transferTo":{"customerId":"cust-9","customerName":"Lo","serverHostname":"h1"}}`,
			events: transferred, want: done,
		},
		step{call: "POST /partner/transferMailOrder", send: `{"titanOrderId":{order},"transferTo":{"customerId":"cust-9"}}`, want: done},
		step{call: "GET /partner/listMailOrders?customerId=cust-1", want: `{"reqID":"R","orders":[]}`},
	)
}
