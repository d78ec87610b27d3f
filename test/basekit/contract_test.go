package basekit

import "slices"

// endpoint is one row of the contract, written down here on its own: what the
// server routes is compared with it.
type endpoint struct {
	section, verb, path string // "5.5", "PUT", with ":name" for what is a parameter
	status              int    // of success; 404 = not built
	shapes              []variant
}

// variant is one shape of a reply; name is "" where there is one only.
type variant struct{ name, shape string }

func one(shape string) []variant { return []variant{{"", shape}} }

func get(section, path, shape string) endpoint {
	return endpoint{section, "GET", path, 200, one(shape)}
}
func put(section, path, shape string) endpoint {
	return endpoint{section, "PUT", path, 200, one(shape)}
}
func post(section, path, shape string) endpoint {
	return endpoint{section, "POST", path, 200, one(shape)}
}
func created(section, path, shape string) endpoint {
	return endpoint{section, "POST", path, 201, one(shape)}
}
func empty(section, verb, path string) endpoint {
	return endpoint{section, verb, path, 204, one("")}
}
func notBuilt(section, verb, path string) endpoint {
	return endpoint{section, verb, path, 404, one("")}
}

// contract lists every endpoint of the vendor's page and their siblings.
func contract() []endpoint {
	return slices.Concat(domainEndpoints(), userEndpoints(), shopEndpoints(), mailServiceEndpoints())
}

// domainEndpoints are section 5: the vendor's page.
func domainEndpoints() []endpoint {
	const domain = "/users/:accountHolderRef/domains/:accountDomainRef"
	return []endpoint{
		get("5.1", "/account-domains/:accountDomainRef", "{accountDomain:@accountDomain}"),
		get("5.2", "/users/:accountHolderRef/account-domains", "{accountDomains:[@accountDomainRow]}"),
		get("5.3", "/users/:accountHolderRef/domains/mailboxes", "{domainMailboxes:[@domainMailbox]}"),
		get("5.4", domain+"/mailboxes", "{mailboxes:[@mailbox]}"),
		{"5.5", "PUT", domain + "/mailboxes/:user", 200, []variant{{"", "{mailbox:@mailbox}"}, {"a brand's switch (B-04)", "{mailbox:[@mailbox]}"}}},
		empty("5.6", "DELETE", domain+"/mailboxes/:user"),
		post("5.7", domain+"/mailboxes/:user/login-tokens", "{loginToken:s}"),
		empty("5.8", "POST", "/users/forgotten-password"),
		empty("5.9", "POST", "/users/reset-password"),
		empty("5.10", "POST", "/users/:ref/send-verification-email"),
		empty("5.11", "POST", "/users/:ref/validate-email-verification-token"),
		get("5.12", "/packages/:ref", "{package:@package}"),
		get("5.12", "/packages/:ref/prices", "{prices:[@price]}"),
		get("5.13", "/users/:ref/profiles", "{profiles:[@profile]}"),
		created("5.13", "/users/:ref/profiles", "{profile:@profile}"),
		get("5.13", "/users/:ref/profiles/:profileRef", "{profile:@profile}"),
		put("5.13", "/users/:ref/profiles/:profileRef", "{profile:@profile}"),
		empty("5.13", "DELETE", "/users/:ref/profiles/:profileRef"),
	}
}

// userEndpoints are sections 2.1 and 6.
func userEndpoints() []endpoint {
	return []endpoint{
		post("2.1", "/login", "{accountHolder:@accountHolder}"),
		notBuilt("2.1", "POST", "/aps-login"),
		get("6", "/users", "{count:id,accountHolders:[@accountHolder]}"),
		created("6", "/users", "{accountHolder:@accountHolder}"),
		get("6", "/users/:ref", "{accountHolder:@accountHolder}"),
		put("6", "/users/:ref", "{accountHolder:@accountHolder}"),
		empty("6", "DELETE", "/users/:ref"),
		empty("6", "POST", "/users/:ref/suspend"),
		empty("6", "POST", "/users/:ref/unsuspend"),
		empty("6", "POST", "/users/:ref/cancel"),
		empty("6", "POST", "/users/:ref/anonymise"),
		post("6", "/users/:ref/auto-login", "{hash:s,flowUrl:s}"),
		get("6", "/users/:ref/capabilities", "{capabilities:@capabilities}"),
		get("6", "/users/:ref/capability/:name", "{capability:s?}"),
		get("6", "/users/:ref/notes", "{notes:[@note]}"),
		created("6", "/users/:ref/notes", "{notes:[@note]}"),
		get("6", "/users/:ref/invoices", "{invoices:[@invoice]}"),
		get("6", "/users/:ref/invoices/:invoiceRef", "{invoice:@invoice}"),
		get("6", "/users/:ref/orders", "{orders:[@order]}"),
		get("6", "/users/:ref/orders/pending", "{orders:[@order]}"),
		get("6", "/users/:ref/billing-cycles/primary", "{billingCycle:@billingCycle}"),
		get("6", "/users/:ref/billing-cycles/:billingCycleRef", "{billingCycle:@billingCycle}"),
		get("6", "/search", "{users:[@holderWithSites]}"),
	}
}

