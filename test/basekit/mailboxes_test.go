package basekit

import (
	"slices"
	"strings"
)

// scenarios are all stories.
func scenarios() []scenario {
	return slices.Concat(mailboxScenarios(), flowScenarios(), userScenarios(), shopScenarios())
}

func mailboxScenarios() []scenario {
	const boxes = "users/{u}/domains/{d}/mailboxes"
	return []scenario{
		{"Mailboxes are made, replaced and deleted", []step{
			aUser("anna"), aDomain("one"),
			{call: "GET " + boxes, want: `{"mailboxes":[]}`},
			{call: "GET users/{u}/domains/mailboxes", want: `{"domainMailboxes":[]}`},
			{call: "PUT " + boxes + "/kim", body: `{"password":"Mail-Box-Pass-9"}`, want: `{"mailbox":{"user":"kim@one.{tag}.example","status":"pending"}}`},
			{do: func(w *world) {
				w.until("GET "+boxes, `{"mailboxes":[{"user":"kim@one.{tag}.example","status":"active"}]}`)
			}},
			{call: "PUT " + boxes + "/kim", body: `{"password":"Other-Horse-8"}`, want: `{"mailbox":{"user":"kim@one.{tag}.example","status":"active"}}`},
			{call: "PUT " + boxes + "/KIM@One.{tag}.example", body: `{"password":"Other-Horse-8"}`, want: `{"mailbox":{"user":"kim@one.{tag}.example","status":"active"}}`},
			{call: "GET " + boxes, want: `{"mailboxes":[{"user":"kim@one.{tag}.example"}]}`},
			{call: "GET users/{u}/domains/mailboxes", want: `{"domainMailboxes":[{"user":"kim@one.{tag}.example","status":"active","accountDomainRef":{d},"domainName":"one.{tag}.example"}]}`},
			{call: "PUT " + boxes + "/kim@two.example", body: `{"password":"Mail-Box-Pass-9"}`, status: 400, wrong: "user.invalid"},
			{call: "PUT " + boxes + "/lee", body: `{"password":"short"}`, status: 400, wrong: "password.tooShort"},
			{call: "PUT " + boxes + "/lee", body: `{}`, status: 400, wrong: "password.required"},
			{call: "PUT " + boxes + "/lee", status: 400, wrong: "password.required"},
			{call: "PUT " + boxes + "/a%2Fb", body: `{"password":"Mail-Box-Pass-9"}`, status: 400, wrong: "user.invalid"},
			{call: "PUT " + boxes + "/%C3%BC", body: `{"password":"Mail-Box-Pass-9"}`, status: 400, wrong: "user.invalid"},
			{call: "PUT " + boxes + "/" + strings.Repeat("a", 65), body: `{"password":"Mail-Box-Pass-9"}`, status: 400, wrong: "user.invalid"},
			{as: foreign, call: "PUT " + boxes + "/lee", body: `{"password":"Mail-Box-Pass-9"}`, status: 404},
			{as: foreign, call: "GET " + boxes, status: 404},
			{as: foreign, call: "GET users/{u}/domains/mailboxes", status: 404},
			{as: foreign, call: "POST " + boxes + "/kim/login-tokens", status: 404},
			{as: foreign, call: "DELETE " + boxes + "/kim", status: 404},
			{call: "GET users/{u}/domains/" + unknownRef + "/mailboxes", status: 404},
			{call: "POST " + boxes + "/kim/login-tokens", save: "loginToken=loginToken"},
			{do: webmailOpens},
			{call: "POST " + boxes + "/nobody/login-tokens", status: 404},
			{call: "DELETE " + boxes + "/kim"},
			{call: "DELETE " + boxes + "/kim", status: 404},
			{call: "GET " + boxes, want: `{"mailboxes":[]}`},
			{call: "PUT " + boxes + "/kim", body: `{"password":"Mail-Box-Pass-9"}`, want: `{"mailbox":{"status":"pending"}}`},
			{call: "POST users/{u}/suspend"},
			{call: "POST " + boxes + "/kim/login-tokens", status: 403},
			{call: "PUT " + boxes + "/lee", body: `{"password":"Mail-Box-Pass-9"}`, status: 400},
			{call: "GET " + boxes, want: `{"mailboxes":[{"status":"suspended"}]}`},
			{call: "POST users/{u}/unsuspend"},
			{do: func(w *world) { w.until("GET "+boxes, `{"mailboxes":[{"status":"active"}]}`) }},
		}},
		{"Another user's domain is not found under this one", []step{
			aUser("anna"), aDomain("one"),
			{call: "POST users", body: `{"brandRef":{brand},"firstName":"A","lastName":"B","username":"second-{tag}","password":"Correct-Horse-7","email":"second@{tag}.example","languageCode":"en"}`, save: "second=accountHolder.ref"},
			{call: "GET users/{second}/domains/{d}/mailboxes", status: 404},
			{call: "PUT users/{second}/domains/{d}/mailboxes/kim", body: `{"password":"Mail-Box-Pass-9"}`, status: 404},
			{call: "DELETE users/{second}/domains/{d}", status: 404},
			{call: "PUT users/{second}/domains/{d}", body: `{"autoRenew":1}`, status: 404},
		}},
		{"Seats come from the package", []step{
			aUser("anna"),
			{as: "admin", call: "POST packages/{mail}/clone", body: `{"name":"One box"}`, save: "p=package.ref"},
			{as: "admin", call: "PUT packages/{p}/capabilities", body: `{"mailboxes":"1"}`},
			{call: "POST users/{u}/account-packages", body: `{"packageRef":{p},"billingFrequency":1}`, want: `{"capabilities":{"mailboxes":"1"}}`},
			aDomain("one"),
			{call: "PUT " + boxes + "/kim", body: `{"password":"Mail-Box-Pass-9"}`},
			{call: "PUT " + boxes + "/lee", body: `{"password":"Mail-Box-Pass-9"}`, status: 400, wrong: "user.limitReached"},
			{call: "PUT " + boxes + "/kim", body: `{"password":"Other-Horse-8"}`},
			{as: "admin", call: "PUT packages/{p}/capabilities", body: `{"mailboxes":2}`},
			{call: "POST users/{u}/account-packages", body: `{"packageRef":{p},"billingFrequency":1}`, want: `{"capabilities":{"mailboxes":"2"}}`},
			{call: "PUT " + boxes + "/lee", body: `{"password":"Mail-Box-Pass-9"}`},
			{as: "admin", call: "PUT packages/{p}/capabilities", body: `{"mailboxes":1}`},
			{call: "POST users/{u}/account-packages", body: `{"packageRef":{p},"billingFrequency":1}`, status: 400, wrong: "packageRef.limitReached"},
		}},
		{"A brand's switch makes the mailbox an array", []step{
			aUser("anna"), aDomain("one"),
			{do: func(w *world) { w.set("--mailbox-array") }},
			{call: "PUT " + boxes + "/kim", body: `{"password":"Mail-Box-Pass-9"}`, shape: "a brand's switch (B-04)", want: `{"mailbox":[{"user":"kim@one.{tag}.example","status":"pending"}]}`},
		}},
		{"Mail services tell how far a domain is, workers report", []step{
			aUser("anna"), aDomain("one"),
			{do: func(w *world) {
				w.until("GET account-domains/mail-services/{d}", `{"mailServices":[{"ref":{d},"accountDomainRef":{d},"domain":"one.{tag}.example","state":"complete","completionStatus":"success","failureState":null,"failureMessage":null,"active":"1"}]}`)
			}},
			{call: "GET account-domains/mail-services/{d}"},
			{call: "GET account-domains/mail-services", want: `{"mailServices":[{"ref":{d}}]}`},
			{call: "GET account-domains/mail-services?completionStatus=failed", want: `{"mailServices":[]}`},
			{call: "GET account-domains/mail-services?domain=one.{tag}.example&state=complete&sortBy=domain&sortOrder=desc&limit=5&offset=0", want: `{"mailServices":[{"ref":{d}}]}`},
			{call: "GET account-domains/mail-services/" + unknownRef, status: 404},
			{as: foreign, call: "GET account-domains/mail-services/{d}", status: 404},
			{as: foreign, call: "GET account-domains/mail-services", want: `{"mailServices":[]}`},
			{call: "PUT account-domains/mail-services/{d}", body: `{"completionStatus":"failed"}`, status: 403},
			{as: "operator", call: "PUT account-domains/mail-services/{d}", body: `{"state":"provision","completionStatus":"failed","failureState":"provision","failureMessage":"no disk","active":0}`,
				want: `{"mailServices":[{"completionStatus":"failed","failureState":"provision","failureMessage":"no disk","active":"0"}]}`},
			{call: "GET account-domains/{d}", want: `{"accountDomain":{"active":0}}`},
			{as: "operator", call: "PUT account-domains/mail-services/{d}", body: `{"state":"complete","completionStatus":"success","active":"1"}`},
			{call: "GET account-domains/{d}", want: `{"accountDomain":{"active":1}}`},
			{call: "GET users/{u}/domains/one.{tag}.example/subdomains", status: 404},
			{call: "POST users/{u}/domains/one.{tag}.example/subdomains", body: `{"subdomain":"www"}`, status: 404},
			{call: "DELETE users/{u}/domains/one.{tag}.example/subdomains/1", status: 404},
			{call: "GET domains/one.{tag}.example/suggest", status: 404},
			{call: "GET domains/{d}/transfer", status: 404},
			{call: "PUT domains/{d}/transfer", body: `{}`, status: 404},
		}},
	}
}

