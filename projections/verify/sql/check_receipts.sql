-- Every receipt of an appended command against the events that carry the command's id. expected:
-- receipts; found: those whose own stream has just the events they tell of; events without a
-- receipt count as differences too.
WITH told AS (
    SELECT c.command_id AS id, c.stream, c.first_version, c.count
    FROM skald.commands AS c
    WHERE c.verdict = 1
), stored AS (
    SELECT e.command_id AS id, e.stream, min(e.version) AS first_version, count(*) AS count,
           max(e.version) - min(e.version) + 1 AS span
    FROM skald.events AS e
    GROUP BY e.command_id, e.stream
), compared AS (
    SELECT told.id,
           CASE WHEN told.count = 0 THEN stored.id IS NULL
                ELSE stored.first_version = told.first_version AND stored.count = told.count
                     AND stored.span = told.count
           END AS fits
    FROM told
    LEFT JOIN stored ON stored.id = told.id AND stored.stream = told.stream
), orphans AS (
    SELECT DISTINCT stored.id
    FROM stored
    LEFT JOIN told ON told.id = stored.id
    WHERE told.id IS NULL
)
SELECT (SELECT count(*) FROM told) AS expected,
       (SELECT count(*) FROM compared WHERE fits) AS found,
       (SELECT count(*) FROM compared WHERE fits IS NOT TRUE) + (SELECT count(*) FROM orphans)
           AS differences,
       coalesce((SELECT 'receipt ' || min(id::text) FROM compared WHERE fits IS NOT TRUE),
                (SELECT 'events without a receipt: command ' || min(id::text) FROM orphans), '')
           AS first
