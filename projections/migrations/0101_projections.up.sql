-- The registry of projections: which version of each is live, how far it is, what it holds back.
-- Read tables stand in a schema of their own, named by version; the registry makes them.
CREATE SCHEMA skald_read;

CREATE TABLE skald.projections (
    name text COLLATE "C" PRIMARY KEY,
    live_version integer NOT NULL CHECK (live_version >= 1),
    switched_at timestamptz NOT NULL DEFAULT now()
);

-- definition: the number of the code's definition that fills the tables. generation: names what
-- Redis holds of this version, so that another database's leftovers are never taken for it.
CREATE TABLE skald.projection_versions (
    name text COLLATE "C",
    version integer CHECK (version >= 1),
    definition integer NOT NULL,
    generation uuid NOT NULL DEFAULT gen_random_uuid(),
    state text NOT NULL CHECK (state IN ('building', 'live', 'previous')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);

-- revision counts the transactions that changed anything of this partition; rows carry the one that
-- changed them last. Updated with every batch, so pages keep room for the next row version.
CREATE TABLE skald.projection_cursors (
    name text COLLATE "C",
    version integer,
    partition integer CHECK (partition >= 0),
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    revision bigint NOT NULL DEFAULT 1 CHECK (revision >= 1),
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version, partition)
) WITH (fillfactor = 40);

-- A partition key that is held back since `position`; reason is a stable word.
CREATE TABLE skald.parked_keys (
    name text COLLATE "C",
    version integer,
    partition integer NOT NULL,
    key text COLLATE "C",
    reason text NOT NULL,
    detail text NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version, key)
);
CREATE INDEX parked_keys_by_partition ON skald.parked_keys (name, version, partition);

-- What waits behind a parked key, itself included, in the order of positions.
CREATE TABLE skald.parked_events (
    name text COLLATE "C",
    version integer,
    key text COLLATE "C",
    position bigint,
    partition integer NOT NULL,
    stream text COLLATE "C" NOT NULL,
    stream_version bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    schema_version integer NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (name, version, key, position)
);

GRANT USAGE ON SCHEMA skald_read TO skald_writer, skald_reader;
GRANT SELECT ON skald.projections, skald.projection_versions TO skald_writer;
GRANT SELECT, UPDATE ON skald.projection_cursors TO skald_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON skald.parked_keys, skald.parked_events TO skald_writer;
GRANT SELECT ON skald.projections, skald.projection_versions, skald.projection_cursors,
                skald.parked_keys, skald.parked_events TO skald_reader;
