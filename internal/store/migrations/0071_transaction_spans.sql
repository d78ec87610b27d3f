-- Counters of transactions have three widths instead of two, so that a total
-- over years adds up fewer of them: docs/adr/0034-transaction-search.md.

-- +goose Up
DELETE FROM ledger_count WHERE width <> 1;
INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
    SELECT issuer_id, party_kind, 16, open, type, manual, span / 16, bucket, shape_id, SUM(n)
    FROM ledger_count WHERE width = 1 GROUP BY issuer_id, party_kind, open, type, manual, span / 16, bucket, shape_id;
INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
    SELECT issuer_id, party_kind, 256, open, type, manual, span / 256, bucket, shape_id, SUM(n)
    FROM ledger_count WHERE width = 1 GROUP BY issuer_id, party_kind, open, type, manual, span / 256, bucket, shape_id;
