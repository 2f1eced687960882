-- Behind "WITH expected AS (...), found AS (...)", both of (key, value): what they differ in.
SELECT count(expected.key) AS expected,
       count(found.key) AS found,
       count(*) FILTER (WHERE expected.value IS DISTINCT FROM found.value) AS differences,
       coalesce((array_agg(coalesce(expected.key, found.key)
                           || ': the log says ' || coalesce(expected.value::text, 'nothing')
                           || ', the read model ' || coalesce(found.value::text, 'nothing')
                           ORDER BY coalesce(expected.key, found.key))
                 FILTER (WHERE expected.value IS DISTINCT FROM found.value))[1], '') AS first
FROM expected
FULL JOIN found ON found.key = expected.key
