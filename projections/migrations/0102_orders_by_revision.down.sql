DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT c.relname AS name
        FROM pg_class AS c
        WHERE c.relnamespace = 'skald_read'::regnamespace AND c.relkind = 'i'
          AND c.relname ~ '^orders_v[0-9]+_partition_revision_idx$'
    LOOP
        EXECUTE format('DROP INDEX skald_read.%I', held.name);
    END LOOP;
END
$$
