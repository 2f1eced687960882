-- A page of what the live versions hold back.
SELECT k.name, k.partition, k.key, k.reason, k.detail, k.position, k.event_id, e.type, k.parked_at,
       (SELECT count(*)
        FROM skald.parked_events AS q
        WHERE q.name = k.name AND q.version = k.version AND q.key = k.key) AS events
FROM skald.parked_keys AS k
JOIN skald.projections AS p ON p.name = k.name AND p.live_version = k.version
JOIN skald.parked_events AS e
  ON e.name = k.name AND e.version = k.version AND e.key = k.key AND e.position = k.position
WHERE true{where}
ORDER BY {order}
LIMIT {limit}
