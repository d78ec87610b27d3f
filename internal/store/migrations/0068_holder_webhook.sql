-- Events of account holders and the webhooks that tell of them. In
-- webhook_delivery and webhook_lane an account holder's events stand under the
-- negative number of the customer as order_id.

-- +goose Up
ALTER TABLE event ADD COLUMN customer_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoint ADD COLUMN format TEXT NOT NULL DEFAULT 'titan';
