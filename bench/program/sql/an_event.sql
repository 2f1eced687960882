-- The bytes of any event of this type.
SELECT e.schema_version, e.meta, e.data FROM skald.events AS e WHERE e.type = $1 LIMIT 1
