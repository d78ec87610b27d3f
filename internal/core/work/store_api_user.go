package work

import (
	"context"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
)

// APIUserTx is the rows of who calls the BaseKit dialect.
type APIUserTx interface {
	// InsertAPIUser reports false, writing nothing, when another has the name.
	InsertAPIUser(ctx context.Context, a *partner.APIUser) (bool, error)
	UpdateAPIUser(ctx context.Context, a *partner.APIUser) error // all but PartnerID, Username and CreatedAt
	APIUser(ctx context.Context, id int64) (*partner.APIUser, error)
	// APIUserByName gives the one with that name that is not revoked.
	APIUserByName(ctx context.Context, username string) (*partner.APIUser, error)
	// APIUsers gives a partner's by ID, revoked ones too.
	APIUsers(ctx context.Context, partnerID int64) ([]*partner.APIUser, error)

	InsertOAuthCredentials(ctx context.Context, c *partner.OAuthCredentials) error
	UpdateOAuthCredentials(ctx context.Context, c *partner.OAuthCredentials) error // RevokedAt
	OAuthCredentials(ctx context.Context, id int64) (*partner.OAuthCredentials, error)
	OAuthByConsumerKey(ctx context.Context, consumerKey string) (*partner.OAuthCredentials, error)
	// OAuthOfPartner gives those of all API users of a partner by ID, revoked ones too.
	OAuthOfPartner(ctx context.Context, partnerID int64) ([]*partner.OAuthCredentials, error)

	// TakeOAuthNonce keeps that a nonce was used. It reports false when it was before.
	TakeOAuthNonce(ctx context.Context, n OAuthNonce) (bool, error)
	// ForgetOAuthNonces removes those of requests signed before that time.
	ForgetOAuthNonces(ctx context.Context, before time.Time) error

	// ShopSettings gives what a brand is set to, nil while the partner is none.
	ShopSettings(ctx context.Context, partnerID int64) (*shop.Settings, error)
	PutShopSettings(ctx context.Context, partnerID int64, s *shop.Settings, at time.Time) error
	// SetShopHosts replaces a brand's host names. It gives one that is another
	// brand's, "" when there is none; then nothing may be committed.
	SetShopHosts(ctx context.Context, partnerID int64, hosts []string) (taken string, err error)
	// ShopHosts gives every brand's, with the partner's id.
	ShopHosts(ctx context.Context) (map[string]int64, error)
}

// OAuthNonce is one use of credentials; SignedAt has whole seconds.
type OAuthNonce struct {
	CredentialsID int64
	SignedAt      time.Time
	Hash          []byte // SHA-256 of the nonce
}
