-- Mailboxes as the ResellerClub dialect knows them (resellerclub.md section 9).

-- +goose Up
ALTER TABLE account ADD COLUMN country TEXT NOT NULL DEFAULT '';

-- Until when failed attempts at a mailbox's password count. The address need
-- not be anybody's: an unknown one is limited as a known one is.
CREATE TABLE password_guess (
    order_id BIGINT NOT NULL,
    local    {{text}} NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, local)
) {{norowid}};
CREATE INDEX password_guess_until ON password_guess (until_at);

-- Who is told about an order's mail service instead of its customer.
CREATE TABLE order_contact (
    order_id BIGINT NOT NULL PRIMARY KEY,
    email    TEXT NOT NULL
) {{norowid}};
