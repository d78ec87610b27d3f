-- +goose Up
-- The mail store (internal/mailstore). Times are seconds since 1970.

-- One row: tells whether a master key is the right one.
CREATE TABLE mail_key_check (
    id    BIGINT NOT NULL PRIMARY KEY,
    value {{bytes}} NOT NULL
) {{norowid}};

-- One per account; account 0 is the queue as a holder of messages.
CREATE TABLE mail_box (
    account_id        BIGINT NOT NULL PRIMARY KEY,
    wrapped_key       {{bytes}} NOT NULL,           -- under the master key; empty once destroyed
    quota_bytes       BIGINT NOT NULL,              -- 0 = no limit
    used_bytes        BIGINT NOT NULL,              -- sum of the entries' sizes
    entries           BIGINT NOT NULL,
    modseq            BIGINT NOT NULL,              -- highest given
    next_uid_validity BIGINT NOT NULL
) {{norowid}};

CREATE TABLE mail_folder (
    id            {{id}},
    account_id    BIGINT NOT NULL,
    name          TEXT NOT NULL,
    special_use   TEXT NOT NULL,
    uid_validity  BIGINT NOT NULL,
    uid_next      BIGINT NOT NULL,
    modseq        BIGINT NOT NULL,                  -- of the latest change in it
    change_floor  BIGINT NOT NULL,                  -- mail_change is complete above this
    messages      BIGINT NOT NULL,
    unseen        BIGINT NOT NULL,
    deleted       BIGINT NOT NULL,
    size_bytes    BIGINT NOT NULL,
    first_recent  BIGINT NOT NULL,
    UNIQUE (account_id, name)
);

-- Folders that are no more.
CREATE TABLE mail_folder_gone (
    account_id BIGINT NOT NULL,
    modseq     BIGINT NOT NULL,
    folder_id  BIGINT NOT NULL,
    PRIMARY KEY (account_id, modseq, folder_id)
) {{norowid}};

CREATE TABLE mail_subscription (
    account_id BIGINT NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (account_id, name)
) {{norowid}};

-- One message in one folder.
CREATE TABLE mail_entry (
    folder_id     BIGINT NOT NULL,
    uid           BIGINT NOT NULL,
    message_id    BIGINT NOT NULL,
    created       BIGINT NOT NULL,                  -- modseq when it appeared
    modseq        BIGINT NOT NULL,                  -- of the latest change
    flags         BIGINT NOT NULL,
    keywords      TEXT,                             -- separated by spaces; NULL = none
    internal_date BIGINT NOT NULL,
    saved_at      BIGINT NOT NULL,
    size_bytes    BIGINT NOT NULL,
    PRIMARY KEY (folder_id, uid)
) {{norowid}};

-- What left a folder.
CREATE TABLE mail_vanished (
    account_id BIGINT NOT NULL,
    folder_id  BIGINT NOT NULL,
    modseq     BIGINT NOT NULL,
    uid_from   BIGINT NOT NULL,
    uid_to     BIGINT NOT NULL,
    messages   {{bytes}} NOT NULL,                  -- their message ids, delta varints
    PRIMARY KEY (account_id, folder_id, modseq, uid_from)
) {{norowid}};

-- Where in a folder flags changed: lets a view catch up without a full read.
CREATE TABLE mail_change (
    folder_id BIGINT NOT NULL,
    modseq    BIGINT NOT NULL,
    uid_from  BIGINT NOT NULL,
    uid_to    BIGINT NOT NULL,
    PRIMARY KEY (folder_id, modseq, uid_from)
) {{norowid}};

-- Stored bytes.
CREATE TABLE mail_message (
    id           {{id}},
    segment      BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    size_bytes   BIGINT NOT NULL,
    holders      BIGINT NOT NULL                    -- rows in mail_holding
);
CREATE INDEX mail_message_segment ON mail_message (segment);

-- An account (or the queue, 0) holds a message: its key, checksum and structure,
-- sealed under the mailbox key.
CREATE TABLE mail_holding (
    account_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    copies     BIGINT NOT NULL,                     -- entries of the account that show it
    sealed     {{bytes}} NOT NULL,
    PRIMARY KEY (account_id, message_id)
) {{norowid}};

-- The search index: immutable segments, sealed under the mailbox key. A segment
-- covers the account's messages with first_message <= id <= last_message. With row
-- ids on SQLite: in a clustered table each step of a search for a key would read
-- such long rows whole.
CREATE TABLE mail_search (
    account_id    BIGINT NOT NULL,
    first_message BIGINT NOT NULL,
    last_message  BIGINT NOT NULL,
    part          BIGINT NOT NULL,
    messages      BIGINT NOT NULL,
    sealed        {{bytes}} NOT NULL,
    PRIMARY KEY (account_id, first_message, last_message, part)
);
