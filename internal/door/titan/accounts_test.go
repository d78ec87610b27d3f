package titan

import (
	"testing"
	"time"
)

const (
	accountModified = "EMAIL_ACCOUNT_MODIFIED"
	accountStatus   = "EMAIL_ACCOUNT_STATUS_UPDATED"
)

func makeShop(w *world) {
	w.play(step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop})
}

var makeKim = step{
	call: "POST /partner/createEmailAccount", save: "account=titanAccountId", events: accountMade,
	send: `{"titanOrderId":"{order}","email":" Kim@SHOP.example.com","firstName":"Kim","lastName":"Lee","password":"secret","isAdmin":"1"}`,
	want: `{"reqID":"R","titanAccountId":{account}}`,
}

const kimInfo = `{"reqID":"R","name":"Kim Lee","firstName":"Kim","lastName":"Lee","titanOrderId":{order},"alternateEmailAddress":"","status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":true,"aliases":[],"titanAccountId":{account},"email":"kim@shop.example.com","customerId":"cust-1"}`

func scenarioCreateAndReadAccounts(_ *testing.T, w *world) {
	makeShop(w)
	again := makeKim
	again.events = ""
	w.play(
		step{
			call: "GET /partner/checkEmailAccountAvailability?titanOrderId={order}&email=KIM@shop.example.com",
			want: `{"reqID":"R","isAvailable":true}`,
		},
		makeKim,
		again, // T-31
		step{
			call: "POST /partner/createEmailAccount", status: 400,
			send: `{"titanOrderId":{order},"email":"kim@shop.example.com","name":"Another"}`,
			want: bad("EXISTS_AS_EMAIL_ACCOUNT", "The address is in use"),
		},
		step{
			call: "GET /partner/checkEmailAccountAvailability?titanOrderId={order}&email=kim@shop.example.com",
			want: `{"reqID":"R","isAvailable":false,"titanAccountId":{account},"reason":"EXISTS_AS_EMAIL_ACCOUNT"}`,
		},
		step{
			call: "GET /partner/checkEmailAccountAvailability?titanOrderId={order}&email=kim@other.example",
			want: `{"reqID":"R","isAvailable":false,"reason":"DOMAIN_MISMATCH"}`,
		},
		step{
			call: "GET /partner/checkEmailAccountAvailability?titanOrderId={order}&email=what",
			want: `{"reqID":"R","isAvailable":false,"reason":"INVALID_EMAIL"}`,
		},
		// Three ways to name an account, by GET and by POST.
		step{call: "GET /partner/fetchEmailAccountInfo?titanAccountId={account}", want: kimInfo},
		step{call: "GET /partner/fetchEmailAccountInfo?titanOrderId={order}&email=Kim@shop.example.com", want: kimInfo},
		step{call: "POST /partner/fetchEmailAccountInfo", send: `{"email":"kim@shop.example.com"}`, want: kimInfo},
		step{call: "GET /partner/fetchEmailAccountInfo?titanOrderId={order}", status: 400, want: bad("MISSING_FIELD", "The email account is not named")},
		step{call: "GET /partner/fetchEmailAccountInfo", status: 400, want: bad("MISSING_FIELD", "Missing required field titanAccountId")},
		step{
			call: "POST /partner/createEmailAccount", save: "second=titanAccountId", events: accountMade,
			send: `{"titanOrderId":{order},"email":"lo@shop.example.com","name":"Lo","requireAutoLoginToken":true}`,
			want: `{"reqID":"R","titanAccountId":{second},"webmailAutoLoginToken":"TOKEN"}`,
		},
		step{
			call: "POST /partner/createEmailAccount", status: 400, send: `{"titanOrderId":{order},"email":"third@shop.example.com"}`,
			want: bad("ACCOUNT_LIMIT_REACHED", "The order's account limit is reached"),
		},
		step{
			call: "GET /partner/listEmailAccounts?titanOrderId={order}",
			want: `{"reqID":"R","accounts":[{"titanAccountId":{account},"email":"kim@shop.example.com","customerId":"cust-1","titanOrderId":{order},"domainName":"shop.example.com","name":"Kim Lee","firstName":"Kim","lastName":"Lee","alternateEmailAddress":null,"status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":true,"aliases":[]},{"titanAccountId":{second},"email":"lo@shop.example.com","customerId":"cust-1","titanOrderId":{order},"domainName":"shop.example.com","name":"Lo","firstName":null,"lastName":null,"alternateEmailAddress":null,"status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":false,"aliases":[]}]}`,
		},
	)
}

