-- The rows of the core: partners, customers, orders, accounts and the logs.
-- Times are microseconds since 1970 UTC. JSON is kept as the text it came as.
-- Names have a bytewise order ({{text}}), equal on both engines.

-- +goose Up
CREATE TABLE partner (
    id               {{id}},
    name             TEXT NOT NULL,
    status           TEXT NOT NULL,
    sandbox          BOOLEAN NOT NULL,
    allowed_networks TEXT NOT NULL,
    settings         TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL
);

CREATE TABLE partner_key (
    id          {{id}},
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    lookup_hash {{bytes}} NOT NULL,
    sealed      {{bytes}},
    hint        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT
);
CREATE UNIQUE INDEX partner_key_hash ON partner_key (lookup_hash);
CREATE INDEX partner_key_partner ON partner_key (partner_id);

CREATE TABLE customer (
    id              {{id}},
    partner_id      BIGINT NOT NULL REFERENCES partner (id),
    customer_id     {{text}} NOT NULL,
    server_host     {{text}} NOT NULL,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    alternate_email TEXT NOT NULL,
    country         TEXT NOT NULL,
    locale          TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    status          TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX customer_identity ON customer (partner_id, customer_id, server_host);

-- accounts_active and accounts_provisioned count the order's accounts. The
-- account statements keep them; order statements never touch them.
-- suspension_count = 0 saves the look-up of suspensions.
CREATE TABLE mail_order (
    id                   {{id}},
    partner_id           BIGINT NOT NULL REFERENCES partner (id),
    customer_id          BIGINT NOT NULL REFERENCES customer (id),
    partner_order_id     {{text}} NOT NULL,
    domain               {{text}} NOT NULL,
    plan                 TEXT NOT NULL,
    seats                BIGINT NOT NULL,
    reseller_id          BIGINT,
    expires_at           BIGINT,
    billing_owner        TEXT NOT NULL,
    billing_cycle        TEXT NOT NULL,
    currency             TEXT NOT NULL,
    source               TEXT NOT NULL,
    source_context       TEXT NOT NULL,
    locale               TEXT NOT NULL,
    metadata             TEXT,
    mail_service         TEXT NOT NULL,
    pending_payment      BOOLEAN NOT NULL,
    deleted_at           BIGINT,
    deletion_reason      TEXT NOT NULL,
    purge_at             BIGINT,
    purged_at            BIGINT,
    serviceable          BOOLEAN NOT NULL,
    ownership_token      TEXT NOT NULL,
    proven_at            BIGINT,
    suspension_count     BIGINT NOT NULL,
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    accounts_active      BIGINT NOT NULL DEFAULT 0,
    accounts_provisioned BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX mail_order_domain ON mail_order (domain);
CREATE INDEX mail_order_customer ON mail_order (customer_id);
CREATE INDEX mail_order_partner_order ON mail_order (partner_order_id);
-- At most one order serves a domain (titan.md section 7.2).
CREATE UNIQUE INDEX mail_order_serviceable ON mail_order (domain)
    WHERE serviceable AND deleted_at IS NULL AND purged_at IS NULL;

CREATE TABLE order_suspension (
    order_id     BIGINT NOT NULL REFERENCES mail_order (id),
    type         {{text}} NOT NULL,
    role         {{text}} NOT NULL,
    suspended_on BIGINT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (order_id, type, role)
) {{norowid}};

CREATE TABLE account (
    id               {{id}},
    order_id         BIGINT NOT NULL REFERENCES mail_order (id),
    partner_id       BIGINT NOT NULL,
    local            {{text}} NOT NULL,
    domain           {{text}} NOT NULL,
    name             TEXT NOT NULL,
    first_name       TEXT NOT NULL,
    last_name        TEXT NOT NULL,
    alternate_email  TEXT NOT NULL,
    password_hash    TEXT NOT NULL,
    is_admin         BOOLEAN NOT NULL,
    locale           TEXT NOT NULL,
    source           TEXT NOT NULL,
    deleted_at       BIGINT,
    deletion_reason  TEXT NOT NULL,
    purge_at         BIGINT,
    purged_at        BIGINT,
    suspension_count BIGINT NOT NULL,
    alias_count      BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL
);
CREATE INDEX account_order ON account (order_id);
CREATE INDEX account_email ON account (domain, local);

CREATE TABLE account_suspension (
    account_id   BIGINT NOT NULL REFERENCES account (id),
    type         {{text}} NOT NULL,
    role         {{text}} NOT NULL,
    suspended_on BIGINT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (account_id, type, role)
) {{norowid}};

-- position keeps the order of the aliases.
CREATE TABLE account_alias (
    account_id   BIGINT NOT NULL REFERENCES account (id),
    position     BIGINT NOT NULL,
    local        {{text}} NOT NULL,
    display_name TEXT NOT NULL,
    held         BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, position)
) {{norowid}};

-- Names are unique within an order, whatever they name (titan.md section 7.5).
CREATE TABLE address (
    order_id   BIGINT NOT NULL REFERENCES mail_order (id),
    local      {{text}} NOT NULL,
    kind       TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (order_id, local)
) {{norowid}};

CREATE TABLE payment (
    id                 {{id}},
    partner_id         BIGINT NOT NULL REFERENCES partner (id),
    order_id           BIGINT NOT NULL REFERENCES mail_order (id),
    txn_id             {{text}} NOT NULL,
    action             TEXT NOT NULL,
    currency           TEXT NOT NULL,
    charged_amount     TEXT NOT NULL,
    charged_usd_amount TEXT NOT NULL,
    discount_amount    TEXT NOT NULL,
    tax_amount         TEXT NOT NULL,
    paid_at            BIGINT NOT NULL
);
CREATE INDEX payment_order ON payment (order_id);
CREATE UNIQUE INDEX payment_once
    ON payment (order_id, txn_id, charged_amount, charged_usd_amount, discount_amount, tax_amount)
    WHERE txn_id <> '';

-- Append-only.
CREATE TABLE event (
    id         {{id}},
    public_id  TEXT NOT NULL,
    partner_id BIGINT NOT NULL,
    order_id   BIGINT NOT NULL,
    type       TEXT NOT NULL,
    data       TEXT,
    actor      TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX event_partner ON event (partner_id, id);
CREATE INDEX event_order ON event (order_id, id);

-- Append-only.
CREATE TABLE audit (
    id         {{id}},
    partner_id BIGINT NOT NULL,
    actor      TEXT NOT NULL,
    address    TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    object_id  BIGINT NOT NULL,
    detail     TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX audit_partner ON audit (partner_id, id);

-- Its ids come from a counter row, which a writer keeps locked until it
-- commits: so they grow in commit order, which those of a sequence don't.
CREATE TABLE access_change (
    id         BIGINT NOT NULL PRIMARY KEY,
    order_id   BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE TABLE access_change_counter (
    id    BIGINT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO access_change_counter (id, value) VALUES (1, 0);

CREATE TABLE login_token (
    hash       {{bytes}} NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_token_expiry ON login_token (expires_at);

CREATE TABLE dkim_key (
    id         {{id}},
    domain     {{text}} NOT NULL,
    selector   {{text}} NOT NULL,
    algorithm  TEXT NOT NULL,
    sealed     {{bytes}} NOT NULL,
    txt_record TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
CREATE UNIQUE INDEX dkim_key_selector ON dkim_key (domain, selector);
