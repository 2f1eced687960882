-- The log: events, the receipts of commands, and the one statement that appends.
-- Roles are the server's, not the database's, so another store may have made them already.
DO $$ BEGIN
    CREATE ROLE skald_writer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    CREATE ROLE skald_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

CREATE TABLE skald.store (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    era bigint NOT NULL DEFAULT 1 CHECK (era >= 1),
    partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 1024),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE skald.secrets (
    name text PRIMARY KEY,
    value bytea NOT NULL
);

-- position: dense from 1 in its partition; version: dense from 1 in its stream. Rows are never
-- changed or removed.
CREATE TABLE skald.events (
    partition integer NOT NULL CHECK (partition >= 0),
    position bigint NOT NULL CHECK (position >= 1),
    stream text COLLATE "C" NOT NULL CHECK (octet_length(stream) <= 200),
    version bigint NOT NULL CHECK (version >= 1),
    type text COLLATE "C" NOT NULL,
    schema_version integer NOT NULL CHECK (schema_version >= 1),
    command_id uuid NOT NULL,
    command_seq integer NOT NULL CHECK (command_seq >= 1),
    recorded_at timestamptz NOT NULL,
    meta bytea NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (partition, position),
    CONSTRAINT events_stream_version UNIQUE (partition, stream, version),
    CONSTRAINT events_size CHECK (octet_length(meta) + octet_length(data) <= 262144)
);

-- verdict: 1 appended, 2 nothing to do, 3 refused, 4 cancelled. partition, stream and versions
-- speak of the command's own stream; a cancelled command has none. They never expire, because a
-- retry may come at any time.
CREATE TABLE skald.commands (
    command_id uuid PRIMARY KEY,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 16),
    verdict smallint NOT NULL CHECK (verdict BETWEEN 1 AND 4),
    partition integer,
    stream text COLLATE "C",
    first_version bigint,
    count integer NOT NULL CHECK (count >= 0)
);

GRANT USAGE ON SCHEMA skald TO skald_writer, skald_reader;
GRANT SELECT ON skald.store, skald.migrations TO skald_writer, skald_reader;
GRANT SELECT, INSERT ON skald.secrets TO skald_writer;
GRANT SELECT, INSERT ON skald.events, skald.commands TO skald_writer;
GRANT SELECT ON skald.events, skald.commands TO skald_reader;

