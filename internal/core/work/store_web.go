package work

import (
	"context"
	"time"

	"posthouse/internal/core/cart"
	"posthouse/internal/core/panel"
)

// WebTx are the rows of browsers' sessions, of tokens that stand in for a
// partner's word, of carts and of add-ons.
type WebTx interface {
	InsertWebSession(ctx context.Context, s *WebSession) error
	WebSession(ctx context.Context, hash []byte) (*WebSession, error)
	// TouchWebSession moves UsedAt and IdleAt.
	TouchWebSession(ctx context.Context, hash []byte, usedAt, idleAt time.Time) error
	DeleteWebSession(ctx context.Context, hash []byte) error
	// DropPanelSessions removes a customer's.
	DropPanelSessions(ctx context.Context, customerID int64) error
	// ForgetWebSessions removes those whose IdleAt or ExpiresAt is before that time.
	ForgetWebSessions(ctx context.Context, before time.Time) error

	// LoginToken gives an auto-login token without using it up.
	LoginToken(ctx context.Context, hash []byte) (*LoginToken, error)

	InsertPartnerToken(ctx context.Context, t *PartnerToken) error
	PartnerToken(ctx context.Context, hash []byte) (*PartnerToken, error)
	ForgetPartnerTokens(ctx context.Context, before time.Time) error

	InsertCart(ctx context.Context, c *cart.Cart) error
	Cart(ctx context.Context, trackingID string) (*cart.Cart, error)
	// ExecuteCart sets ExecutedAt and reports whether it was unset before.
	ExecuteCart(ctx context.Context, trackingID string, at time.Time) (bool, error)
	// ForgetCarts removes carts that were not executed before they expired before that time.
	ForgetCarts(ctx context.Context, before time.Time) error

	// AddonCounters gives how many of each add-on an order has; empty when none.
	AddonCounters(ctx context.Context, orderID int64) (map[string]int64, error)
	// AddAddon adds to an order's number of one add-on.
	AddAddon(ctx context.Context, orderID int64, addon string, quantity int) error

	// AddonCatalogue gives what a partner sells; nil when nothing was set.
	AddonCatalogue(ctx context.Context, partnerID int64) ([]cart.Product, error)
	PutAddonCatalogue(ctx context.Context, partnerID int64, products []cart.Product, at time.Time) error
}

// SessionKind says which application a session opens.
type SessionKind string

// The kinds.
const (
	PanelSession   SessionKind = "panel"
	WebmailSession SessionKind = "webmail"
)

// WebSession is the row of a browser's session. Its times are the platform's.
type WebSession struct {
	Hash       []byte // of the secret in the cookie
	Kind       SessionKind
	PartnerID  int64
	CustomerID int64  // panel: whom it was opened for
	OrderID    int64  // panel: 0 = all orders of the customer
	AccountID  int64  // webmail
	KeyID      int64  // panel: the API key that vouched for it; 0 = none did
	ResellerID int64  // panel: the reseller that vouched for it
	APIUserID  int64  // panel: the API user that did; without any of the three the customer's own password did
	Stamp      []byte // of what it stands on: another value ends it
	Asked      panel.Asked
	CreatedAt  time.Time
	UsedAt     time.Time
	IdleAt     time.Time // ends unless it is used before
	ExpiresAt  time.Time // ends whatever happens
}

// PartnerToken was given out for an API key: with a customer it opens the
// control panel (T-36), without it stands in for the key (T-37).
type PartnerToken struct {
	Hash       []byte
	PartnerID  int64
	CustomerID int64
	KeyID      int64
	ExpiresAt  time.Time
}
