-- Clocks of sandbox partners, the calendar of what falls due, brands, and the
-- outbox of mails that the platform writes. Times are microseconds since 1970
-- UTC; partner_clock.offset_us is a span in microseconds.

-- +goose Up
CREATE TABLE partner_clock (
    partner_id BIGINT NOT NULL PRIMARY KEY REFERENCES partner (id),
    offset_us  BIGINT NOT NULL,
    target     BIGINT,
    updated_at BIGINT NOT NULL
);

-- try_at is due_at, or later after a failure.
CREATE TABLE due (
    kind       {{text}} NOT NULL,
    object_id  BIGINT NOT NULL,
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    clock_id   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    try_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    PRIMARY KEY (kind, object_id)
) {{norowid}};
CREATE INDEX due_try ON due (clock_id, try_at);

CREATE TABLE brand (
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    reseller_id BIGINT NOT NULL,
    content     TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (partner_id, reseller_id)
) {{norowid}};

CREATE TABLE notice (
    id           {{id}},
    partner_id   BIGINT NOT NULL REFERENCES partner (id),
    reseller_id  BIGINT NOT NULL,
    order_id     BIGINT NOT NULL,
    account_id   BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    fallback     TEXT NOT NULL,
    locale       TEXT NOT NULL,
    data         TEXT,
    sealed_token {{bytes}},
    created_at   BIGINT NOT NULL
);
