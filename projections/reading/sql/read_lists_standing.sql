-- How things stand with projection $1, in front of several lists of one snapshot: live version and
-- definition, how far each partition is, and how many keys are held back, counted only so far that
-- no list has to wait for it.
SELECT p.live_version,
       v.definition,
       ARRAY(SELECT c.position
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS positions,
       (SELECT count(*)
        FROM (SELECT k.key
              FROM skald.parked_keys AS k
              WHERE k.name = p.name AND k.version = p.live_version
              LIMIT 1000) AS held) AS parked_keys
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
WHERE p.name = $1
