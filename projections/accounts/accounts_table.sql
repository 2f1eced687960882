-- Accounts: the only read table with personal data. An erased account has no row.
CREATE TABLE skald_read.accounts_vN (
    id text COLLATE "C" PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX ON skald_read.accounts_vN (created_at, id)
