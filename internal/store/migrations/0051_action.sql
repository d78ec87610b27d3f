-- Actions of orders (resellerclub.md sections 8 and 11): one pending at most.

-- +goose Up
CREATE TABLE order_action (
    id           {{id}},
    partner_id   BIGINT NOT NULL,
    reseller_id  BIGINT NOT NULL,
    customer_id  BIGINT NOT NULL,
    order_id     BIGINT NOT NULL REFERENCES mail_order (id),
    product_key  TEXT NOT NULL,
    type         TEXT NOT NULL,
    description  TEXT NOT NULL,
    status       TEXT NOT NULL,
    status_text  TEXT NOT NULL,
    pending      BOOLEAN NOT NULL,
    change       TEXT NOT NULL,
    option       TEXT NOT NULL,
    invoice_id   BIGINT NOT NULL,
    actor        TEXT NOT NULL,
    added_at     BIGINT NOT NULL,
    started_at   BIGINT,
    completed_at BIGINT
);
{{first order_action 400000000}}
CREATE UNIQUE INDEX order_action_pending ON order_action (order_id) WHERE pending;
CREATE INDEX order_action_order ON order_action (order_id, id);
CREATE INDEX order_action_reseller ON order_action (partner_id, reseller_id, id);
CREATE INDEX order_action_invoice ON order_action (invoice_id) WHERE invoice_id <> 0;
CREATE INDEX order_action_waiting ON order_action (customer_id) WHERE pending;
CREATE INDEX order_action_locked ON order_action (id) WHERE status = 'InvoicePaid';
