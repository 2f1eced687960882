-- How far each partition was published, noted now and then. The topic itself is the relay's cursor.
CREATE TABLE skald.relay_progress (
    partition integer PRIMARY KEY CHECK (partition >= 0),
    position bigint NOT NULL CHECK (position >= 1),
    event_id uuid NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- What is not known to be published yet: the log is the outbox.
CREATE VIEW skald.outbox AS
SELECT e.partition, e.position, e.stream, e.version, e.type, e.schema_version, e.command_id,
       e.command_seq, e.recorded_at
FROM skald.store s
CROSS JOIN generate_series(0, s.partitions - 1) AS p(partition)
CROSS JOIN LATERAL (
    SELECT x.partition, x.position, x.stream, x.version, x.type, x.schema_version, x.command_id,
           x.command_seq, x.recorded_at
    FROM skald.events x
    WHERE x.partition = p.partition
      AND x.position > coalesce((SELECT r.position FROM skald.relay_progress r
                                 WHERE r.partition = p.partition), 0)) AS e;

GRANT SELECT, INSERT, UPDATE, DELETE ON skald.relay_progress TO skald_writer;
GRANT SELECT ON skald.relay_progress, skald.outbox TO skald_writer, skald_reader;
