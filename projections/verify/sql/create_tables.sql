-- What the fold reads: all events as JSON, how far each projection is, what it holds back, and the
-- types that it does not pass over.
CREATE TEMP TABLE verify_events (
    partition integer NOT NULL,
    position bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    schema_version integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    data jsonb
);
CREATE TEMP TABLE verify_cursors (
    name text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL
);
CREATE TEMP TABLE verify_parked (
    name text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    position bigint NOT NULL
);
CREATE TEMP TABLE verify_types (
    name text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    schema_version integer NOT NULL
)
