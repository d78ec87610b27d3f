-- Account holders of the BaseKit dialect, who are customers (basekit.md 4.1,
-- section 6): what they have besides, how they are found, notes about them, and
-- who vouches for a log-in that an API user asked for.

-- +goose Up
ALTER TABLE customer ADD COLUMN holder TEXT NOT NULL DEFAULT '{}';
-- Of a customer that was deleted and may come back; NULL of any other.
ALTER TABLE customer ADD COLUMN deleted_at BIGINT;

-- Written by the code as the keys of 0058 are. last_key is the last word of the
-- name, or the last name.
ALTER TABLE customer ADD COLUMN email_key {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN last_key {{text}} NOT NULL DEFAULT '';
UPDATE customer SET email_key = LOWER(email), last_key = SUBSTR(name_key, LENGTH(RTRIM(name_key, REPLACE(name_key, ' ', ''))) + 1);
CREATE INDEX customer_email_key ON customer (partner_id, email_key, status);
CREATE INDEX customer_last_key ON customer (partner_id, last_key, status);

-- How many customers of a reseller (0 = of none, -1 = of any and of none) have ids from span * 1024 on, and
-- when those were made: lists are counted and leafed through by it. Rows of
-- customer are counted by the code that writes them.
CREATE TABLE customer_span (
    partner_id  BIGINT NOT NULL,
    reseller_id BIGINT NOT NULL,
    span        BIGINT NOT NULL,
    live        BIGINT NOT NULL,
    removed     BIGINT NOT NULL,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    PRIMARY KEY (partner_id, reseller_id, span)
) {{norowid}};
INSERT INTO customer_span (partner_id, reseller_id, span, live, removed, first_at, last_at)
    SELECT partner_id, reseller_id, id / 1024, COUNT(*), 0, MIN(created_at), MAX(created_at) FROM customer WHERE status <> 'deleted' GROUP BY 1, 2, 3;
INSERT INTO customer_span (partner_id, reseller_id, span, live, removed, first_at, last_at)
    SELECT partner_id, -1, id / 1024, COUNT(*), 0, MIN(created_at), MAX(created_at) FROM customer WHERE status <> 'deleted' GROUP BY 1, 3;

CREATE TABLE customer_note (
    id          {{id}},
    partner_id  BIGINT NOT NULL,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    note        TEXT NOT NULL,
    author      TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX customer_note_customer ON customer_note (customer_id, id);

-- The API user that vouches, 0 = none.
ALTER TABLE login_ticket ADD COLUMN api_user_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE web_session ADD COLUMN api_user_id BIGINT NOT NULL DEFAULT 0;
-- What a customer does or suffers ends its sessions.
CREATE INDEX web_session_customer ON web_session (customer_id) WHERE customer_id <> 0;
