-- Internal forwarding accounts and catch-alls, and which mailboxes have had a
-- queued message. Times are microseconds since 1970 UTC.

-- +goose Up
CREATE TABLE forwarder (
    id         {{id}},
    order_id   BIGINT NOT NULL REFERENCES mail_order (id),
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    local      {{text}} NOT NULL,
    domain     {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX forwarder_address ON forwarder (order_id, local);

-- account_id 0: an address elsewhere. position keeps the order.
CREATE TABLE forwarder_member (
    forwarder_id BIGINT NOT NULL REFERENCES forwarder (id),
    position     BIGINT NOT NULL,
    email        {{text}} NOT NULL,
    account_id   BIGINT NOT NULL,
    PRIMARY KEY (forwarder_id, position)
) {{norowid}};
CREATE UNIQUE INDEX forwarder_member_email ON forwarder_member (forwarder_id, email);
CREATE INDEX forwarder_member_account ON forwarder_member (account_id) WHERE account_id > 0;

CREATE TABLE catch_all (
    order_id   BIGINT NOT NULL PRIMARY KEY REFERENCES mail_order (id),
    account_id BIGINT NOT NULL REFERENCES account (id)
) {{norowid}};

-- The mailboxes here that have had (or are sure to be served by a message split
-- off) a queued message with several recipients: one copy each, whatever ways
-- lead there. Goes with its message.
CREATE TABLE queue_copy (
    queue_id   BIGINT NOT NULL REFERENCES queue_message (id),
    account_id BIGINT NOT NULL,
    PRIMARY KEY (queue_id, account_id)
) {{norowid}};
