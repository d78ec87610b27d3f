package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

const apiUserColumns = "id, partner_id, username, password_hash, sealed, rights, allowed_networks, created_at, revoked_at"

func scanAPIUser(row scanner, a *partner.APIUser) error {
	return row.Scan(&a.ID, &a.PartnerID, &a.Username, &a.PasswordHash, &a.Sealed, &a.Rights, fromJSON{&a.AllowedNetworks}, instant{&a.CreatedAt}, maybe{&a.RevokedAt})
}

// InsertAPIUser implements work.Tx.
func (t *tx) InsertAPIUser(ctx context.Context, a *partner.APIUser) (bool, error) {
	networks, err := toJSON(a.AllowedNetworks)
	if err != nil {
		return false, err
	}
	err = t.insert(ctx, &a.ID, `INSERT INTO api_user (partner_id, username, password_hash, sealed, rights, allowed_networks, created_at, revoked_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		a.PartnerID, a.Username, a.PasswordHash, a.Sealed, a.Rights, networks, micros(a.CreatedAt), microsOrNull(a.RevokedAt))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// UpdateAPIUser implements work.Tx.
func (t *tx) UpdateAPIUser(ctx context.Context, a *partner.APIUser) error {
	networks, err := toJSON(a.AllowedNetworks)
	if err != nil {
		return err
	}
	return t.update(ctx, "UPDATE api_user SET password_hash = ?, sealed = ?, rights = ?, allowed_networks = ?, revoked_at = ? WHERE id = ?",
		a.PasswordHash, a.Sealed, a.Rights, networks, microsOrNull(a.RevokedAt), a.ID)
}

// APIUser implements work.Tx.
func (t *tx) APIUser(ctx context.Context, id int64) (*partner.APIUser, error) {
	return one(t.QueryRow(ctx, "SELECT "+apiUserColumns+" FROM api_user WHERE id = ?", id), scanAPIUser)
}

// APIUserByName implements work.Tx.
func (t *tx) APIUserByName(ctx context.Context, username string) (*partner.APIUser, error) {
	return one(t.QueryRow(ctx, "SELECT "+apiUserColumns+" FROM api_user WHERE username = ? AND revoked_at IS NULL", username), scanAPIUser)
}

// APIUsers implements work.Tx.
func (t *tx) APIUsers(ctx context.Context, partnerID int64) ([]*partner.APIUser, error) {
	return all(ctx, t, scanAPIUser, "SELECT "+apiUserColumns+" FROM api_user WHERE partner_id = ? ORDER BY id", partnerID)
}

const oauthColumns = "c.id, c.api_user_id, c.consumer_key, c.token, c.sealed, c.created_at, c.revoked_at FROM oauth_credentials c"

func scanOAuth(row scanner, c *partner.OAuthCredentials) error {
	return row.Scan(&c.ID, &c.APIUserID, &c.ConsumerKey, &c.Token, &c.Sealed, instant{&c.CreatedAt}, maybe{&c.RevokedAt})
}

// InsertOAuthCredentials implements work.Tx.
func (t *tx) InsertOAuthCredentials(ctx context.Context, c *partner.OAuthCredentials) error {
	return t.insert(ctx, &c.ID, "INSERT INTO oauth_credentials (api_user_id, consumer_key, token, sealed, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
		c.APIUserID, c.ConsumerKey, c.Token, c.Sealed, micros(c.CreatedAt), microsOrNull(c.RevokedAt))
}

// UpdateOAuthCredentials implements work.Tx.
func (t *tx) UpdateOAuthCredentials(ctx context.Context, c *partner.OAuthCredentials) error {
	return t.update(ctx, "UPDATE oauth_credentials SET revoked_at = ? WHERE id = ?", microsOrNull(c.RevokedAt), c.ID)
}

// OAuthCredentials implements work.Tx.
func (t *tx) OAuthCredentials(ctx context.Context, id int64) (*partner.OAuthCredentials, error) {
	return one(t.QueryRow(ctx, "SELECT "+oauthColumns+" WHERE c.id = ?", id), scanOAuth)
}

// OAuthByConsumerKey implements work.Tx.
func (t *tx) OAuthByConsumerKey(ctx context.Context, consumerKey string) (*partner.OAuthCredentials, error) {
	return one(t.QueryRow(ctx, "SELECT "+oauthColumns+" WHERE c.consumer_key = ?", consumerKey), scanOAuth)
}

// OAuthOfPartner implements work.Tx.
func (t *tx) OAuthOfPartner(ctx context.Context, partnerID int64) ([]*partner.OAuthCredentials, error) {
	return all(ctx, t, scanOAuth, "SELECT "+oauthColumns+" JOIN api_user u ON u.id = c.api_user_id WHERE u.partner_id = ? ORDER BY c.id", partnerID)
}

// TakeOAuthNonce implements work.Tx.
func (t *tx) TakeOAuthNonce(ctx context.Context, n work.OAuthNonce) (bool, error) {
	rows, err := t.Exec(ctx, "INSERT INTO oauth_nonce (credentials_id, signed_at, nonce) VALUES (?, ?, ?) ON CONFLICT (credentials_id, signed_at, nonce) DO NOTHING",
		n.CredentialsID, n.SignedAt.Unix(), n.Hash)
	return rows > 0, err
}

// ForgetOAuthNonces implements work.Tx.
func (t *tx) ForgetOAuthNonces(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM oauth_nonce WHERE signed_at < ?", before.Unix())
	return err
}
