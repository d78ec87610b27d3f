-- Hosting (cPanel) accounts and the mail service chosen for them, requests to
-- synchronise with a hosting server, what partners report, and what of it is money.
-- Times are microseconds since 1970 UTC; amounts are decimal texts with two places.

-- +goose Up
-- host_name is lower-cased; rows of deleted orders stay and do not count.
CREATE TABLE hosting_order (
    order_id   BIGINT NOT NULL PRIMARY KEY REFERENCES mail_order (id),
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    host_name  {{text}} NOT NULL,
    user_name  {{text}} NOT NULL
);
CREATE INDEX hosting_order_account ON hosting_order (partner_id, host_name, user_name);

CREATE TABLE hosting_service (
    partner_id   BIGINT NOT NULL REFERENCES partner (id),
    host_name    {{text}} NOT NULL,
    user_name    {{text}} NOT NULL,
    mail_service TEXT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (partner_id, host_name, user_name)
) {{norowid}};

-- A request waits once per customer and host, however often it is made.
CREATE TABLE server_sync (
    id           {{id}},
    partner_id   BIGINT NOT NULL REFERENCES partner (id),
    customer_id  BIGINT NOT NULL REFERENCES customer (id),
    server_host  {{text}} NOT NULL,
    requested_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX server_sync_customer ON server_sync (customer_id, server_host);
CREATE INDEX server_sync_partner ON server_sync (partner_id);

-- digest is SHA-256 of the event and its data in canonical form.
CREATE TABLE notification (
    id          {{id}},
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    event       TEXT NOT NULL,
    data        TEXT NOT NULL,
    digest      {{bytes}} NOT NULL,
    request_id  TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notification_once ON notification (partner_id, digest);
CREATE INDEX notification_partner ON notification (partner_id, id);

-- order_id is 0 when none of the partner's orders was meant.
CREATE TABLE booking (
    id               {{id}},
    partner_id       BIGINT NOT NULL REFERENCES partner (id),
    notification_id  BIGINT NOT NULL REFERENCES notification (id),
    kind             {{text}} NOT NULL,
    txn_id           {{text}} NOT NULL,
    order_id         BIGINT NOT NULL,
    partner_order_id TEXT NOT NULL,
    domain           TEXT NOT NULL,
    customer_id      TEXT NOT NULL,
    currency         TEXT NOT NULL,
    amount           TEXT NOT NULL,
    tax_amount       TEXT NOT NULL,
    usd_amount       TEXT NOT NULL,
    booked_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX booking_once ON booking (partner_id, kind, txn_id) WHERE txn_id <> '';
CREATE INDEX booking_partner ON booking (partner_id, id);

-- The partner has told that the order's set-up is complete.
CREATE TABLE order_setup (
    order_id    BIGINT NOT NULL PRIMARY KEY REFERENCES mail_order (id),
    reported_at BIGINT NOT NULL
);

-- Orders that exist already. An escaped NUL can't be read on PostgreSQL, and such a name would be none.
INSERT INTO hosting_order (order_id, partner_id, host_name, user_name)
SELECT id, partner_id, host_name, user_name
FROM (SELECT id, partner_id,
             LOWER(TRIM(COALESCE(metadata{{json}} ->> 'cpanelHostName', ''))) AS host_name,
             TRIM(COALESCE(metadata{{json}} ->> 'cpanelUserName', '')) AS user_name
      FROM mail_order
      WHERE metadata LIKE '%"cpanelUserName"%' AND metadata NOT LIKE '%u0000%') AS named
WHERE host_name <> '' AND user_name <> '' AND LENGTH(host_name) <= 255 AND LENGTH(user_name) <= 191;