func flowScenarios() []scenario {
	return []scenario{
		{"A forgotten password is set anew by a mail's link", []step{
			aUser("anna"),
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"https://shop.{tag}.example/reset"}`},
			{do: func(w *world) { w.link("anna@{tag}.example", "https://shop.{tag}.example/reset?h=", "hash") }},
			{call: "POST users/reset-password", body: `{"hash":"{hash}","password":"short"}`, status: 400, wrong: "password.tooShort"},
			{call: "POST users/reset-password", body: `{"hash":"{hash}","password":"Other-Horse-8"}`},
			{call: "POST users/reset-password", body: `{"hash":"{hash}","password":"Correct-Horse-7"}`, status: 400, wrong: "hash.invalid"},
			{call: "POST login", body: `{"username":"anna-{tag}","password":"Other-Horse-8","userType":"accountHolder"}`},
			{call: "POST users/forgotten-password", body: `{"email":"anna@{tag}.example","loginLink":"https://shop.{tag}.example/reset?lang=en"}`},
			{do: func(w *world) { w.link("anna@{tag}.example", "https://shop.{tag}.example/reset?lang=en&h=", "hash") }},
			{call: "POST users/reset-password", body: `{"hash":"{hash}","password":"Correct-Horse-7"}`, status: 400, wrong: "hash.invalid", advance: 3 * day / 24},
			{call: "POST users/reset-password", body: `{"hash":"nothing","password":"Correct-Horse-7"}`, status: 400, wrong: "hash.invalid"},
			{call: "POST users/forgotten-password", body: `{"username":"nobody-{tag}","loginLink":"https://shop.{tag}.example/reset"}`},
			{as: foreign, call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"https://shop.{tag}.example/reset"}`},
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}"}`, status: 400, wrong: "loginLink.required"},
			{call: "POST users/forgotten-password", body: `{"loginLink":"https://shop.{tag}.example/reset"}`, status: 400, wrong: "username.required"},
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"javascript:alert(1)"}`, status: 400, wrong: "loginLink.invalid"},
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"https://a:b@shop.{tag}.example/"}`, status: 400, wrong: "loginLink.invalid"},
			{do: func(w *world) { w.set("--link-host", "shop.{tag}.example") }},
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"https://elsewhere.example/reset"}`, status: 400, wrong: "loginLink.notAllowed"},
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"https://shop.{tag}.example@elsewhere.example/"}`, status: 400, wrong: "loginLink.invalid"},
			{call: "POST users/forgotten-password", body: `{"username":"anna-{tag}","loginLink":"https://shop.{tag}.example/reset"}`},
		}},
		{"An address is proved by a mail's link", []step{
			aUser("anna"),
			{call: "POST users/{u}/send-verification-email", body: `{"verificationUrl":"https://shop.{tag}.example/verify"}`},
			{do: func(w *world) { w.link("anna@{tag}.example", "https://shop.{tag}.example/verify?token=", "token") }},
			{call: "POST users/{u}/validate-email-verification-token", body: `{"token":"J4kawdtfj2FcLcHq9SFyANBVz2BW5ECn"}`, status: 400, wrong: "token.invalid"},
			{as: foreign, call: "POST users/{u}/validate-email-verification-token", body: `{"token":"{token}"}`, status: 404},
			{as: foreign, call: "POST users/{u}/send-verification-email", body: `{"verificationUrl":"https://shop.{tag}.example/verify"}`, status: 404},
			{call: "POST users/{u}/validate-email-verification-token", body: `{"token":"{token}"}`},
			{call: "GET users/{u}", want: `{"accountHolder":{"emailVerified":true}}`},
			{call: "POST users/{u}/validate-email-verification-token", body: `{"token":"{token}"}`, status: 400, wrong: "token.invalid"},
			{call: "PUT users/{u}", body: `{"email":"second@{tag}.example"}`, want: `{"accountHolder":{"emailVerified":false}}`},
			{call: "POST users/{u}/send-verification-email", body: `{"verificationUrl":"https://shop.{tag}.example/verify"}`},
			{do: func(w *world) { w.link("second@{tag}.example", "https://shop.{tag}.example/verify?token=", "token") }},
			{call: "PUT users/{u}", body: `{"email":"third@{tag}.example"}`},
			{call: "POST users/{u}/validate-email-verification-token", body: `{"token":"{token}"}`, status: 400, wrong: "token.invalid"},
			{call: "GET users/{u}", want: `{"accountHolder":{"emailVerified":false}}`},
			{call: "POST users/{u}/send-verification-email", body: `{}`, status: 400, wrong: "verificationUrl.required"},
			{call: "POST users/{u}/send-verification-email", body: `{"verificationUrl":"ftp://shop.{tag}.example/"}`, status: 400, wrong: "verificationUrl.invalid"},
		}},
		{"Profiles hold what a site says of itself", []step{
			aUser("anna"),
			{call: "GET users/{u}/profiles", save: "p=profiles.0.ref"},
			{call: "PUT users/{u}/profiles/{p}", body: `{"fields":[{"name":"business","value":"Ash & Co"},{"name":"email","value":"shop@{tag}.example"}]}`,
				want: `{"profile":{"ref":{p},"fields":[{"name":"business","value":"Ash & Co"},{"name":"email","value":"shop@{tag}.example"}]}}`},
			{call: "PUT users/{u}/profiles/{p}", body: `{"fields":[{"name":"strapline","value":"` + strings.Repeat("a", 1001) + `"}]}`, status: 400, wrong: "fields.invalid"},
			{call: "POST users/{u}/profiles", body: `{"fields":[{"name":"strapline","value":"Best"}]}`, save: "q=profile.ref", want: `{"profile":{"fields":[{"name":"strapline","value":"Best"}]}}`},
			{call: "GET users/{u}/profiles/{q}", want: `{"profile":{"ref":{q}}}`},
			{as: foreign, call: "GET users/{u}/profiles", status: 404},
			{as: foreign, call: "GET users/{u}/profiles/{q}", status: 404},
			{as: foreign, call: "PUT users/{u}/profiles/{q}", body: `{"fields":[]}`, status: 404},
			{as: foreign, call: "DELETE users/{u}/profiles/{q}", status: 404},
			{call: "DELETE users/{u}/profiles/{q}"},
			{call: "GET users/{u}/profiles/{q}", status: 404},
		}},
	}
}
