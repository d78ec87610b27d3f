-- A purge removes the sessions of an account and of an order.

-- +goose Up
CREATE INDEX web_session_account ON web_session (account_id) WHERE account_id <> 0;
CREATE INDEX web_session_order ON web_session (order_id) WHERE order_id <> 0;
