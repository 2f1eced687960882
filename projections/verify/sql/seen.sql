-- The events that projection {name} has applied: up to its cursors, without what it holds back.
WITH seen AS (
    SELECT e.partition, e.position, e.stream, e.key, e.version, e.type, e.recorded_at, e.data
    FROM verify_events AS e
    JOIN verify_cursors AS c
      ON c.name = '{name}' AND c.partition = e.partition AND e.position <= c.position
    LEFT JOIN verify_parked AS k
      ON k.name = '{name}' AND k.key = e.key AND k.position <= e.position
    WHERE k.key IS NULL
),