func scenarioModifyAnAccount(_ *testing.T, w *world) {
	makeShop(w)
	w.play(
		makeKim,
		step{
			call: "POST /partner/modifyEmailAccount", events: accountModified, want: done,
			send: `{"titanOrderId":{order},"email":"kim@shop.example.com","alternateEmailAddress":"Home@Example.net","isAdmin":false}`,
		},
		step{ // neither a password nor what stays the same is an event
			call: "POST /partner/modifyEmailAccount", want: done,
			send: `{"titanOrderId":{order},"titanAccountId":"{account}","email":"kim@shop.example.com","password":"another","isAdmin":"false"}`,
		},
		step{
			call: "GET /partner/fetchEmailAccountInfo?titanAccountId={account}",
			want: `{"reqID":"R","name":"Kim Lee","firstName":"Kim","lastName":"Lee","titanOrderId":{order},"alternateEmailAddress":"home@example.net","status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":false,"aliases":[],"titanAccountId":{account},"email":"kim@shop.example.com","customerId":"cust-1"}`,
		},
		step{
			call: "POST /partner/modifyEmailAccount", events: accountModified, want: done,
			send: `{"titanOrderId":{order},"email":"kim@shop.example.com","alternateEmailAddress":""}`,
		},
		step{
			call: "POST /partner/modifyEmailAccount", status: 400, send: `{"titanOrderId":{order},"titanAccountId":{account}}`,
			want: bad("MISSING_FIELD", "Missing required field email"),
		},
	)
}

func scenarioSuspendAnAccount(_ *testing.T, w *world) {
	makeShop(w)
	const who = `"titanOrderId":{order},"titanAccountId":{account},"email":"kim@shop.example.com"`
	w.play(
		makeKim,
		step{call: "POST /partner/suspendEmailAccount", send: `{` + who + `,"suspensionType":"employee left"}`, want: done, events: accountStatus},
		step{call: "POST /partner/suspendEmailAccount", send: `{` + who + `}`, want: done},
		step{
			call: "POST /partner/unsuspendEmailAccount", send: `{` + who + `,"suspensionType":"partner"}`,
			want: `{"reqID":"R","newStatus":"suspended","remainingSuspensions":[{"type":"employee left","suspenderRole":"partner","suspendedOn":"2026-11-22","note":""}]}`,
		},
		step{
			call: "POST /partner/unsuspendEmailAccount", send: `{` + who + `}`, events: accountStatus,
			want: `{"reqID":"R","newStatus":"active","remainingSuspensions":[]}`,
		},
		step{ // both must name the same account
			call: "POST /partner/suspendEmailAccount", status: 404,
			send: `{"titanOrderId":{order},"titanAccountId":{account},"email":"lo@shop.example.com"}`,
			want: fails(404, "AccountNotFound", "", "No such email account"),
		},
		step{
			call: "POST /partner/suspendEmailAccount", status: 400, send: `{"titanOrderId":{order},"email":"kim@shop.example.com"}`,
			want: bad("MISSING_FIELD", "Missing required field titanAccountId"),
		},
	)
}

