-- Mail that is forwarded to other hosts, and automatic replies. Times are
-- microseconds since 1970 UTC.

-- +goose Up

-- forward_root: the message that this one is a forwarded copy of, by the public
-- id of the first one; '' = it is none.
ALTER TABLE queue_message ADD COLUMN forward_root TEXT NOT NULL DEFAULT '';

-- Who is served by a forwarded message: a mailbox ('#' and its id) or an address
-- elsewhere gets one copy, whatever ways lead there.
CREATE TABLE forward_copy (
    root   {{text}} NOT NULL,
    target {{text}} NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (root, target)
) {{norowid}};
CREATE INDEX forward_copy_at ON forward_copy (at);

-- Senders that are too long to be rewritten: the rewritten one names the row.
CREATE TABLE srs_sender (
    token   {{text}} NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    until   BIGINT NOT NULL
) {{norowid}};
CREATE INDEX srs_sender_until ON srs_sender (until);

-- When a mailbox has answered a sender automatically.
CREATE TABLE auto_reply (
    account_id BIGINT NOT NULL,
    sender     {{text}} NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, sender)
) {{norowid}};
CREATE INDEX auto_reply_at ON auto_reply (at);
