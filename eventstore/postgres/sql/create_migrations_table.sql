CREATE SCHEMA IF NOT EXISTS skald;
CREATE TABLE IF NOT EXISTS skald.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
