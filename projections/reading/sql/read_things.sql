-- The rows of a query, as of one moment with how things stand: live version and definition of the
-- projection, how far some partitions are, in their order, and why which of some keys are held
-- back.
-- What is long stands in the first row; where nothing is found, n is null and the row says no more
-- than how things stand.
-- In braces, in the order of use: the columns that the query names, the projection's name, the
-- version of the tables that the query names, the partitions, the keys, the query's columns and
-- text.
SELECT {found},
       p.live_version,
       v.definition,
       CASE WHEN found.n > 1 THEN NULL
            ELSE ARRAY(SELECT c.position
                       FROM skald.projection_cursors AS c
                       WHERE c.name = {name} AND c.version = {version}
                         AND c.partition = ANY ({partitions})
                       ORDER BY c.partition)
       END AS positions,
       CASE WHEN found.n > 1 THEN NULL
            ELSE (SELECT json_agg(json_build_array(k.key, k.reason, k.detail))::text
                  FROM skald.parked_keys AS k
                  WHERE k.name = {name} AND k.version = {version} AND k.key = ANY ({keys}))
       END AS parked
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
LEFT JOIN (SELECT {asked}, row_number() OVER () AS n FROM ({query}) AS asked) AS found ON true
WHERE p.name = {name}
