-- How far the mail service of an order is set up, where a dialect lets one watch
-- that (basekit.md section 8). An order without a row is ready. Times are
-- microseconds since 1970 UTC.

-- +goose Up

-- reported: a worker has said it, so that nothing is tried again.
CREATE TABLE mail_service (
    order_id        BIGINT NOT NULL PRIMARY KEY REFERENCES mail_order (id),
    partner_id      BIGINT NOT NULL REFERENCES partner (id),
    state           {{text}} NOT NULL,
    completion      {{text}} NOT NULL,
    failure_state   TEXT NOT NULL,
    failure_message TEXT NOT NULL,
    active          BOOLEAN NOT NULL,
    reported        BOOLEAN NOT NULL,
    updated_at      BIGINT NOT NULL
) {{norowid}};
CREATE INDEX mail_service_open ON mail_service (order_id) WHERE completion <> 'success';
CREATE INDEX mail_service_state ON mail_service (partner_id, state, completion);
