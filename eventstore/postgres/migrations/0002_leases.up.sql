-- Who follows which partition. An owner stays alive by moving its one row's expiry on; a partition
-- is held as long as its owner lives. Times are the database's.
CREATE TABLE skald.lease_owners (
    name text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (name, owner)
) WITH (fillfactor = 50);

-- epoch: counts the partition's owners.
CREATE TABLE skald.leases (
    name text COLLATE "C" NOT NULL,
    partition integer NOT NULL CHECK (partition >= 0),
    owner text COLLATE "C",
    epoch bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (name, partition)
);

CREATE VIEW skald.lease AS
SELECT l.name, l.partition, l.owner, l.epoch, o.expires_at
FROM skald.leases l JOIN skald.lease_owners o ON o.name = l.name AND o.owner = l.owner;

-- Keeps p_owner alive, gives back what exceeds its fair share among the live owners of this name,
-- takes what is free up to that share, and returns what it holds now. A lock per name makes it the
-- only one at work.
CREATE FUNCTION skald.renew_leases(
    p_name text, p_owner text, p_partitions integer, p_duration interval, OUT held integer[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    moment timestamptz;
    owners integer;
    rank integer;
    share integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('skald.leases ' || p_name, 0));
    moment := clock_timestamp();
    INSERT INTO skald.lease_owners (name, owner, expires_at)
    VALUES (p_name, p_owner, moment + p_duration)
    ON CONFLICT (name, owner) DO UPDATE SET expires_at = excluded.expires_at;
    DELETE FROM skald.lease_owners o WHERE o.name = p_name AND o.expires_at <= moment;
    IF NOT EXISTS (SELECT FROM skald.leases l
                   WHERE l.name = p_name AND l.partition = p_partitions - 1) THEN
        INSERT INTO skald.leases (name, partition)
        SELECT p_name, n FROM generate_series(0, p_partitions - 1) AS s(n)
        ON CONFLICT DO NOTHING;
    END IF;

    SELECT count(*), count(*) FILTER (WHERE o.owner < p_owner) INTO owners, rank
    FROM skald.lease_owners o WHERE o.name = p_name;
    share := p_partitions / owners + CASE WHEN rank < p_partitions % owners THEN 1 ELSE 0 END;

    UPDATE skald.leases l SET owner = NULL
    WHERE l.name = p_name AND l.partition IN (
        SELECT m.partition FROM skald.leases m
        WHERE m.name = p_name AND m.owner = p_owner
        ORDER BY m.partition OFFSET share);
    UPDATE skald.leases l SET owner = p_owner, epoch = l.epoch + 1
    WHERE l.name = p_name AND l.partition IN (
        SELECT f.partition FROM skald.leases f
        WHERE f.name = p_name
          AND NOT EXISTS (SELECT FROM skald.lease_owners o
                          WHERE o.name = f.name AND o.owner = f.owner)
        ORDER BY f.partition
        LIMIT greatest(0, share - (SELECT count(*) FROM skald.leases m
                                   WHERE m.name = p_name AND m.owner = p_owner)));
    SELECT coalesce(array_agg(l.partition ORDER BY l.partition), '{}') INTO held
    FROM skald.leases l WHERE l.name = p_name AND l.owner = p_owner;
END
$$;

REVOKE EXECUTE ON FUNCTION skald.renew_leases FROM PUBLIC;
GRANT EXECUTE ON FUNCTION skald.renew_leases TO skald_writer;
GRANT SELECT, INSERT, UPDATE ON skald.leases TO skald_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON skald.lease_owners TO skald_writer;
GRANT SELECT ON skald.leases, skald.lease_owners, skald.lease TO skald_writer, skald_reader;
