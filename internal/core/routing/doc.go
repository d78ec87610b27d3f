// Package routing decides where mail to an address goes and who may log in with
// it: forwarders, forwards, aliases, catch-all, autoresponders, and which order
// serves a domain.
//
//	ProveOwnership(ctx, actor, orderID) error
//
//	CreateForwarder(ctx, actor, ForwarderMembers) error
//	AddForwarderMembers / RemoveForwarderMembers(ctx, actor, ForwarderMembers) error
//	DeleteForwarder(ctx, actor, work.ForwarderRef) error
//	FetchForwarder(ctx, actor, work.ForwarderRef) (*forwarder.Forwarder, error)
//	ListForwarders(ctx, actor, work.OrderRef) ([]*forwarder.Forwarder, error)
//	CreateForwardOnlyAccount(ctx, actor, CreateForwardOnlyAccount) error  // to any addresses; takes no seat
//	AddForwards / RemoveForwards(ctx, actor, ChangeForwards) error        // of a mailbox, or of a forward-only account
//	Forwards(ctx, actor, work.AccountRef) (*forwarder.Forwards, error)
//	ForwardsOfOrder(ctx, actor, work.OrderRef) (map[accountID]*forwarder.Forwards, error)
//	SetAutoresponder(ctx, actor, SetAutoresponder) error
//	Autoresponder(ctx, actor, work.AccountRef) (*autoresponder.Autoresponder, error)
//	ActiveAutoresponders(ctx, actor, work.OrderRef) (map[accountID]bool, error)
//	AddDomainAlias / RemoveDomainAlias(ctx, actor, DomainAlias) error
//	DomainAliases(ctx, actor, work.OrderRef) ([]string, error)
//	SetCatchAll(ctx, actor, work.AccountRef) error
//	RemoveCatchAll(ctx, actor, work.OrderRef) error
//	FetchCatchAll(ctx, actor, work.OrderRef) (email string, err error)  // "" = off
//	ResolveRecipient(ctx, local, domain string) (*Recipient, error)
//	Responders(ctx, accountIDs) ([]*Responder, error)  // autoresponders in force
//	MayForward(ctx, orderID) (bool, error)             // to other hosts
//	LoginCandidates(ctx, email string) ([]LoginCandidate, error)
//	LoginAccount(ctx, accountID) (*LoginCandidate, error)  // nil: may not log in now
//	Sender(ctx, accountID) (*Sender, error)
//	SenderAddresses(ctx, accountID) ([]string, error)
//	DomainRouting(ctx, domain string) (*Routing, error)
//	AccessChangesAfter(ctx, after, limit) ([]work.AccessChange, error)
//	LastAccessChange(ctx) (int64, error)
package routing
