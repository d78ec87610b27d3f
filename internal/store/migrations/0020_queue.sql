-- +goose Up

-- The outbound queue. Times are microseconds since 1970, UTC; 0 = not set.
-- partner_id, account_id and sandbox are the sender's, as of submission.
CREATE TABLE queue_message (
    id           {{id}},
    public_id    TEXT     NOT NULL UNIQUE,
    kind         TEXT     NOT NULL CHECK (kind IN ('mail', 'dsn', 'operator')),
    partner_id   BIGINT   NOT NULL,
    order_id     BIGINT   NOT NULL,
    account_id   BIGINT   NOT NULL,
    sandbox      SMALLINT NOT NULL CHECK (sandbox IN (0, 1)),
    reverse_path TEXT     NOT NULL,
    ret          TEXT     NOT NULL CHECK (ret IN ('', 'FULL', 'HDRS')),
    envid        TEXT     NOT NULL,
    smtputf8     SMALLINT NOT NULL CHECK (smtputf8 IN (0, 1)),
    header_utf8  SMALLINT NOT NULL CHECK (header_utf8 IN (0, 1)),
    eight_bit    SMALLINT NOT NULL CHECK (eight_bit IN (0, 1)),
    message_id   BIGINT   NOT NULL,
    size         BIGINT   NOT NULL,
    created_at   BIGINT   NOT NULL,
    expires_at   BIGINT   NOT NULL,
    finished_at  BIGINT   NOT NULL
);
CREATE INDEX queue_message_finished ON queue_message (finished_at) WHERE finished_at > 0;

-- One recipient is in exactly one state. ready and leased are on the way,
-- delivered, bounced and expired are the end, held waits for the operator.
-- fail_reason is the operator's word that the next attempt is to return it.
CREATE TABLE queue_recipient (
    id            {{id}},
    queue_id      BIGINT   NOT NULL REFERENCES queue_message (id),
    partner_id    BIGINT   NOT NULL,
    account_id    BIGINT   NOT NULL,
    address       TEXT     NOT NULL,
    domain        TEXT     NOT NULL,
    local_account BIGINT   NOT NULL,
    orcpt         TEXT     NOT NULL,
    notify        TEXT     NOT NULL,
    state         TEXT     NOT NULL CHECK (state IN ('ready', 'leased', 'delivered', 'bounced', 'expired', 'held')),
    attempts      INTEGER  NOT NULL CHECK (attempts >= 0),
    next_attempt  BIGINT   NOT NULL,
    lease_until   BIGINT   NOT NULL,
    lease_owner   TEXT     NOT NULL,
    last_status   TEXT     NOT NULL,
    last_reply    TEXT     NOT NULL,
    last_host     TEXT     NOT NULL,
    delay_sent    SMALLINT NOT NULL CHECK (delay_sent IN (0, 1)),
    fail_reason   TEXT     NOT NULL,
    finished_at   BIGINT   NOT NULL,
    CHECK ((state = 'leased') = (lease_owner <> '')),
    CHECK ((state = 'leased') = (lease_until > 0)),
    CHECK ((state IN ('delivered', 'bounced', 'expired')) = (finished_at > 0))
);
CREATE INDEX queue_recipient_lane ON queue_recipient (partner_id, account_id, domain, next_attempt, queue_id) WHERE state = 'ready';
CREATE INDEX queue_recipient_due ON queue_recipient (next_attempt) WHERE state = 'ready';
CREATE INDEX queue_recipient_lease ON queue_recipient (lease_until) WHERE state = 'leased';
CREATE INDEX queue_recipient_held ON queue_recipient (queue_id) WHERE state = 'held';
CREATE INDEX queue_recipient_message ON queue_recipient (queue_id, domain);

-- What each attempt met, for the operator; goes with its message.
CREATE TABLE queue_attempt (
    id           {{id}},
    queue_id     BIGINT NOT NULL REFERENCES queue_message (id),
    recipient_id BIGINT NOT NULL REFERENCES queue_recipient (id),
    attempt      INTEGER NOT NULL,
    begun_at     BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    outcome      TEXT   NOT NULL CHECK (outcome IN ('delivered', 'failed', 'deferred', 'held')),
    stage        TEXT   NOT NULL,
    host         TEXT   NOT NULL,
    tls          TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    reply        TEXT   NOT NULL
);
CREATE INDEX queue_attempt_recipient ON queue_attempt (recipient_id, id);
CREATE INDEX queue_attempt_message ON queue_attempt (queue_id);
