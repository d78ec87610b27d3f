package work

import (
	"context"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
)

// MailFlowTx reads and writes what mailboxes do with their mail, and domain aliases.
type MailFlowTx interface {
	// PutForwards replaces a mailbox's forwards of one kind.
	PutForwards(ctx context.Context, orderID, accountID int64, k forwarder.Kind, emails []string) error
	// ForwardsOf gives the forwards of those accounts, by account, kind and position.
	ForwardsOf(ctx context.Context, accountIDs []int64) ([]*forwarder.Forward, error)
	// ForwardsOfOrder gives those of all accounts of an order, in the same order.
	ForwardsOfOrder(ctx context.Context, orderID int64) ([]*forwarder.Forward, error)
	// DropForwardsTo removes an address from the forwards of an order's mailboxes.
	DropForwardsTo(ctx context.Context, orderID int64, email string) error
	// ForwardersNaming gives an order's forwarders with a member of that address without an account, by ID.
	ForwardersNaming(ctx context.Context, orderID int64, email string) ([]*forwarder.Forwarder, error)

	PutAutoresponder(ctx context.Context, a *autoresponder.Autoresponder) error
	Autoresponder(ctx context.Context, accountID int64) (*autoresponder.Autoresponder, error)
	// AutorespondersOn gives those of the accounts that are on, by account, whenever they end.
	AutorespondersOn(ctx context.Context, accountIDs []int64) ([]*autoresponder.Autoresponder, error)
	AutorespondersOfOrder(ctx context.Context, orderID int64) ([]*autoresponder.Autoresponder, error)

	// PutDomainAlias inserts or updates; of active ones a domain has one.
	PutDomainAlias(ctx context.Context, a *order.DomainAlias) error
	DeleteDomainAlias(ctx context.Context, orderID int64, domain string) error
	// DomainAliases gives an order's aliases by name, inactive ones too.
	DomainAliases(ctx context.Context, orderID int64) ([]*order.DomainAlias, error)
	// ActiveAlias gives the alias that has a domain.
	ActiveAlias(ctx context.Context, domain string) (*order.DomainAlias, error)
}
