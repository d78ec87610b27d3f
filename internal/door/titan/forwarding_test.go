package titan

import "testing"

const (
	forwarderMade    = "INTERNAL_FORWARDING_ACCOUNT_CREATED"
	forwarderChanged = "INTERNAL_FORWARDING_ACCOUNT_MODIFIED"
	forwarderGone    = "INTERNAL_FORWARDING_ACCOUNT_DELETED"
)

func scenarioForwarders(_ *testing.T, w *world) {
	makeShop(w)
	const who = `"titanOrderId":"{order}","email":" Team@shop.example.com"`
	const list = "GET /partner/listInternalForwardingAccounts?titanOrderId={order}"
	const info = "GET /partner/fetchInternalForwardingAccountInfo?titanOrderId={order}&email=team@shop.example.com"
	noForwarder := fails(404, "AccountNotFound", "", "No such internal forwarding account")
	notInternal := bad("RECIPIENT_NOT_INTERNAL", "A recipient is no email account or alias of the mail order")
	w.play(
		makeKim,
		step{call: "POST /partner/addEmailAlias", send: `{"titanOrderId":{order},"email":"kim@shop.example.com","alias":"info@shop.example.com"}`, want: done, events: accountModified},
		step{call: list, want: `{"reqID":"R","accounts":[]}`},
		step{call: info, status: 404, want: noForwarder},
		step{call: "POST /partner/createInternalForwardingAccount", status: 400, send: `{` + who + `}`, want: bad("MISSING_FIELD", "Missing required field recipients")},
		step{call: "POST /partner/createInternalForwardingAccount", status: 400, send: `{` + who + `,"recipients":[]}`, want: bad("MISSING_FIELD", "Missing required field recipients")},
		step{call: "POST /partner/createInternalForwardingAccount", status: 400, send: `{` + who + `,"recipients":"kim@shop.example.com"}`, want: bad("INVALID_FIELD", "Field recipients must be an array of strings")},
		step{call: "POST /partner/createInternalForwardingAccount", status: 400, send: `{` + who + `,"recipients":["x@elsewhere.example"]}`, want: notInternal},
		step{call: "POST /partner/createInternalForwardingAccount", send: `{` + who + `,"recipients":["INFO@shop.example.com"]}`, want: done, events: forwarderMade},
		step{call: "POST /partner/createInternalForwardingAccount", send: `{` + who + `,"recipients":["info@shop.example.com"],"orderId":null}`, want: done},
		step{call: "POST /partner/createInternalForwardingAccount", status: 400, send: `{` + who + `,"recipients":["kim@shop.example.com"]}`, want: bad("EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT", "The address is in use")},
		step{
			call: "GET /partner/checkEmailAccountAvailability?titanOrderId={order}&email=team@shop.example.com",
			want: `{"reqID":"R","isAvailable":false,"reason":"EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT"}`,
		},
		step{call: "POST /partner/addMembersToInternalForwardingAccount", send: `{` + who + `,"recipients":["kim@shop.example.com","info@shop.example.com"]}`, want: done, events: forwarderChanged},
		step{call: "POST /partner/addInternalForwardingAccountMembers", send: `{` + who + `,"recipients":["kim@shop.example.com"]}`, want: done},
		step{call: "POST /partner/addInternalForwardingAccountMembers", status: 400, send: `{` + who + `,"recipients":["team@shop.example.com"]}`, want: notInternal},
		step{call: info, want: `{"reqID":"R","recipients":["info@shop.example.com","kim@shop.example.com"]}`},
		step{call: list, want: `{"reqID":"R","accounts":[{"email":"team@shop.example.com","recipients":["info@shop.example.com","kim@shop.example.com"]}]}`},
		step{call: "POST /partner/removeMembersFromInternalForwardingAccount", send: `{` + who + `,"recipients":["info@shop.example.com","never@shop.example.com"]}`, want: done, events: forwarderChanged},
		step{call: "POST /partner/removeInternalForwardingAccountMembers", send: `{` + who + `,"recipients":["info@shop.example.com"]}`, want: done},
		step{call: "POST /partner/removeInternalForwardingAccountMembers", send: `{` + who + `,"recipients":["kim@shop.example.com"]}`, want: done, events: forwarderGone},
		step{call: "POST /partner/removeInternalForwardingAccountMembers", status: 404, send: `{` + who + `,"recipients":["kim@shop.example.com"]}`, want: noForwarder},
		step{call: list, want: `{"reqID":"R","accounts":[]}`},
	)
}

func scenarioCatchAll(_ *testing.T, w *world) {
	makeShop(w)
	const get = "GET /partner/getCatchAll?titanOrderId={order}"
	w.play(
		makeKim,
		step{call: get, want: `{"reqID":"R","email":null}`},
		step{call: "POST /partner/removeCatchAll", send: `{"titanOrderId":{order}}`, want: done},
		step{call: "POST /partner/setCatchAll", status: 404, send: `{"titanOrderId":{order},"email":"x@shop.example.com"}`, want: fails(404, "AccountNotFound", "", "No such email account")},
		step{call: "POST /partner/setCatchAllConfig", send: `{"domainName":"shop.example.com","customerId":"cust-1","email":"KIM@shop.example.com"}`, want: done},
		step{call: "POST /partner/setCatchAll", send: `{"titanOrderId":"{order}","email":"kim@shop.example.com"}`, want: done},
		step{call: get, want: `{"reqID":"R","email":"kim@shop.example.com"}`},
		step{call: "POST /partner/fetchCatchAllConfig", send: `{"titanOrderId":{order}}`, want: `{"reqID":"R","email":"kim@shop.example.com"}`},
		step{call: "POST /partner/deleteEmailAccount", send: `{"titanOrderId":{order},"titanAccountId":{account},"email":"kim@shop.example.com"}`, want: done, events: accountStatus},
		step{call: get, want: `{"reqID":"R","email":null}`},
		step{call: "POST /partner/reactivateEmailAccount", send: `{"titanOrderId":{order},"titanAccountId":{account},"email":"kim@shop.example.com"}`, want: done, events: accountStatus},
		step{call: get, want: `{"reqID":"R","email":null}`},
	)
}
