-- +goose Up
-- Events are looked up by the id that their receivers know.
CREATE INDEX event_public_id ON event (public_id);
