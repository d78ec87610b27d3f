package titan

import (
	"time"

	"posthouse/internal/core/event"
)

const day = 24 * time.Hour

// made makes an order of a plan for a domain and saves its id under name.
func made(name, domain, plan, more string) Step {
	money := ""
	if plan != "free" {
		money = `,"noOfAccounts":5,"expiryDate":"2035-01-31","chargedAmount":"12.50","currency":"EUR","billingCycle":"monthly"`
	}
	return Step{
		Call: "POST createMailOrder", Save: name + "=titanOrderId",
		Body: `{"domainName":"` + domain + `-{tag}.example","customerId":"kim","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"de","planType":"` + plan + `"` + money + more + `}`,
		Want: `{"titanOrderId":"#n","status":"active","firstEmailAccountDetails":{}}`,
	}
}

func orderScenarios() []Scenario {
	return []Scenario{
		{
			Name: "An order is made, looked at, suspended and released",
			Steps: []Step{
				{Call: "GET healthCheck", As: "nobody", Want: `{"reqID":"#s"}`},
				{Call: "GET healthCheck", Want: `{"reqID":"#s"}`},
				{Call: "GET checkMailOrderAvailability?domainName=shop-{tag}.example", Want: `{"isAvailable":true,"titanOrderId":"#absent","customerDetails":"#absent","orderDetails":"#absent"}`},
				made("o", "shop", "pro", `,"orderId":"A-1","source":"hosting"`),
				made("o", "shop", "pro", `,"orderId":"A-1","source":"hosting"`), // a repeat
				{Call: "GET checkMailOrderAvailability?domainName=SHOP-{tag}.example", Want: `{"isAvailable":false,"titanOrderId":{o},"customerDetails":{"customerId":"kim","titanCustomerId":"#n","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"DE"},"orderDetails":{"orderId":"A-1","planType":"pro","status":"active","noOfAccounts":5,"expiryDate":"2035-01-31"}}`},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Want: `{"titanOrderId":{o},"domainName":"shop-{tag}.example","orderId":"A-1","planType":"pro","noOfAccounts":5,"noOfBillableAccounts":5,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":"2035-01-31","status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"hosting","titanCustomerId":"#n","customerId":"kim","addonSubscriptionCounters":{}}`},
				{Call: "GET listMailOrders?customerId=kim", Want: `{"orders":[{"titanOrderId":{o},"domainName":"#s","planType":"pro","status":"active","noOfAccounts":5,"noOfActiveAccounts":0,"expiryDate":"#date","orderId":"A-1","customerEmailAddress":"#s","serverHostName":null,"customerId":"kim","titanCustomerId":"#n","noOfBillableAccounts":5,"noOfProvisionedAccounts":0,"source":"hosting"}]}`},
				{Call: "GET fetchOrderSuspensions?titanOrderId={o}", Want: `{"suspensions":[]}`},
				{Call: "POST suspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"abuse","note":"spam"}`, Want: `{"status":"suspended"}`},
				{Call: "POST suspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"expiry"}`, Want: `{"status":"suspended"}`},
				{Call: "GET fetchOrderSuspensions?titanOrderId={o}", Want: `{"suspensions":[{"type":"abuse","suspenderRole":"partner","suspendedOn":"#date","note":"spam"},{"type":"expiry","suspenderRole":"partner","suspendedOn":"#date","note":""}]}`},
				{Call: "POST unsuspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"abuse"}`, Want: `{"newStatus":"suspended","remainingSuspensions":[{"type":"expiry","suspenderRole":"partner","suspendedOn":"#date"}]}`},
				{Call: "POST unsuspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"expiry"}`, Want: `{"newStatus":"active","remainingSuspensions":[]}`},
				{Call: "POST suspendMailOrder", As: "foreign", Body: `{"titanOrderId":{o}}`, Status: 404, Want: `{"code":"DomainNotFound","error":"DomainNotFound","desc":"No Active domain found","attrs":{"detail":"No Active domain found","reason":"#absent"},"statusCode":404}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.MailOrderStatusUpdated: 2},
			Payloads: map[event.Type]string{
				event.MailOrderCreated:       `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"DE","planType":"pro","expiryDate":"2035-01-31","storageLimit":5120,"noOfAccounts":5,"billingCycle":"monthly","status":"active","metadata":{}}`,
				event.MailOrderStatusUpdated: `{"titanOrderId":{o},"domainName":"#s","customerId":"kim","oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"abuse","suspenderRole":"partner","suspendedOn":"#date","note":"#absent"}]}`,
			},
		},
		{
			Name: "A partner that bills itself modifies and renews",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":"{o}","planType":"premium","chargedAmount":"20.00","action":"upgrade","noOfAccounts":7}`, Want: `{"titanOrderId":{o},"status":"active"}`},
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":"{o}","planType":"premium","chargedAmount":"20.00","action":"upgrade","noOfAccounts":7}`, Want: `{"titanOrderId":{o},"status":"active"}`},
				{Call: "POST suspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"expiry"}`, Want: `{"status":"suspended"}`},
				{Call: "POST suspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"abuse"}`, Want: `{"status":"suspended"}`},
				// A renewal lifts expiry and nothing else.
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"expiryDate":"2036-02-29","chargedAmount":20,"action":"renewOrder"}`, Want: `{"titanOrderId":{o},"status":"suspended"}`},
				{Call: "POST unsuspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"abuse"}`, Want: `{"newStatus":"active","remainingSuspensions":[]}`},
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"planType":"free","expiryDate":""}`, Want: `{"status":"active"}`},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Want: `{"planType":"free","expiryDate":null,"noOfAccounts":7,"noOfBillableAccounts":0}`},
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"planType":"pro","chargedAmount":1}`, Status: 400, Want: `{"code":"BAD_REQUEST"}`}, // no date
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"expiryDate":"2035-02-29"}`, Status: 400, Want: `{"attrs":{"reason":"INVALID_FIELD"}}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.MailOrderStatusUpdated: 2},
		},
		{
			Name: "An order that the platform bills is upgraded, grows and is renewed", Bills: "platform",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"planType":"ultra","chargedAmount":"10.50","currency":"USD"}`, Want: `{"status":"active"}`},
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"noOfAccounts":6,"chargedAmount":2}`, Want: `{"status":"active"}`},
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"expiryDate":"2035-02-28","chargedAmount":3}`, Want: `{"status":"active"}`},
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"planType":"pro","noOfAccounts":5,"chargedAmount":3}`, Want: `{"status":"active"}`}, // down: no event
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.PlanUpgraded: 1, event.AccountsPurchased: 1, event.PlanRenewed: 1},
			Payloads: map[event.Type]string{
				event.PlanUpgraded:      `{"titanOrderId":{o},"domainName":"#s","customerId":"kim","configBeforeUpdate":{"planType":"pro","expiryDate":"2035-01-31","storageLimitInMB":5120,"noOfAccounts":5,"billingCycle":"monthly"},"configAfterUpdate":{"planType":"ultra","expiryDate":"2035-01-31","storageLimitInMB":51200,"noOfAccounts":5,"billingCycle":"monthly"},"paymentDetails":{"amount":10.5,"currency":"USD"}}`,
				event.AccountsPurchased: `{"configBeforeUpdate":{"noOfAccounts":5},"configAfterUpdate":{"noOfAccounts":6},"paymentDetails":{"amount":2,"currency":"USD"}}`,
				event.PlanRenewed:       `{"configBeforeUpdate":{"expiryDate":"2035-01-31"},"configAfterUpdate":{"expiryDate":"2035-02-28"},"paymentDetails":{"amount":3,"currency":"USD"}}`,
			},
		},
		{
			Name: "An order is deleted, comes back, and goes to another customer",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				{Call: "GET checkMailOrderReactivationEligibility?titanOrderId={o}", Want: `{"reactivationAllowed":false,"reason":"DOMAIN_NOT_IN_DELETED_STATE"}`},
				{Call: "POST deleteMailOrder", Body: `{"titanOrderId":"{o}","reason":"user terminated hosting"}`, Want: `{"reqID":"#s"}`},
				{Call: "POST deleteMailOrder", Body: `{"titanOrderId":"{o}"}`},
				{Call: "GET listMailOrders?customerId=kim", Want: `{"orders":[{"titanOrderId":{o},"status":"deleted"}]}`},
				{Call: "GET checkMailOrderAvailability?domainName=shop-{tag}.example", Want: `{"isAvailable":true}`},
				{Call: "GET checkMailOrderReactivationEligibility?titanOrderId={o}", Want: `{"reactivationAllowed":true,"reason":"#absent"}`},
				{Call: "POST reactivateMailOrder", Body: `{"titanOrderId":{o}}`},
				{Call: "POST reactivateMailOrder", Body: `{"titanOrderId":{o}}`},
				{Call: "POST transferMailOrder", Body: `{"titanOrderId":{o},"transferTo":{"customerId":"lee","customerName":"Lee","customerEmailAddress":"lee@example.org","customerCountry":"in"}}`},
				{Call: "POST transferMailOrder", Body: `{"titanOrderId":{o},"transferTo":{"customerId":"lee"}}`}, // its owner
				{Call: "POST transferMailOrder", Body: `{"titanOrderId":{o},"transferTo":{"customerName":"x"}}`, Status: 400, Want: `{"attrs":{"reason":"MISSING_FIELD"}}`},
				{Call: "GET listMailOrders?customerId=kim", Want: `{"orders":[]}`},
				{Call: "GET listMailOrders?customerId=nobody", Status: 404, Want: `{"code":"UserNotFound"}`},
				{Call: "GET listMailOrders?customerId=lee", Want: `{"orders":[{"titanOrderId":{o},"status":"active"}]}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.MailOrderStatusUpdated: 2, event.MailOrderTransferred: 1},
			Payloads: map[event.Type]string{
				event.MailOrderTransferred: `{"titanOrderId":{o},"domainName":"#s","customerId":"lee","customerBeforeTransfer":{"customerId":"kim","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","customerCountry":"DE"},"customerAfterTransfer":{"customerId":"lee","customerName":"Lee","customerEmailAddress":"lee@example.org","customerCountry":"IN"}}`,
			},
		},
		{
			Name: "The mail service of a cPanel account is toggled there and back",
			Steps: []Step{
				made("a", "a", "free", `,"metadata":{"cpanelHostName":"h1.example","cpanelUserName":"kim","autoRenew":true}`),
				made("b", "b", "free", `,"metadata":{"cpanelHostName":"h1.example","cpanelUserName":"kim"}`),
				made("c", "c", "free", ""),
				{Call: "POST toggleMailService", Body: `{"titanOrderId":{a},"mailService":"local"}`, Want: `{"reqID":"#s"}`},
				{Call: "POST toggleMailService", Body: `{"titanOrderId":{a},"mailService":"local","mode":"all_domains"}`},
				{Call: "GET checkMailOrderAvailability?domainName=a-{tag}.example", Save: "a2=titanOrderId", Want: `{"isAvailable":false,"titanOrderId":"#n","orderDetails":{"status":"active"}}`},
				{Call: "POST toggleMailService", Body: `{"titanOrderId":{a2},"mailService":"titan","mode":"single_domain"}`},
				{Call: "POST toggleMailService", Body: `{"titanOrderId":{c},"mailService":"local"}`, Status: 400, Want: `{"attrs":{"reason":"NO_CPANEL_ACCOUNT"}}`},
				made("d", "d", "free", `,"metadata":{"cpanelHostName":"h1.example","cpanelUserName":"kim"}`),
				{Call: "POST toggleMailService", Body: `{"titanOrderId":{d},"mailService":"local"}`}, // a, which is on titan, comes along; d is local by birth
			},
			Events: map[event.Type]int{event.MailOrderCreated: 4 + 4, event.MailOrderStatusUpdated: 4, event.MailOrderSetupCompleted: 4},
			Payloads: map[event.Type]string{
				event.MailOrderSetupCompleted: `{"titanOrderId":{a2},"domainName":"a-{tag}.example","customerId":"kim","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","mailService":"local","metadata":{"cpanelHostName":"h1.example","cpanelUserName":"kim","autoRenew":"#absent"}}`,
			},
		},
	}
}
