-- The orders of a partition by their last change, for the mirror: tables that are made from now on
-- have the index anyway.
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT c.relname AS name
        FROM pg_class AS c
        WHERE c.relnamespace = 'skald_read'::regnamespace AND c.relkind = 'r'
          AND c.relname ~ '^orders_v[0-9]+$'
    LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON skald_read.%I (partition, revision)',
                       held.name || '_partition_revision_idx', held.name);
    END LOOP;
END
$$