// shopEndpoints are section 7.
func shopEndpoints() []endpoint {
	return []endpoint{
		get("7", "/brands", "{brands:[@brand]}"),
		get("7", "/brands/:brandRef", "{brand:@brand}"),
		put("7", "/brands/:brandRef", "{brand:@brand}"),
		get("7", "/brands/:brandRef/packages", "{packages:[@package]}"),
		get("7", "/brands/:brandRef/languages", "{languages:[@language]}"),
		get("7", "/brands/:brandRef/currencies", "{currencies:[@currency]}"),
		get("7", "/brands/:brandRef/domain-tlds", "{domainTlds:[@domainTld]}"),
		put("7", "/brands/:brandRef/domain-tlds", "{domainTlds:[@domainTld]}"),
		created("7", "/packages", "{package:@package}"),
		put("7", "/packages/:ref", "{package:@package}"),
		empty("7", "DELETE", "/packages/:ref"),
		put("7", "/packages/:ref/capabilities", "{package:@package}"),
		created("7", "/packages/:ref/clone", "{package:@package}"),
		get("7", "/users/:ref/account-packages", "{accountPackages:[@accountPackage]}"),
		post("7", "/users/:ref/account-packages", "{capabilities:@capabilities}"),
		get("7", "/users/:ref/account-packages/:accountPackageRef", "{accountPackage:@accountPackage}"),
		empty("7", "DELETE", "/users/:ref/account-packages/:accountPackageRef"),
		get("7", "/brands/:brandRef/resellers", "{resellers:[@reseller]}"),
		created("7", "/brands/:brandRef/resellers", "{reseller:@reseller}"),
		get("7", "/resellers/:ref", "{reseller:@reseller}"),
		put("7", "/resellers/:ref", "{reseller:@reseller}"),
		empty("7", "DELETE", "/resellers/:ref"),
		created("7", "/orders", "{order:@order}"),
		get("7", "/orders", "{orders:[@order]}"),
		get("7", "/orders/:ref", "{order:@order}"),
		put("7", "/orders/:ref", "{order:@order}"),
		empty("7", "DELETE", "/orders/:ref"),
		get("7", "/orders/:ref/items", "{orderItems:[@orderItem]}"),
		created("7", "/orders/:ref/items", "{orderItem:@orderItem}"),
		put("7", "/orders/:ref/items/:itemRef", "{orderItem:@orderItem}"),
		empty("7", "DELETE", "/orders/:ref/items/:itemRef"),
	}
}

// mailServiceEndpoints are sections 8 and 9.
func mailServiceEndpoints() []endpoint {
	return []endpoint{
		get("8", "/domains/:domain", "{domain:{name:s,available:b}}"),
		get("8", "/users/:ref/domains", "{domains:[@accountDomainRow]}"),
		put("8", "/users/:ref/domains/:accountDomainRef", "{accountDomain:@accountDomain}"),
		empty("8", "DELETE", "/users/:ref/domains/:accountDomainRef"),
		notBuilt("8", "GET", "/users/:ref/domains/:domainName/subdomains"),
		notBuilt("8", "POST", "/users/:ref/domains/:domainName/subdomains"),
		notBuilt("8", "DELETE", "/users/:ref/domains/:domainName/subdomains/:subdomainRef"),
		notBuilt("8", "GET", "/domains/:hostName/suggest"),
		notBuilt("8", "GET", "/domains/:accountDomainRef/transfer"),
		notBuilt("8", "PUT", "/domains/:accountDomainRef/transfer"),
		get("8", "/account-domains/mail-services", "{mailServices:[@mailService]}"),
		get("8", "/account-domains/mail-services/:ref", "{mailServices:[@mailService]}"),
		put("8", "/account-domains/mail-services/:ref", "{mailServices:[@mailService]}"),
		created("9", "/sites", "{site:@site}"),
		get("9", "/users/:ref/sites", "{sites:[@site]}"),
		get("9", "/sites/:ref", "{site:@site}"),
		empty("9", "DELETE", "/sites/:ref"),
		notBuilt("9", "PUT", "/sites/:ref/domains"),
		notBuilt("9", "GET", "/ssl-certs/:domain"),
		notBuilt("9", "GET", "/templates"),
		notBuilt("9", "GET", "/v2/templates"),
		notBuilt("9", "GET", "/widgets"),
		notBuilt("9", "GET", "/assets"),
	}
}
