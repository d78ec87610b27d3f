-- What resellers search orders and actions by (resellerclub.md 7.8, section 11).

-- +goose Up
CREATE INDEX mail_order_partner ON mail_order (partner_id, id);
CREATE INDEX mail_order_expiry ON mail_order (partner_id, expires_at);
CREATE INDEX mail_order_creation ON mail_order (partner_id, created_at);
CREATE INDEX order_action_current ON order_action (partner_id, id) WHERE pending;

-- A partner's orders of a domain are found by both, or the indexes above would seem as good.
DROP INDEX mail_order_domain;
CREATE INDEX mail_order_domain ON mail_order (domain, partner_id, id);
