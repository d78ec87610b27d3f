-- A new term has no grams until there are several of its issuer: see
-- docs/adr/0034-transaction-search.md.

-- +goose Up
ALTER TABLE ledger_term ADD COLUMN fresh BIGINT NOT NULL DEFAULT 0; -- which one it is of those without grams; 0 = has them
CREATE INDEX ledger_term_fresh ON ledger_term (issuer_id, fresh) WHERE fresh > 0;
