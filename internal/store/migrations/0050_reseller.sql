-- Resellers, what orders and customers need to be sold by them, and the ranges
-- of ids (resellerclub.md section 5, R-17). Rows from before keep their ids.

-- +goose Up
{{first customer 10000000}}
{{first mail_order 70000000}}

CREATE TABLE reseller (
    id                  {{id}},
    partner_id          BIGINT NOT NULL REFERENCES partner (id),
    parent_id           BIGINT NOT NULL,
    path                {{text}} NOT NULL, -- "/1/5/": ids from the root down to its own
    username            {{text}} NOT NULL,
    password_hash       TEXT NOT NULL,
    name                {{text}} NOT NULL,
    company             {{text}} NOT NULL,
    profile             TEXT NOT NULL,
    status              TEXT NOT NULL,
    test                BOOLEAN NOT NULL,
    funds               TEXT NOT NULL,
    selling_currency    TEXT NOT NULL,
    accounting_currency TEXT NOT NULL,
    conversion_rate     TEXT NOT NULL,
    tax_name            TEXT NOT NULL,
    tax_rate            TEXT NOT NULL,
    total_receipts      BIGINT NOT NULL,
    allowed_networks    TEXT NOT NULL,
    products            TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
{{first reseller 100000}}
CREATE UNIQUE INDEX reseller_root ON reseller (partner_id) WHERE parent_id = 0;
CREATE UNIQUE INDEX reseller_username ON reseller (partner_id, username);
CREATE INDEX reseller_path ON reseller (path);

CREATE TABLE reseller_key (
    id          {{id}},
    reseller_id BIGINT NOT NULL REFERENCES reseller (id),
    lookup_hash {{bytes}} NOT NULL,
    hint        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT
);
CREATE UNIQUE INDEX reseller_key_hash ON reseller_key (lookup_hash);
CREATE INDEX reseller_key_reseller ON reseller_key (reseller_id);

ALTER TABLE customer ADD COLUMN reseller_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN username {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN company {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN city {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN state {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN contact TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customer ADD COLUMN pin TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN total_receipts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN failed_logins BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN last_failed_login BIGINT;
CREATE UNIQUE INDEX customer_username ON customer (partner_id, username) WHERE username <> '';
CREATE INDEX customer_reseller ON customer (partner_id, reseller_id, id);

ALTER TABLE mail_order ADD COLUMN product_key TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_order ADD COLUMN tenure BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_order ADD COLUMN auto_renew BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE mail_order ADD COLUMN expired BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE mail_order SET expired = TRUE WHERE deleted_at IS NOT NULL AND deletion_reason = 'expired';

-- Several resellers, one above the other, may suspend the same order.
CREATE TABLE order_suspension_by (
    order_id     BIGINT NOT NULL REFERENCES mail_order (id),
    type         {{text}} NOT NULL,
    role         {{text}} NOT NULL,
    reseller_id  BIGINT NOT NULL,
    suspended_on BIGINT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (order_id, type, role, reseller_id)
) {{norowid}};
INSERT INTO order_suspension_by SELECT order_id, type, role, 0, suspended_on, note FROM order_suspension;
DROP TABLE order_suspension;
ALTER TABLE order_suspension_by RENAME TO order_suspension;

CREATE TABLE account_suspension_by (
    account_id   BIGINT NOT NULL REFERENCES account (id),
    type         {{text}} NOT NULL,
    role         {{text}} NOT NULL,
    reseller_id  BIGINT NOT NULL,
    suspended_on BIGINT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (account_id, type, role, reseller_id)
) {{norowid}};
INSERT INTO account_suspension_by SELECT account_id, type, role, 0, suspended_on, note FROM account_suspension;
DROP TABLE account_suspension;
ALTER TABLE account_suspension_by RENAME TO account_suspension;
