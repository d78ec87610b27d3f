-- Search among an issuer's transactions (resellerclub.md section 12.2): see
-- docs/adr/0034-transaction-search.md.

-- +goose Up
ALTER TABLE ledger_transaction ADD COLUMN open BOOLEAN NOT NULL DEFAULT FALSE; -- unutilised <> 0
ALTER TABLE ledger_transaction ADD COLUMN shape_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_transaction ADD COLUMN term_id BIGINT NOT NULL DEFAULT 0;

CREATE INDEX ledger_transaction_time ON ledger_transaction (issuer_id, party_kind, open, type, manual, at, id, amount, shape_id, term_id);
CREATE INDEX ledger_transaction_amount ON ledger_transaction (issuer_id, party_kind, amount, at, id, open, type, manual);
CREATE INDEX ledger_transaction_issuer_party ON ledger_transaction (issuer_id, party_kind, party_id, at, id, open, type, manual);
CREATE INDEX ledger_transaction_issuer ON ledger_transaction (issuer_id, party_kind, id, at, open, type, manual);
CREATE INDEX ledger_transaction_term ON ledger_transaction (issuer_id, party_kind, term_id);
DROP INDEX ledger_transaction_party;
CREATE INDEX ledger_transaction_party ON ledger_transaction (party_kind, party_id, at, id, open, type, manual, amount);

-- How many transactions an issuer has, by day (width 1) and by 32 days (width
-- 32); bucket is 2k for an amount of exactly k, 2k+1 for one between k and k+1.
CREATE TABLE ledger_count (
    issuer_id  BIGINT NOT NULL,
    party_kind {{text}} NOT NULL,
    width      BIGINT NOT NULL,
    open       BOOLEAN NOT NULL,
    type       {{text}} NOT NULL,
    manual     BOOLEAN NOT NULL,
    span       BIGINT NOT NULL,
    bucket     BIGINT NOT NULL,
    shape_id   BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id)
) {{norowid}};

-- A description is a shape, which many have, with terms in its gaps, which few
-- have. Both are in lower case; grams find the terms that contain something.
CREATE TABLE ledger_shape (
    id        {{id}},
    issuer_id BIGINT NOT NULL,
    text      {{text}} NOT NULL
);
CREATE UNIQUE INDEX ledger_shape_text ON ledger_shape (issuer_id, text);

CREATE TABLE ledger_term (
    id        {{id}},
    issuer_id BIGINT NOT NULL,
    text      {{text}} NOT NULL
);
CREATE UNIQUE INDEX ledger_term_text ON ledger_term (issuer_id, text);

CREATE TABLE ledger_gram (
    issuer_id BIGINT NOT NULL,
    gram      {{text}} NOT NULL,
    term_id   BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, gram, term_id)
) {{norowid}};
