-- The ledger (resellerclub.md section 12): values are thousandths of the currency.

-- +goose Up
CREATE TABLE ledger_transaction (
    id                    {{id}},
    partner_id            BIGINT NOT NULL,
    issuer_id             BIGINT NOT NULL,
    party_kind            TEXT NOT NULL,
    party_id              BIGINT NOT NULL,
    type                  TEXT NOT NULL,
    manual                BOOLEAN NOT NULL,
    order_id              BIGINT NOT NULL,
    action_id             BIGINT NOT NULL,
    product_key           TEXT NOT NULL,
    description           {{text}} NOT NULL,
    greedy                BOOLEAN NOT NULL,
    currency              TEXT NOT NULL,
    amount                BIGINT NOT NULL,
    unutilised            BIGINT NOT NULL,
    net                   BIGINT NOT NULL,
    discount              BIGINT NOT NULL,
    tax                   BIGINT NOT NULL,
    tax_name              TEXT NOT NULL,
    accounting_currency   TEXT NOT NULL,
    rate                  TEXT NOT NULL,
    accounting_amount     BIGINT NOT NULL,
    accounting_unutilised BIGINT NOT NULL,
    forex_diff            BIGINT NOT NULL,
    transaction_key       {{text}} NOT NULL,
    total_receipt_updated BOOLEAN NOT NULL,
    at                    BIGINT NOT NULL,
    balanced_at           BIGINT,
    cancelled_at          BIGINT
);
{{first ledger_transaction 70000000}}
CREATE UNIQUE INDEX ledger_transaction_key ON ledger_transaction (party_kind, party_id, transaction_key) WHERE transaction_key <> '';
CREATE INDEX ledger_transaction_party ON ledger_transaction (party_kind, party_id, id);
-- What is open, for matching and balances: a few rows, however long the ledger.
CREATE INDEX ledger_transaction_funds ON ledger_transaction (party_kind, party_id, id) WHERE unutilised > 0;
CREATE INDEX ledger_transaction_owed ON ledger_transaction (party_kind, party_id, id) WHERE unutilised < 0;
CREATE INDEX ledger_transaction_greedy ON ledger_transaction (party_kind, party_id, id) WHERE greedy;

-- The sides of each transaction: they sum to zero. No statement changes a row.
CREATE TABLE ledger_entry (
    transaction_id BIGINT NOT NULL REFERENCES ledger_transaction (id),
    account        {{text}} NOT NULL,
    currency       TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    PRIMARY KEY (transaction_id, account)
) {{norowid}};
CREATE INDEX ledger_entry_account ON ledger_entry (account);

CREATE TABLE ledger_match (
    id        {{id}},
    paying_id BIGINT NOT NULL REFERENCES ledger_transaction (id),
    paid_id   BIGINT NOT NULL REFERENCES ledger_transaction (id),
    amount    BIGINT NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX ledger_match_paying ON ledger_match (paying_id);
CREATE INDEX ledger_match_paid ON ledger_match (paid_id);
