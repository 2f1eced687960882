SELECT p.name, p.live_version, v.definition, c.partition, c.position,
       coalesce((SELECT e.position
                 FROM skald.events AS e
                 WHERE e.partition = c.partition
                 ORDER BY e.position DESC
                 LIMIT 1), 0) AS head,
       c.moved_at,
       (SELECT count(*)
        FROM skald.parked_keys AS k
        WHERE k.name = p.name AND k.version = p.live_version
          AND k.partition = c.partition) AS parked_keys
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
JOIN skald.projection_cursors AS c ON c.name = p.name AND c.version = p.live_version
ORDER BY p.name, c.partition
