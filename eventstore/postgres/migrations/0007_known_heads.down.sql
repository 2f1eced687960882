DROP FUNCTION skald.append_clean(
    integer[], boolean[], bigint[], boolean[],
    integer[], text[], bigint[], boolean[], uuid[],
    uuid[], bytea[], smallint[], integer[], text[], bigint[], integer[],
    integer[], bigint[], text[], bigint[], uuid[], integer[], text[], integer[], bytea[],
    bytea[]);
