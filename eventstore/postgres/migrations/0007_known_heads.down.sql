DROP FUNCTION skald.append_clean;

-- As 0005 made it.
CREATE FUNCTION skald.append_clean(
    p_partition integer[], p_writes boolean[], p_seen bigint[],
    s_p integer[], s_stream text[], s_expected bigint[], s_seen boolean[],
    c_id uuid[],
    r_id uuid[], r_fingerprint bytea[], r_verdict smallint[], r_partition integer[],
    r_stream text[], r_first_version bigint[], r_count integer[],
    e_p integer[], e_rank bigint[], e_stream text[], e_version bigint[], e_command_id uuid[],
    e_seq integer[], e_type text[], e_schema_version integer[], e_meta bytea[], e_data bytea[],
    OUT head_before bigint[], OUT appended_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lock_class constant integer := 1936417132;
    head bigint[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'skald.append_clean needs READ COMMITTED: '
            'any other level would see the log as it was before the lock';
    END IF;
    -- As conditions, which cost no statement each; every statement behind them sees what was
    -- committed before the locks were had.
    FOR i IN 1 .. cardinality(p_partition) LOOP
        IF p_writes[i] THEN
            CONTINUE WHEN pg_advisory_xact_lock(lock_class, p_partition[i]) IS NULL;
        ELSE
            CONTINUE WHEN pg_advisory_xact_lock_shared(lock_class, p_partition[i]) IS NULL;
        END IF;
    END LOOP;

    IF cardinality(c_id) > 0 THEN
        IF EXISTS (SELECT FROM unnest(c_id) AS t(id)
                   WHERE (SELECT true FROM skald.commands k WHERE k.command_id = t.id)) THEN
            RETURN;
        END IF;
    END IF;
    SELECT coalesce(array_agg(x.position ORDER BY x.n), '{}') INTO head
    FROM (SELECT t.n, coalesce((SELECT e.position FROM skald.events e
                                WHERE e.partition = t.partition
                                ORDER BY e.position DESC LIMIT 1), 0) AS position
          FROM unnest(p_partition) WITH ORDINALITY AS t(partition, n)) AS x;
    IF head <> p_seen OR false = ANY (s_seen) THEN
        IF EXISTS (SELECT FROM unnest(s_p, s_stream, s_expected, s_seen)
                              AS t(p, stream, expected, seen)
                   WHERE NOT (t.seen AND head[t.p] = p_seen[t.p])
                     AND t.expected <> coalesce((SELECT e.version FROM skald.events e
                                                 WHERE e.partition = p_partition[t.p]
                                                   AND e.stream = t.stream
                                                 ORDER BY e.version DESC LIMIT 1), 0)) THEN
            RETURN;
        END IF;
    END IF;

    head_before := head;
    appended_at := clock_timestamp();
    INSERT INTO skald.commands (command_id, fingerprint, verdict, partition, stream, first_version,
                                count)
    SELECT t.id, t.fingerprint, t.verdict, nullif(t.partition, -1), nullif(t.stream, ''),
           t.first_version, t.count
    FROM unnest(r_id, r_fingerprint, r_verdict, r_partition, r_stream, r_first_version, r_count)
         AS t(id, fingerprint, verdict, partition, stream, first_version, count);
    INSERT INTO skald.events (partition, position, stream, version, type, schema_version,
                              command_id, command_seq, recorded_at, meta, data)
    SELECT p_partition[t.p], head[t.p] + t.rank, t.stream, t.version, t.type, t.schema_version,
           t.command_id, t.seq, appended_at, t.meta, t.data
    FROM unnest(e_p, e_rank, e_stream, e_version, e_command_id, e_seq, e_type, e_schema_version,
                e_meta, e_data)
         AS t(p, rank, stream, version, command_id, seq, type, schema_version, meta, data);
END
$$;

REVOKE EXECUTE ON FUNCTION skald.append_clean FROM PUBLIC;
GRANT EXECUTE ON FUNCTION skald.append_clean TO skald_writer;
