-- Checks of what domains publish, the answers that sandbox partners give in
-- place of the DNS, and the states of DKIM keys. Times are microseconds since
-- 1970 UTC.

-- +goose Up
-- verified_at is when MX and SPF were first right, told_at when the customer
-- was told that they are not.
CREATE TABLE dns_check (
    order_id    BIGINT NOT NULL PRIMARY KEY REFERENCES mail_order (id),
    content     TEXT NOT NULL,
    checked_at  BIGINT NOT NULL,
    verified_at BIGINT,
    told_at     BIGINT
);

CREATE TABLE sandbox_dns (
    partner_id BIGINT NOT NULL PRIMARY KEY REFERENCES partner (id),
    content    TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A key without active_at waits for its record to be published; a destroyed one
-- has nothing sealed any more.
ALTER TABLE dkim_key ADD COLUMN active_at BIGINT;
ALTER TABLE dkim_key ADD COLUMN destroyed_at BIGINT;
UPDATE dkim_key SET active_at = created_at;
