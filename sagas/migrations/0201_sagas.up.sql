-- Where each saga stands: a projection of the sagas' streams, and what a runner needs to take a
-- partition over. Rows of sagas that ended stay, for people.
CREATE TABLE skald.sagas (
    stream text COLLATE "C" PRIMARY KEY,
    partition integer NOT NULL CHECK (partition >= 0),
    saga text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    definition integer NOT NULL,
    phase text COLLATE "C" NOT NULL,
    -- What people look at first: 0 waits for an operator, 1 is under way, 2 has ended.
    urgency smallint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN phase = 'stuck' THEN 0 WHEN phase IN ('forward', 'undoing') THEN 1 ELSE 2 END
    ) STORED,
    step text COLLATE "C",           -- under way, none once it ended
    undo boolean NOT NULL,
    code text NOT NULL,
    version bigint NOT NULL,         -- of the stream
    started_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    due_at timestamptz               -- when a deadline passes next
) WITH (fillfactor = 70);

CREATE INDEX sagas_live ON skald.sagas (partition) WHERE phase IN ('forward', 'undoing');
CREATE INDEX sagas_listed ON skald.sagas (urgency, since, stream);

CREATE TABLE skald.saga_cursors (
    partition integer PRIMARY KEY CHECK (partition >= 0),
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    revision bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 40);

GRANT SELECT, INSERT, UPDATE ON skald.sagas, skald.saga_cursors TO skald_writer;
GRANT SELECT ON skald.sagas, skald.saga_cursors TO skald_reader;
