-- +goose Up
-- What a key may be used for, separated by spaces; empty: everything.
ALTER TABLE partner_key ADD COLUMN scopes TEXT NOT NULL DEFAULT '';

-- The native API lists events by type and by time.
CREATE INDEX event_partner_type ON event (partner_id, type, id);
CREATE INDEX event_partner_time ON event (partner_id, created_at);

-- Requests that came with an Idempotency-Key. outcome: 0 the work is under way,
-- 1 its changes are committed (in the same transaction), 2 the answer is kept too.
CREATE TABLE idempotency (
    partner_id   BIGINT NOT NULL,
    key_hash     {{bytes}} NOT NULL,
    request_hash {{bytes}} NOT NULL,
    owner        {{bytes}} NOT NULL,
    outcome      BIGINT NOT NULL,
    status       BIGINT NOT NULL,
    answer       {{bytes}},
    created_at   BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    PRIMARY KEY (partner_id, key_hash)
){{norowid}};
CREATE INDEX idempotency_age ON idempotency (created_at);
