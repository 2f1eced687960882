-- What an append need not look at, and rows made with less ado (docs/decisions/0030).
--   p_  partitions touched, ascending; whether they are written; their heads as this connection's
--       last append told (-1: not known), behind which others may have written by now; and whether
--       they are to be looked at
-- A head that is not looked at must be right or too low, and its partition written: then the
-- primary key of the events says whether it is still the head, by unique_violation, and nothing has
-- happened. All else as in 0004 and 0005.
-- The function of 0005, which has one array less, stays for programs that are older than this.
-- A list of unnest() goes through the arrays side by side; in FROM, each would be stored first.
CREATE FUNCTION skald.append_clean(
    p_partition integer[], p_writes boolean[], p_head bigint[], p_look boolean[],
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
    head := p_head;
    IF true = ANY (p_look) THEN
        SELECT array_agg(x.position ORDER BY x.n) INTO head
        FROM (SELECT t.n, CASE WHEN t.look THEN
                              coalesce((SELECT e.position FROM skald.events e
                                        WHERE e.partition = t.partition
                                        ORDER BY e.position DESC LIMIT 1), 0)
                          ELSE t.head END AS position
              FROM unnest(p_partition, p_head, p_look) WITH ORDINALITY
                   AS t(partition, head, look, n)) AS x;
    END IF;
    IF head <> p_head OR false = ANY (s_seen) THEN
        IF EXISTS (SELECT FROM unnest(s_p, s_stream, s_expected, s_seen)
                              AS t(p, stream, expected, seen)
                   WHERE NOT (t.seen AND head[t.p] = p_head[t.p])
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
    FROM (SELECT unnest(r_id) AS id, unnest(r_fingerprint) AS fingerprint,
                 unnest(r_verdict) AS verdict, unnest(r_partition) AS partition,
                 unnest(r_stream) AS stream, unnest(r_first_version) AS first_version,
                 unnest(r_count) AS count) AS t;
    INSERT INTO skald.events (partition, position, stream, version, type, schema_version,
                              command_id, command_seq, recorded_at, meta, data)
    SELECT p_partition[t.p], head[t.p] + t.rank, t.stream, t.version, t.type, t.schema_version,
           t.command_id, t.seq, appended_at, t.meta, t.data
    FROM (SELECT unnest(e_p) AS p, unnest(e_rank) AS rank, unnest(e_stream) AS stream,
                 unnest(e_version) AS version, unnest(e_command_id) AS command_id,
                 unnest(e_seq) AS seq, unnest(e_type) AS type,
                 unnest(e_schema_version) AS schema_version, unnest(e_meta) AS meta,
                 unnest(e_data) AS data) AS t;
END
$$;

REVOKE EXECUTE ON FUNCTION skald.append_clean(
    integer[], boolean[], bigint[], boolean[],
    integer[], text[], bigint[], boolean[], uuid[],
    uuid[], bytea[], smallint[], integer[], text[], bigint[], integer[],
    integer[], bigint[], text[], bigint[], uuid[], integer[], text[], integer[], bytea[],
    bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION skald.append_clean(
    integer[], boolean[], bigint[], boolean[],
    integer[], text[], bigint[], boolean[], uuid[],
    uuid[], bytea[], smallint[], integer[], text[], bigint[], integer[],
    integer[], bigint[], text[], bigint[], uuid[], integer[], text[], integer[], bytea[],
    bytea[]) TO skald_writer;
