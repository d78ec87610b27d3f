package basekit

import "net/http"

// aUser makes an account holder, as {u}; name is of his user name.
func aUser(name string) step {
	return step{call: "POST users", save: "u=accountHolder.ref",
		body: `{"brandRef":"{brand}","firstName":"Anna","lastName":"Ash","username":"` + name + `-{tag}","password":"Correct-Horse-7","email":"` + name + `@{tag}.example","languageCode":"en"}`}
}

// aDomain makes an account domain of {u} by a site, as {d}.
func aDomain(name string) step {
	return step{call: "POST sites", body: `{"brandRef":{brand},"accountHolderRef":{u},"domain":"` + name + `.{tag}.example"}`, save: "d=site.ref",
		want: `{"site":{"primaryDomain":{"domainName":"` + name + `.{tag}.example"}}}`}
}

// active waits until an account domain is ready (B-21).
func active(ref string) step {
	return step{do: func(w *world) { w.until("GET account-domains/"+ref, `{"accountDomain":{"active":1}}`) }}
}

const unknownRef = "79999999"

func userScenarios() []scenario {
	return []scenario{
		{"Account holders come, change and go", []step{
			{call: "POST users", save: "u=accountHolder.ref",
				body: `{"brandRef":"{brand}","firstName":"Harry","lastName":"Lee","username":"hlee88-{tag}","password":"Correct-Horse-7","email":"h@{tag}.example","languageCode":"en","address1":"1 High St",
					"city":"London","postcode":"N1","country":"GB","company":"Lee & Sons","phoneNumber":"+44.2012345678","metadata":{"shop_client_id":"c1"},"beta":0,"newsletter":1,"entryFlowComplete":1,
					"metricsSource":"x","metricsPath":"y","cpfCompany":0,"deleted":0}`,
				want: `{"accountHolder":{"brandRef":{brand},"username":"hlee88-{tag}","firstName":"Harry","lastName":"Lee","email":"h@{tag}.example","company":"Lee & Sons","city":"London","languageCode":"en",
					"suspended":0,"deleted":false,"emailVerified":false,"accountStatus":"allowed","metadata":{"shop_client_id":"c1"},"newsletter":1,"subscriptionPackageRef":null,"lastLogin":null,"owner":{"type":"brand","ref":{brand}}}}`},
			{call: "POST users", body: `{"brandRef":{brand},"firstName":"A","lastName":"B","username":"second-{tag}","password":"Correct-Horse-7","email":"k@{tag}.example","languageCode":"en"}`, save: "k=accountHolder.ref",
				want: `{"accountHolder":{"company":"","metadata":{}}}`},
			{call: "POST users", body: `{"brandRef":{brand},"firstName":"A","lastName":"B","username":"HLEE88-{tag}","password":"Correct-Horse-7","email":"other@{tag}.example","languageCode":"en"}`, status: 400, wrong: "username.alreadyExists"},
			{call: "POST users", body: `{"brandRef":{brand},"firstName":"A","lastName":"B","username":"other-{tag}","password":"Correct-Horse-7","email":"h@{tag}.example","languageCode":"en"}`, status: 400, wrong: "email.alreadyExists"},
			{call: "POST users", body: `{"brandRef":{brand},"lastName":"B","username":"x-{tag}","password":"Correct-Horse-7","email":"x@{tag}.example","languageCode":"en"}`, status: 400, wrong: "firstName.required"},
			{call: "POST users", body: `{"brandRef":{brand},"firstName":"A","lastName":"B","username":"x-{tag}","password":"Correct-Horse-7","email":"no address","languageCode":"en"}`, status: 400, wrong: "email.invalid"},
			{call: "POST users", body: `{"brandRef":{theirs},"firstName":"A","lastName":"B","username":"x-{tag}","password":"Correct-Horse-7","email":"x@{tag}.example","languageCode":"en"}`, status: 403},
			{call: "GET users/{u}", want: `{"accountHolder":{"ref":{u},"username":"hlee88-{tag}"}}`},
			{call: "GET users/" + unknownRef, status: 404},
			{call: "GET users/huge", status: 404},
			{call: "GET users/99999999999999999999", status: 404},
			{as: foreign, call: "GET users/{u}", status: 404},
			{as: foreign, call: "PUT users/{u}", body: `{"firstName":"Mine"}`, status: 404},
			{call: "GET users", want: `{"count":"2","accountHolders":[{"ref":{u}},{"ref":{k}}]}`},
			{call: "GET users?limit=1&offset=1", want: `{"count":"2","accountHolders":[{"ref":{k}}]}`},
			{call: "GET users?username=second-{tag}", want: `{"count":"1","accountHolders":[{"ref":{k}}]}`},
			{call: "GET users?dateFrom={now+2d}", want: `{"count":"0","accountHolders":[]}`},
			{as: foreign, call: "GET users", want: `{"count":"0","accountHolders":[]}`},
			{call: "PUT users/{u}", body: `{"firstName":"Henry","email":"henry@{tag}.example","metadata":{"shop_client_id":"c2"}}`,
				want: `{"accountHolder":{"firstName":"Henry","lastName":"Lee","email":"henry@{tag}.example","city":"London","metadata":{"shop_client_id":"c2"}}}`},
			{call: "PUT users/{u}", body: `{"username":"second-{tag}"}`, status: 400, wrong: "username.alreadyExists"},
			{call: "GET search?token=Henry", want: `{"users":[{"ref":{u}}]}`},
			{call: "GET search?token=nobody-at-all", want: `{"users":[]}`},
			{call: "POST users/{u}/notes", body: `{"note":"pays late"}`, want: `{"notes":[{"note":"pays late"}]}`},
			{call: "GET users/{u}/notes", want: `{"notes":[{"note":"pays late"}]}`},
			{call: "GET users/{u}/invoices", want: `{"invoices":[]}`},
			{call: "GET users/{u}/capabilities", want: `{"capabilities":{"mailboxes":"*","liveSites":"0"}}`},
			{call: "GET users/{u}/capability/mailboxes"},
			{call: "POST login", body: `{"username":"hlee88-{tag}","password":"Correct-Horse-7","userType":"accountHolder"}`, want: `{"accountHolder":{"ref":{u}}}`},
			{call: "POST login", body: `{"username":"hlee88-{tag}","password":"wrong","userType":"accountHolder"}`, status: 401},
			{call: "POST login", body: `{"username":"nobody-{tag}","password":"wrong","userType":"accountHolder"}`, status: 401},
			{as: foreign, call: "POST login", body: `{"username":"hlee88-{tag}","password":"Correct-Horse-7","userType":"accountHolder"}`, status: 401},
			{call: "POST aps-login", body: `{"username":"hlee88-{tag}","password":"x"}`, status: 404},
			{call: "GET users/{u}", want: `{"accountHolder":{"lastLogin":"*"}}`},
			{call: "PUT users/{u}", body: `{"password":"Other-Horse-8"}`},
			{call: "POST login", body: `{"username":"hlee88-{tag}","password":"Correct-Horse-7","userType":"accountHolder"}`, status: 401},
			{call: "POST login", body: `{"username":"hlee88-{tag}","password":"Other-Horse-8","userType":"accountHolder"}`},
			{call: "POST users/{u}/auto-login", save: "hash=hash flow=flowUrl"},
			{do: panelOpens},
			{call: "POST users/{u}/auto-login", body: `{"siteRef":9}`, status: 404},
			{call: "DELETE users/{k}"},
			{call: "GET users", want: `{"count":"1","accountHolders":[{"ref":{u}}]}`},
			{call: "GET users?showDeleted=1", want: `{"count":"2","accountHolders":[{"ref":{u}},{"ref":{k},"deleted":true}]}`},
			{call: "GET users/{k}", want: `{"accountHolder":{"ref":{k},"deleted":true}}`},
			{call: "PUT users/{k}", body: `{"deleted":0,"beta":0,"cpfCompany":0}`, want: `{"accountHolder":{"deleted":false}}`},
			{call: "DELETE users/{k}"},
			{call: "PUT users/{k}", body: `{"deleted":0}`, status: 400, advance: 31 * day},
			{call: "POST users/{u}/anonymise", want: ""},
			{call: "GET users/{u}", want: `{"accountHolder":{"firstName":"anonymised","lastName":"anonymised"}}`},
			{call: "DELETE users/{u}?hard=1"},
			{call: "GET users/{u}", status: 404},
		}},
		{"An account holder's suspension is that of all his domains", []step{
			aUser("anna"),
			aDomain("one"),
			{call: "POST users/{u}/suspend"},
			{call: "GET users/{u}", want: `{"accountHolder":{"suspended":1}}`},
			{call: "GET account-domains/{d}", want: `{"accountDomain":{"active":0}}`},
			{call: "POST users/{u}/suspend"},
			{call: "POST users/{u}/unsuspend"},
			{call: "GET users/{u}", want: `{"accountHolder":{"suspended":0}}`},
			active("{d}"),
			{call: "POST users/{u}/account-packages", body: `{"packageRef":{mail},"billingFrequency":1}`},
			{call: "POST users/{u}/cancel"},
			{call: "GET account-domains/{d}", want: `{"accountDomain":{"active":1,"autoRenew":0}}`},
			{call: "GET users/{u}/account-domains", want: `{"accountDomains":[]}`, advance: 40 * day},
			{as: foreign, call: "POST users/{u}/suspend", status: 404},
			{as: foreign, call: "POST users/{u}/anonymise", status: 404},
			{as: foreign, call: "DELETE users/{u}", status: 404},
		}},
	}
}

// panelOpens follows a log-in link, once.
func panelOpens(w *world) {
	for i, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		if got := w.browse(w.names["flow"]); got.status != want {
			w.t.Errorf("time %d the link is answered %d %.300s", i+1, got.status, got.text)
		}
	}
}
