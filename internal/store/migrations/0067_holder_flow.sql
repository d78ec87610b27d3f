-- The password and e-mail flows of account holders (basekit.md 5.8 to 5.11) and
-- their profiles (5.13). Times are microseconds since 1970, UTC.

-- +goose Up

-- What somebody asked for by a name that need not be anybody's. created_at is the
-- platform's time.
CREATE TABLE holder_request (
    id         {{id}},
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    username   {{text}} NOT NULL,
    email      {{text}} NOT NULL,
    link       TEXT NOT NULL,
    request_id TEXT NOT NULL,
    done       BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX holder_request_name ON holder_request (partner_id, username, email, created_at);
CREATE INDEX holder_request_partner ON holder_request (partner_id, created_at);
CREATE INDEX holder_request_created ON holder_request (created_at);

-- One token per customer and purpose, 'password' or 'verification': a newer one
-- takes the place of the older. mails counts those of it since counted_from.
CREATE TABLE holder_token (
    customer_id  BIGINT NOT NULL,
    purpose      {{text}} NOT NULL,
    partner_id   BIGINT NOT NULL REFERENCES partner (id),
    email        TEXT NOT NULL,
    hash         {{bytes}} NOT NULL UNIQUE,
    mails        BIGINT NOT NULL,
    counted_from BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (customer_id, purpose)
);
CREATE INDEX holder_token_expiry ON holder_token (expires_at);

CREATE TABLE holder_profile (
    id          {{id}},
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    customer_id BIGINT NOT NULL,
    fields      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX holder_profile_customer ON holder_profile (customer_id, id);

-- Whom a mail is about when it is about no order.
ALTER TABLE notice ADD COLUMN customer_id BIGINT NOT NULL DEFAULT 0;
