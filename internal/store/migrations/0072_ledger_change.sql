-- Counters over all amounts (1000 is added to the width, the bucket is -1), over
-- all shapes (2000, the shape is -1), and over both, so that a search adds up no
-- more of them than its filters need; and changes that are not in the counters
-- yet: docs/adr/0047-counters-in-arrears.md.

-- +goose Up
CREATE TABLE ledger_change (
    id         {{id}},
    issuer_id  BIGINT NOT NULL,
    party_kind {{text}} NOT NULL,
    open       BOOLEAN NOT NULL,
    type       {{text}} NOT NULL,
    manual     BOOLEAN NOT NULL,
    day        BIGINT NOT NULL,
    bucket     BIGINT NOT NULL,
    shape_id   BIGINT NOT NULL,
    n          BIGINT NOT NULL
);
CREATE INDEX ledger_change_issuer ON ledger_change (issuer_id);

INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
    SELECT issuer_id, party_kind, width + 1000, open, type, manual, span, -1, shape_id, SUM(n)
    FROM ledger_count WHERE width < 1000 GROUP BY issuer_id, party_kind, width, open, type, manual, span, shape_id;
INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
    SELECT issuer_id, party_kind, width + 2000, open, type, manual, span, bucket, -1, SUM(n)
    FROM ledger_count WHERE width < 1000 GROUP BY issuer_id, party_kind, width, open, type, manual, span, bucket;
INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
    SELECT issuer_id, party_kind, width + 3000, open, type, manual, span, -1, -1, SUM(n)
    FROM ledger_count WHERE width < 1000 GROUP BY issuer_id, party_kind, width, open, type, manual, span;