-- Appends a batch of decided commands; see eventstore/log.h for the rules. Arrays come in five
-- groups:
--   p_  partitions touched, ascending, and whether they are written
--   s_  distinct streams and the version the first command using each states
--   c_  commands: id, fingerprint, verdict, whether a receipt stays, the index of an earlier
--       command with the same id (or 0), the first and last of its uses, and what its receipt says
--       (partition -1 and no stream: a cancelling)
--   u_  uses, command by command: stream index, stated version, number of events
--   e_  events, in order: command, partition index, rank in the partition if all are accepted,
--       and the columns
-- `clean` says that by itself the batch holds no id twice and no chain that contradicts itself.
-- outcome: 0 accepted, 1 duplicate, 2 conflict, 3 behind a failed one. head_before: of p_partition,
-- before this append.
-- Plans are pinned to the indexes: a plan made while a table was empty would stay for the life
-- of the connection.
CREATE FUNCTION skald.append(
    p_partition integer[], p_writes boolean[],
    s_partition integer[], s_stream text[], s_expected bigint[],
    c_id uuid[], c_fingerprint bytea[], c_verdict smallint[], c_receipt boolean[],
    c_same_as integer[], c_first_use integer[], c_last_use integer[],
    c_partition integer[], c_stream text[], c_first_version bigint[], c_count integer[],
    u_stream integer[], u_expected bigint[], u_events integer[],
    e_command integer[], e_p integer[], e_rank bigint[], e_partition integer[], e_stream text[],
    e_version bigint[], e_seq integer[], e_type text[], e_schema_version integer[], e_meta bytea[],
    e_data bytea[],
    clean boolean,
    OUT outcome smallint[], OUT head_before bigint[], OUT appended_at timestamptz)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    lock_class constant integer := 1936417132;
    had boolean[];
    head bigint[];
    failed boolean[];
    verdict smallint;
    careful boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'skald.append needs READ COMMITTED: '
            'any other level would see the log as it was before the lock';
    END IF;
    FOR i IN 1 .. cardinality(p_partition) LOOP
        IF p_writes[i] THEN
            PERFORM pg_advisory_xact_lock(lock_class, p_partition[i]);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(lock_class, p_partition[i]);
        END IF;
    END LOOP;

    SELECT array_agg(x.found ORDER BY x.n) INTO had
    FROM (SELECT t.n, coalesce((SELECT true FROM skald.commands k
                                WHERE k.command_id = t.id), false) AS found
          FROM unnest(c_id) WITH ORDINALITY AS t(id, n)) AS x;
    SELECT coalesce(array_agg(x.version ORDER BY x.n), '{}') INTO head
    FROM (SELECT t.n, coalesce((SELECT e.version FROM skald.events e
                                WHERE e.partition = t.partition AND e.stream = t.stream
                                ORDER BY e.version DESC LIMIT 1), 0) AS version
          FROM unnest(s_partition, s_stream) WITH ORDINALITY AS t(partition, stream, n)) AS x;
    SELECT coalesce(array_agg(x.position ORDER BY x.n), '{}') INTO head_before
    FROM (SELECT t.n, coalesce((SELECT e.position FROM skald.events e
                                WHERE e.partition = t.partition
                                ORDER BY e.position DESC LIMIT 1), 0) AS position
          FROM unnest(p_partition) WITH ORDINALITY AS t(partition, n)) AS x;

    outcome := array_fill(0::smallint, ARRAY[cardinality(c_id)]);
    careful := NOT clean OR true = ANY (had) OR head <> s_expected;
    IF careful THEN
        failed := array_fill(false, ARRAY[cardinality(s_stream)]);
        FOR c IN 1 .. cardinality(c_id) LOOP
            verdict := 0;
            IF had[c] THEN
                verdict := 1;
            ELSIF c_same_as[c] > 0 AND (outcome[c_same_as[c]] = 1
                    OR outcome[c_same_as[c]] = 0 AND c_receipt[c_same_as[c]]) THEN
                verdict := 1;
            ELSE
                FOR u IN c_first_use[c] .. c_last_use[c] LOOP
                    IF failed[u_stream[u]] THEN
                        verdict := 3;
                        EXIT;
                    ELSIF head[u_stream[u]] <> u_expected[u] THEN
                        verdict := 2;
                    END IF;
                END LOOP;
            END IF;
            -- What a command did not write now, the commands behind it must not have counted on.
            FOR u IN c_first_use[c] .. c_last_use[c] LOOP
                IF u_events[u] > 0 THEN
                    IF verdict = 0 THEN
                        head[u_stream[u]] := head[u_stream[u]] + u_events[u];
                    ELSE
                        failed[u_stream[u]] := true;
                    END IF;
                END IF;
            END LOOP;
            outcome[c] := verdict;
        END LOOP;
        SELECT array_agg(x.rank ORDER BY x.n) INTO e_rank
        FROM (SELECT t.n, count(*) FILTER (WHERE outcome[t.command] = 0)
                              OVER (PARTITION BY t.p ORDER BY t.n) AS rank
              FROM unnest(e_command, e_p) WITH ORDINALITY AS t(command, p, n)) AS x;
    END IF;

    appended_at := clock_timestamp();
    -- In the order of their ids, so that two batches that share ids wait for each other instead of
    -- deadlocking.
    INSERT INTO skald.commands (command_id, fingerprint, verdict, partition, stream, first_version,
                                count)
    SELECT t.id, t.fingerprint, t.verdict, nullif(t.partition, -1), nullif(t.stream, ''),
           t.first_version, t.count
    FROM unnest(c_id, c_fingerprint, c_verdict, c_partition, c_stream, c_first_version, c_count,
                c_receipt, outcome)
         AS t(id, fingerprint, verdict, partition, stream, first_version, count, receipt, outcome)
    WHERE t.outcome = 0 AND t.receipt
    ORDER BY t.id;
    INSERT INTO skald.events (partition, position, stream, version, type, schema_version,
                              command_id, command_seq, recorded_at, meta, data)
    SELECT t.partition, head_before[t.p] + t.rank, t.stream, t.version, t.type, t.schema_version,
           c_id[t.command], t.seq, appended_at, t.meta, t.data
    FROM unnest(e_command, e_p, e_rank, e_partition, e_stream, e_version, e_seq, e_type,
                e_schema_version, e_meta, e_data)
         AS t(command, p, rank, partition, stream, version, seq, type, schema_version, meta, data)
    WHERE outcome[t.command] = 0;
END
$$;

REVOKE EXECUTE ON FUNCTION skald.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION skald.append TO skald_writer;
