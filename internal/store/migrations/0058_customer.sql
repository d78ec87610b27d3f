-- Customers of several dialects: who suspended one, what searches compare, and
-- names that are free again once their customer is deleted. Tickets let a
-- browser in; failed log-ins are counted (resellerclub.md section 10).

-- +goose Up
ALTER TABLE customer DROP COLUMN failed_logins;
ALTER TABLE customer DROP COLUMN last_failed_login;
ALTER TABLE customer ADD COLUMN suspended_by BIGINT NOT NULL DEFAULT 0;

-- In lower case, written by the code: engines differ about letters beyond ASCII.
-- username_key is what a customer is known by: its e-mail if it has no name.
ALTER TABLE customer ADD COLUMN username_key {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN name_key {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN company_key {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN city_key {{text}} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN state_key {{text}} NOT NULL DEFAULT '';
UPDATE customer SET name_key = LOWER(name), company_key = LOWER(company), city_key = LOWER(city), state_key = LOWER(state),
    username_key = CASE WHEN username <> '' THEN username ELSE LOWER(email) END;
-- Each holds what a search counts by.
CREATE INDEX customer_login ON customer (partner_id, username_key, reseller_id, status);
CREATE INDEX customer_name ON customer (partner_id, name_key, reseller_id, status);
CREATE INDEX customer_company ON customer (partner_id, company_key, reseller_id, status);
CREATE INDEX customer_city ON customer (partner_id, city_key, reseller_id, status);
CREATE INDEX customer_state ON customer (partner_id, state_key, reseller_id, status);
CREATE INDEX customer_created ON customer (partner_id, created_at, reseller_id, status);
CREATE INDEX customer_receipts ON customer (partner_id, total_receipts, reseller_id, status);
DROP INDEX customer_reseller;
CREATE INDEX customer_reseller ON customer (partner_id, reseller_id, status, id);

DROP INDEX customer_username;
DROP INDEX customer_identity;
CREATE UNIQUE INDEX customer_username ON customer (partner_id, username) WHERE username <> '' AND status <> 'deleted';
CREATE UNIQUE INDEX customer_identity ON customer (partner_id, customer_id, server_host) WHERE status <> 'deleted';

-- kind: 'login' works once, 'password' until it expires. It is a customer's or,
-- when customer_id is 0, a reseller's.
CREATE TABLE login_ticket (
    hash        {{bytes}} NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    issuer_id   BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    reseller_id BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX login_ticket_expiry ON login_ticket (expires_at);
CREATE INDEX login_ticket_customer ON login_ticket (customer_id) WHERE customer_id <> 0;

CREATE TABLE login_attempt (
    subject  {{text}} NOT NULL PRIMARY KEY,
    attempts BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
) {{norowid}};
CREATE INDEX login_attempt_last ON login_attempt (last_at);

-- The reseller that vouched for a session of the control panel, 0 = none.
ALTER TABLE web_session ADD COLUMN reseller_id BIGINT NOT NULL DEFAULT 0;
