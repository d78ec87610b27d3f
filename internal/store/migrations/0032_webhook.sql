-- Webhooks: receivers, deliveries of events to them, and the lanes in which
-- those wait. Times are microseconds since 1970 UTC, of the platform's clock.

-- +goose Up
CREATE TABLE webhook_endpoint (
    id            {{id}},
    partner_id    BIGINT NOT NULL REFERENCES partner (id),
    url           TEXT NOT NULL,
    header_name   TEXT NOT NULL,
    sealed_header {{bytes}},
    sealed_secret {{bytes}},
    events        TEXT,
    suppress_own  BOOLEAN NOT NULL,
    paused        BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    deleted_at    BIGINT,
    failing_since BIGINT,
    warned_at     BIGINT
);
CREATE INDEX webhook_endpoint_partner ON webhook_endpoint (partner_id, id);

-- state: pending, delivered.
CREATE TABLE webhook_delivery (
    id          {{id}},
    partner_id  BIGINT NOT NULL,
    endpoint_id BIGINT NOT NULL,
    order_id    BIGINT NOT NULL,
    event_id    BIGINT NOT NULL,
    replay      BOOLEAN NOT NULL,
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    last_status BIGINT NOT NULL,
    last_error  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    first_at    BIGINT,
    last_at     BIGINT,
    done_at     BIGINT
);
CREATE INDEX webhook_delivery_partner ON webhook_delivery (partner_id, id);
CREATE INDEX webhook_delivery_pending ON webhook_delivery (endpoint_id, order_id, id) WHERE state = 'pending';
CREATE INDEX webhook_delivery_done ON webhook_delivery (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE webhook_attempt (
    delivery_id BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    took_us     BIGINT NOT NULL,
    status      BIGINT NOT NULL,
    error       TEXT NOT NULL,
    excerpt     TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) {{norowid}};

-- The pending deliveries of one order to one endpoint; a lane without any has
-- no row. head_id is the delivery that is next. A lane is leased by moving
-- due_at to the lease's end; owner tells whose it is, '' nobody's. failing: the
-- head has been tried, since failing_since.
CREATE TABLE webhook_lane (
    id            {{id}},
    endpoint_id   BIGINT NOT NULL,
    order_id      BIGINT NOT NULL,
    partner_id    BIGINT NOT NULL,
    head_id       BIGINT NOT NULL,
    pending       BIGINT NOT NULL,
    failing       BOOLEAN NOT NULL,
    failing_since BIGINT,
    due_at        BIGINT NOT NULL,
    owner         TEXT NOT NULL,
    UNIQUE (endpoint_id, order_id)
);
CREATE INDEX webhook_lane_due ON webhook_lane (endpoint_id, failing, due_at);

CREATE TABLE webhook_replay (
    id           {{id}},
    partner_id   BIGINT NOT NULL,
    endpoint_id  BIGINT NOT NULL,
    from_at      BIGINT NOT NULL,
    to_at        BIGINT NOT NULL,
    last_event   BIGINT NOT NULL,
    cursor_at    BIGINT NOT NULL,
    cursor_event BIGINT NOT NULL,
    total        BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    finished_at  BIGINT
);
CREATE INDEX webhook_replay_open ON webhook_replay (id) WHERE finished_at IS NULL;

-- A sandbox partner's knob: the next attempts count as answered with status.
CREATE TABLE webhook_fault (
    partner_id BIGINT NOT NULL PRIMARY KEY,
    remaining  BIGINT NOT NULL,
    status     BIGINT NOT NULL
);