func scenarioDeleteAndReactivateAnAccount(_ *testing.T, w *world) {
	makeShop(w)
	const who = `"titanOrderId":{order},"titanAccountId":{account},"email":"kim@shop.example.com"`
	const check = "GET /partner/checkEmailAccountReactivation?titanOrderId={order}&titanAccountId={account}"
	w.play(
		makeKim,
		step{call: check, want: `{"reqID":"R","reactivationAllowed":false,"reason":"ACCOUNT_NOT_IN_DELETED_STATE"}`},
		step{call: "POST /partner/deleteEmailAccount", send: `{` + who + `,"reason":"left"}`, want: done, events: accountStatus},
		step{call: "POST /partner/deleteEmailAccount", send: `{` + who + `}`, want: done, after: 24 * time.Hour},
		step{call: check, want: `{"reqID":"R","reactivationAllowed":true,"purgeAt":"2026-12-22"}`},
		step{call: "GET /partner/listEmailAccounts?titanOrderId={order}", want: `{"reqID":"R","accounts":[]}`},
		step{
			call: "GET /partner/listEmailAccounts?titanOrderId={order}&includeDeletedAccounts=true",
			want: `{"reqID":"R","accounts":[{"titanAccountId":{account},"email":"kim@shop.example.com","customerId":"cust-1","titanOrderId":{order},"domainName":"shop.example.com","name":"Kim Lee","firstName":"Kim","lastName":"Lee","alternateEmailAddress":null,"status":"deleted","storageUsed":0,"storageLimit":5120,"isAdmin":true,"aliases":[],"purgeAt":"2026-12-22"}]}`,
		},
		step{ // the day can only grow; today is the 23rd
			call: "POST /partner/modifyEmailAccount", send: `{` + who + `,"purgeAt":"2026-12-23"}`, want: done,
		},
		step{call: check, want: `{"reqID":"R","reactivationAllowed":true,"purgeAt":"2026-12-23"}`},
		step{
			call: "POST /partner/createEmailAccount", save: "second=titanAccountId", events: accountMade,
			send: `{"titanOrderId":{order},"email":"kim@shop.example.com"}`, want: `{"reqID":"R","titanAccountId":{second}}`,
		},
		step{call: check, want: `{"reqID":"R","reactivationAllowed":false,"purgeAt":"2026-12-23","reason":"ANOTHER_ACCOUNT_ALREADY_EXISTS"}`},
		step{
			call: "POST /partner/deleteEmailAccount", want: done, events: accountStatus,
			send: `{"titanOrderId":{order},"titanAccountId":{second},"email":"kim@shop.example.com"}`,
		},
		step{
			call: "POST /partner/reactivateEmailAccount", want: done, events: accountStatus,
			send: `{"titanOrderId":{order},"titanAccountId":{account},"reason":"back"}`,
		},
		step{call: "GET /partner/fetchEmailAccountInfo?titanAccountId={account}", want: kimInfo},
	)
}

func scenarioAliases(_ *testing.T, w *world) {
	makeShop(w)
	const who = `"titanOrderId":{order},"email":"kim@shop.example.com"`
	const list = "GET /partner/listEmailAliases?titanOrderId={order}&email=kim@shop.example.com"
	w.play(
		makeKim,
		step{call: list, want: `{"reqID":"R","email":"kim@shop.example.com","aliases":[]}`},
		step{call: "POST /partner/addEmailAlias", send: `{` + who + `,"alias":"Info@shop.example.com"}`, want: done, events: accountModified},
		step{call: "POST /partner/addEmailAlias", send: `{` + who + `,"alias":"sales@shop.example.com","displayName":"Sales"}`, want: done, events: accountModified},
		step{
			call: list,
			want: `{"reqID":"R","email":"kim@shop.example.com","aliases":[{"alias":"info@shop.example.com","displayName":null},{"alias":"sales@shop.example.com","displayName":"Sales"}]}`,
		},
		step{
			call: "GET /partner/checkEmailAccountAvailability?titanOrderId={order}&email=info@shop.example.com",
			want: `{"reqID":"R","isAvailable":false,"titanAccountId":{account},"reason":"EXISTS_AS_ALIAS"}`,
		},
		step{
			call: "POST /partner/removeEmailAlias", want: done, events: accountModified,
			send: `{` + who + `,"aliases":["INFO@shop.example.com","never@shop.example.com"]}`,
		},
		step{
			call: "POST /partner/removeEmailAlias", status: 400, send: `{` + who + `,"aliases":"info@shop.example.com"}`,
			want: bad("INVALID_FIELD", "Field aliases must be an array of strings"),
		},
		step{call: list, want: `{"reqID":"R","email":"kim@shop.example.com","aliases":[{"alias":"sales@shop.example.com","displayName":"Sales"}]}`},
	)
}
