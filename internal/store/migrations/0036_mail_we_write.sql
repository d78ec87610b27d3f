-- The outbox's failures, tokens that set passwords, quota notices, and the mail
-- of sandbox partners that did not leave. Times are microseconds since 1970, UTC.

-- +goose Up

-- parked = 1: failed too often, waits for the operator. try_at and parked_at
-- are the platform's time.
ALTER TABLE notice ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN try_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN parked SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN last_error TEXT NOT NULL DEFAULT '';
CREATE INDEX notice_try ON notice (partner_id, try_at, id) WHERE parked = 0;

-- A message that the platform wrote: notice_id is the outbox's row that it was
-- (the row's kind stays 'mail'). fallback gets it when its recipient can't.
ALTER TABLE queue_message ADD COLUMN notice_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE queue_message ADD COLUMN fallback TEXT NOT NULL DEFAULT '';

-- One token per subject: a newer one takes the place of the older. It is an
-- account's (customer_id = 0) or a customer's (account_id = 0).
CREATE TABLE password_token (
    account_id  BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    reseller_id BIGINT NOT NULL,
    locale      TEXT NOT NULL,
    hash        {{bytes}} NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, customer_id),
    CHECK ((account_id = 0) <> (customer_id = 0))
);
CREATE INDEX password_token_expiry ON password_token (expires_at);

-- Who logs in to the control panel.
CREATE INDEX customer_email ON customer (LOWER(email));

-- The account was told that its mailbox is that full; goes when it is not any more.
CREATE TABLE quota_notice (
    account_id BIGINT NOT NULL,
    level      {{text}} NOT NULL,
    told_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, level)
) {{norowid}};

-- One row per recipient. at is the partner's time, captured_at the platform's.
CREATE TABLE sandbox_message (
    id           {{id}},
    partner_id   BIGINT NOT NULL,
    order_id     BIGINT NOT NULL,
    account_id   BIGINT NOT NULL,
    notice_id    BIGINT NOT NULL,
    queue_id     TEXT NOT NULL,
    reverse_path TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    subject      TEXT NOT NULL,
    size         BIGINT NOT NULL,
    message_id   BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    captured_at  BIGINT NOT NULL
);
CREATE INDEX sandbox_message_partner ON sandbox_message (partner_id, id);
CREATE INDEX sandbox_message_captured ON sandbox_message (captured_at);
