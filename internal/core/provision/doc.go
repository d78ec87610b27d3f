// Package provision is what the doors, the mail side and the jobs call: every
// command and query of the platform, whichever package of the core runs it.
//
// Every rule that touches more than one object lives here once, for every
// dialect: in one of the packages below, which stand on package work (the
// transaction, its actor, its moment) and import one another in this order only.
// Each lists its commands in its doc.go.
//
//	work       the unit of work: transaction, actor, time; the rows' interfaces; what every rule asks
//	ticket     tokens that log somebody in once
//	tenancy    partners: keys, API users, settings, brand, clock, log
//	pricing    price lists
//	customers  customers of resellers
//	reselling  the tree of resellers
//	billing    the books: balances, invoices, transactions
//	routing    where mail to an address goes, who may log in with it
//	dnssetup   a domain's records and DKIM keys
//	outbox     webhooks and mails of the platform
//	packages   what brands sell, and who is subscribed to it
//	mailboxes  email accounts
//	ordering   mail orders
//	selling    orders as resellers buy them: purchases, actions, payment
//	holders    account holders of brands
//	retail     what account holders buy
//	signin     sessions of the panel and of webmail
//	schedule   what falls due
//
// Every command takes the actor: its PartnerID is the tenant, to whom nothing of
// another tenant exists; 0 is the operator and the platform and needs the role
// titan or titanSupport. Strings come as the caller sent them: trimming,
// lower-casing and validity of domains, addresses and free text are rules and
// live in the core.
package provision
