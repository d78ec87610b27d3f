-- What the platform does by itself: marks of a purge that has begun, who works
-- on an item of the calendar or moves a clock, what a purge destroyed, and how
-- far the sweep that repairs the calendar has come.

-- +goose Up
ALTER TABLE mail_order ADD COLUMN reactivated_at BIGINT;
ALTER TABLE mail_order ADD COLUMN purge_begun_at BIGINT;
ALTER TABLE account ADD COLUMN purge_begun_at BIGINT;

-- lease_until is in the platform's time.
ALTER TABLE partner_clock ADD COLUMN lease_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE partner_clock ADD COLUMN lease_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX partner_clock_target ON partner_clock (partner_id) WHERE target IS NOT NULL;

-- A leased item's try_at is the end of its lease.
ALTER TABLE due ADD COLUMN lease_owner TEXT NOT NULL DEFAULT '';
CREATE INDEX due_lane ON due (clock_id, partner_id, try_at);
CREATE INDEX due_leased ON due (lease_owner) WHERE lease_owner <> '';

-- For the sweep.
CREATE INDEX account_deleted ON account (id) WHERE deleted_at IS NOT NULL AND purged_at IS NULL;
CREATE INDEX login_token_account ON login_token (account_id);

-- What a purge that is under way destroys, counted when it begins, since
-- afterwards it can't be. Rows go with the audit record that tells of them.
CREATE TABLE purge (
    account_id BIGINT NOT NULL PRIMARY KEY,
    order_id   BIGINT NOT NULL,
    folders    BIGINT NOT NULL,
    messages   BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    begun_at   BIGINT NOT NULL
) {{norowid}};
CREATE INDEX purge_order ON purge (order_id);

CREATE TABLE due_sweep (
    kind        {{text}} NOT NULL PRIMARY KEY,
    after_id    BIGINT NOT NULL,
    finished_at BIGINT
) {{norowid}};
