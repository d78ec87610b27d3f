-- What a mailbox does with its mail beside keeping it, and further domain names
-- of an order. Times are microseconds since 1970 UTC.

-- +goose Up

-- Addresses that a mailbox forwards to, set by its administrator or its user.
CREATE TABLE mailbox_forward (
    account_id BIGINT NOT NULL REFERENCES account (id),
    order_id   BIGINT NOT NULL REFERENCES mail_order (id),
    kind       TEXT NOT NULL,
    position   BIGINT NOT NULL,
    email      {{text}} NOT NULL,
    PRIMARY KEY (account_id, kind, position)
) {{norowid}};
CREATE INDEX mailbox_forward_email ON mailbox_forward (order_id, email);
CREATE INDEX forwarder_member_email_outside ON forwarder_member (email) WHERE account_id = 0;

CREATE TABLE autoresponder (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id),
    order_id   BIGINT NOT NULL REFERENCES mail_order (id),
    is_on      BOOLEAN NOT NULL,
    subject    TEXT NOT NULL,
    message    TEXT NOT NULL,
    format     TEXT NOT NULL,
    quotes     BOOLEAN NOT NULL,
    ends_at    BIGINT,
    updated_at BIGINT NOT NULL
) {{norowid}};
CREATE INDEX autoresponder_order ON autoresponder (order_id);

-- One order at a time has a domain as an alias.
CREATE TABLE domain_alias (
    order_id   BIGINT NOT NULL REFERENCES mail_order (id),
    domain     {{text}} NOT NULL,
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    active     BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, domain)
) {{norowid}};
CREATE UNIQUE INDEX domain_alias_active ON domain_alias (domain) WHERE active;
