// Package routing decides where mail to an address goes and who may log in with
// it: forwarders, forwards, aliases, catch-all, autoresponders, and which order
// serves a domain.
//
//	ProveOwnership(ctx, actor, orderID) error
//
//	CreateForwarder(ctx, actor, ForwarderMembers) error
//	AddForwarderMembers / RemoveForwarderMembers(ctx, actor, ForwarderMembers) error
//	DeleteForwarder(ctx, actor, ForwarderRef) error
//	FetchForwarder(ctx, actor, ForwarderRef) (*forwarder.Forwarder, error)
//	ListForwarders(ctx, actor, OrderRef) ([]*forwarder.Forwarder, error)
//	CreateForwardOnlyAccount(ctx, actor, CreateForwardOnlyAccount) error   // to any addresses; takes no seat
//	AddForwards / RemoveForwards(ctx, actor, ChangeForwards) error         // of a mailbox, or of a forward-only account
//	Forwards(ctx, actor, AccountRef) (*forwarder.Forwards, error)
//	ForwardsOfOrder(ctx, actor, OrderRef) (map[accountID]*forwarder.Forwards, error)
//	SetAutoresponder(ctx, actor, SetAutoresponder) error
//	Autoresponder(ctx, actor, AccountRef) (*autoresponder.Autoresponder, error)
//	ActiveAutoresponders(ctx, actor, OrderRef) (map[accountID]bool, error)
//	AddDomainAlias / RemoveDomainAlias(ctx, actor, DomainAlias) error
//	DomainAliases(ctx, actor, OrderRef) ([]string, error)
//	SetCatchAll(ctx, actor, AccountRef) error
//	RemoveCatchAll(ctx, actor, OrderRef) error
//	FetchCatchAll(ctx, actor, OrderRef) (email string, err error)   // "" = off
//	ResolveRecipient(ctx, local, domain string) (*Recipient, error)
//	Responders(ctx, accountIDs) ([]*Responder, error)        // autoresponders in force
//	MayForward(ctx, orderID) (bool, error)                    // to other hosts
//	LoginCandidates(ctx, email string) ([]LoginCandidate, error)
//	LoginAccount(ctx, accountID) (*LoginCandidate, error)   // nil: may not log in now
//	Sender(ctx, accountID) (*Sender, error)
//	SenderAddresses(ctx, accountID) ([]string, error)
//	DomainRouting(ctx, domain string) (*Routing, error)
//	AccessChangesAfter(ctx, after, limit) ([]AccessChange, error)
//	LastAccessChange(ctx) (int64, error)
package routing
