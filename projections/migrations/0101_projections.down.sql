-- Takes the registry and every read model away. The log can fill them again.
DROP SCHEMA skald_read CASCADE;
DROP TABLE skald.parked_events, skald.parked_keys, skald.projection_cursors,
           skald.projection_versions, skald.projections;
