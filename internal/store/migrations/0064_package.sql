-- What a brand has on offer, and who has subscribed to what (basekit.md 4.5, 7).

-- +goose Up
CREATE TABLE shop_package (
    id           {{id}},
    partner_id   BIGINT NOT NULL REFERENCES partner (id),
    origin       {{text}} NOT NULL, -- what the platform made it for; '' = an administrator made it
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    plan         TEXT NOT NULL,
    seats        BIGINT NOT NULL,
    ending       TEXT NOT NULL,
    free         BOOLEAN NOT NULL,
    prices       TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    details      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    deleted_at   BIGINT
);
{{first shop_package 1000}}
CREATE INDEX shop_package_partner ON shop_package (partner_id, id);
CREATE UNIQUE INDEX shop_package_origin ON shop_package (partner_id, origin) WHERE origin <> '';

CREATE TABLE shop_subscription (
    id            {{id}},
    partner_id    BIGINT NOT NULL REFERENCES partner (id),
    customer_id   BIGINT NOT NULL REFERENCES customer (id),
    package_id    BIGINT NOT NULL REFERENCES shop_package (id),
    former_id     BIGINT NOT NULL,
    months        BIGINT NOT NULL,
    billing_cycle BOOLEAN NOT NULL,
    starts_at     BIGINT NOT NULL,
    ends_at       BIGINT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    expired_at    BIGINT
);
{{first shop_subscription 10000}}
-- A customer has one that lives.
CREATE UNIQUE INDEX shop_subscription_live ON shop_subscription (customer_id) WHERE expired_at IS NULL;
CREATE INDEX shop_subscription_customer ON shop_subscription (customer_id, id);
