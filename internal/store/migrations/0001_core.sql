-- +goose Up
CREATE TABLE partner (
    id {{id}}
);
