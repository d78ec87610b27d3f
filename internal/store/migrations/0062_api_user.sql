-- Who calls the BaseKit dialect, and what a brand is set to there (basekit.md
-- section 2).

-- +goose Up
CREATE TABLE api_user (
    id               {{id}},
    partner_id       BIGINT NOT NULL REFERENCES partner (id),
    username         {{text}} NOT NULL,
    password_hash    {{bytes}},
    sealed           {{bytes}},
    rights           TEXT NOT NULL,
    allowed_networks TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    revoked_at       BIGINT
);
-- A revoked user's name is free again.
CREATE UNIQUE INDEX api_user_name ON api_user (username) WHERE revoked_at IS NULL;
CREATE INDEX api_user_partner ON api_user (partner_id);

CREATE TABLE oauth_credentials (
    id           {{id}},
    api_user_id  BIGINT NOT NULL REFERENCES api_user (id),
    consumer_key {{text}} NOT NULL,
    token        {{text}} NOT NULL,
    sealed       {{bytes}} NOT NULL,
    created_at   BIGINT NOT NULL,
    revoked_at   BIGINT
);
CREATE UNIQUE INDEX oauth_consumer_key ON oauth_credentials (consumer_key);
CREATE UNIQUE INDEX oauth_token ON oauth_credentials (token);
CREATE INDEX oauth_user ON oauth_credentials (api_user_id);

-- Nonces that were used (RFC 5849 section 3.3), on whatever node. signed_at is
-- oauth_timestamp, nonce its SHA-256: what a client sends may be long.
CREATE TABLE oauth_nonce (
    credentials_id BIGINT NOT NULL,
    signed_at      BIGINT NOT NULL,
    nonce          {{bytes}} NOT NULL,
    PRIMARY KEY (credentials_id, signed_at, nonce)
) {{norowid}};
CREATE INDEX oauth_nonce_age ON oauth_nonce (signed_at);

CREATE TABLE shop_settings (
    partner_id BIGINT NOT NULL PRIMARY KEY REFERENCES partner (id),
    settings   TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Whose API a host name serves.
CREATE TABLE shop_host (
    host       {{text}} NOT NULL PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partner (id)
) {{norowid}};
CREATE INDEX shop_host_partner ON shop_host (partner_id);
