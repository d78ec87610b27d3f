-- Purchases of account holders in the BaseKit dialect (basekit.md section 7),
-- and mail orders that are deleted at their end because their holder cancelled.

-- +goose Up
ALTER TABLE mail_order ADD COLUMN cancelled BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE shop_order (
    id            {{id}},
    partner_id    BIGINT NOT NULL,
    customer_id   BIGINT NOT NULL REFERENCES customer (id),
    state         TEXT NOT NULL,
    payment       TEXT NOT NULL,
    completion    TEXT NOT NULL,
    discount_code {{text}} NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    deleted_at    BIGINT
);
{{first shop_order 30000000}}
CREATE INDEX shop_order_partner ON shop_order (partner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX shop_order_customer ON shop_order (customer_id, id) WHERE deleted_at IS NULL;

-- mail_order_id is what came of an item; it stays when that is purged, as the
-- ledger does. price is in thousandths.
CREATE TABLE shop_order_item (
    id            {{id}},
    shop_order_id BIGINT NOT NULL REFERENCES shop_order (id),
    package_id    BIGINT NOT NULL,
    months        BIGINT NOT NULL,
    domain        {{text}} NOT NULL,
    years         BIGINT NOT NULL,
    free          BOOLEAN NOT NULL,
    price         BIGINT NOT NULL,
    status        TEXT NOT NULL,
    failure       {{text}} NOT NULL,
    mail_order_id BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
{{first shop_order_item 50000000}}
CREATE INDEX shop_order_item_order ON shop_order_item (shop_order_id, id);
