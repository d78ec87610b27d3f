-- Sessions of browsers, the tokens that stand in for a partner's word, carts,
-- and add-ons. Secrets are kept by their SHA-256 only.

-- +goose Up
-- Grows when an account's sessions are to end although nothing else changes.
ALTER TABLE account ADD COLUMN session_epoch BIGINT NOT NULL DEFAULT 0;

-- stamp: what the session stands on (password, epoch); another value ends it.
-- idle_at moves with use, expires_at does not.
CREATE TABLE web_session (
    hash        {{bytes}} NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    customer_id BIGINT NOT NULL,
    order_id    BIGINT NOT NULL,
    account_id  BIGINT NOT NULL,
    key_id      BIGINT NOT NULL,
    stamp       {{bytes}} NOT NULL,
    asked       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    used_at     BIGINT NOT NULL,
    idle_at     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX web_session_idle ON web_session (idle_at);
CREATE INDEX web_session_expiry ON web_session (expires_at);

-- customer_id 0: a token that stands in for the API key itself.
CREATE TABLE partner_token (
    hash        {{bytes}} NOT NULL PRIMARY KEY,
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    customer_id BIGINT NOT NULL,
    key_id      BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX partner_token_expiry ON partner_token (expires_at);

CREATE TABLE cart (
    tracking_id {{text}} NOT NULL PRIMARY KEY,
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    order_id    BIGINT NOT NULL REFERENCES mail_order (id),
    content     TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    executed_at BIGINT
);
CREATE INDEX cart_open ON cart (expires_at) WHERE executed_at IS NULL;

CREATE TABLE order_addon (
    order_id BIGINT NOT NULL REFERENCES mail_order (id),
    addon    {{text}} NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (order_id, addon)
) {{norowid}};

CREATE TABLE addon_catalogue (
    partner_id BIGINT NOT NULL PRIMARY KEY REFERENCES partner (id),
    content    TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
