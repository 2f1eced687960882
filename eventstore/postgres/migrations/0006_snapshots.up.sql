-- States of long streams, each with the last event in it, so that a stream need not be read from
-- its beginning (docs/decisions/0027). They hold nothing that the events do not tell: rows may be
-- deleted at any time.
CREATE TABLE skald.snapshots (
    partition integer NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    command_id uuid NOT NULL,
    command_seq integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    revision integer NOT NULL,
    state bytea NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (partition, stream)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE ON skald.snapshots TO skald_writer;
GRANT SELECT ON skald.snapshots TO skald_reader;
