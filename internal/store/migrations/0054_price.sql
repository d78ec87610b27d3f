-- Price lists (resellerclub.md sections 8 and 13). party_id 0 is the list of an
-- issuer, another one what a single customer or sub-reseller pays instead.
-- Figures are exact decimal texts.

-- +goose Up
CREATE TABLE price (
    partner_id  BIGINT NOT NULL REFERENCES partner (id),
    issuer_id   BIGINT NOT NULL,
    audience    {{text}} NOT NULL,
    party_id    BIGINT NOT NULL,
    product_key {{text}} NOT NULL,
    unit        {{text}} NOT NULL,
    action      {{text}} NOT NULL,
    months      BIGINT NOT NULL,
    figure      TEXT NOT NULL,
    PRIMARY KEY (partner_id, issuer_id, audience, product_key, unit, action, months, party_id)
) {{norowid}};
CREATE INDEX price_party ON price (partner_id, issuer_id, audience, party_id);
