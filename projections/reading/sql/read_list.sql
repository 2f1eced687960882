-- The rows of a query, in its order, as of one moment with how things stand: live version and
-- definition of the projection, how far each partition is, and how many keys are held back, counted
-- only so far that no list has to wait for it. What is long stands in the first row; where nothing
-- is found, n is null and the row says no more than how things stand.
-- In braces, in the order of use: the columns that the query names, the projection's name, the
-- version of the tables that the query names, the query's columns and text, how many rows at most.
SELECT {found},
       p.live_version,
       v.definition,
       CASE WHEN found.n > 1 THEN NULL
            ELSE ARRAY(SELECT c.position
                       FROM skald.projection_cursors AS c
                       WHERE c.name = {name} AND c.version = {version}
                       ORDER BY c.partition)
       END AS positions,
       CASE WHEN found.n > 1 THEN NULL
            ELSE (SELECT count(*)
                  FROM (SELECT k.key
                        FROM skald.parked_keys AS k
                        WHERE k.name = {name} AND k.version = {version}
                        LIMIT 1000) AS held)
       END AS parked_keys
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
LEFT JOIN (SELECT {asked}, row_number() OVER () AS n
           FROM ({query}) AS asked
           LIMIT {limit}) AS found ON true
WHERE p.name = {name}
