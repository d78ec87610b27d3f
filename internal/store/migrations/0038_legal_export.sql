-- Legal exports. Times are microseconds since 1970 UTC; try_at and leased_until
-- are the platform's, the others the partner's.

-- +goose Up
CREATE TABLE legal_export (
    id           {{id}},
    partner_id   BIGINT NOT NULL REFERENCES partner (id),
    order_id     BIGINT NOT NULL REFERENCES mail_order (id),
    account_id   BIGINT NOT NULL REFERENCES account (id),
    state        {{text}} NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'expired')),
    size_bytes   BIGINT NOT NULL,
    messages     BIGINT NOT NULL,
    checkpoint   TEXT,
    attempts     BIGINT NOT NULL,
    try_at       BIGINT NOT NULL,
    last_error   TEXT NOT NULL,
    owner        TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    completed_at BIGINT,
    expires_at   BIGINT
);
CREATE INDEX legal_export_account ON legal_export (account_id, id);
CREATE INDEX legal_export_waiting ON legal_export (partner_id, id) WHERE state IN ('queued', 'running');
