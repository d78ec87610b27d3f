-- Who has actions that wait for a reseller's funds, for the sweep of the calendar.

-- +goose Up
CREATE INDEX order_action_locked_reseller ON order_action (reseller_id) WHERE status = 'InvoicePaid';
