-- What has to wait behind the parked keys: all that the log has of a key from the event on that
-- stands in its way. Types that the projection passes over do not wait, unless they were not known
-- yet when they came.
WITH queued AS (
    SELECT q.name, q.key, q.partition, q.position, q.stream, q.stream_version, q.type,
           q.schema_version, q.recorded_at, q.data
    FROM skald.parked_events AS q
    JOIN skald.projections AS p ON p.name = q.name AND p.live_version = q.version
),
expected AS (
    SELECT concat_ws(' ', k.name, k.key, e.position) AS key,
           ARRAY[l.partition::text, l.stream, l.version::text, l.type, l.schema_version::text,
                 l.recorded_at::text, md5(l.data)] AS value
    FROM verify_parked AS k
    JOIN verify_events AS e
      ON e.partition = k.partition AND e.key = k.key AND e.position >= k.position
    JOIN verify_cursors AS c
      ON c.name = k.name AND c.partition = e.partition AND e.position <= c.position
    JOIN skald.events AS l ON l.partition = e.partition AND l.position = e.position
    WHERE EXISTS (SELECT 1
                  FROM verify_types AS t
                  WHERE t.name = k.name AND t.type = e.type
                    AND t.schema_version = e.schema_version)
       OR EXISTS (SELECT 1
                  FROM queued AS q
                  WHERE q.name = k.name AND q.key = k.key AND q.position = e.position)
),
found AS (
    SELECT concat_ws(' ', q.name, q.key, q.position) AS key,
           ARRAY[q.partition::text, q.stream, q.stream_version::text, q.type,
                 q.schema_version::text, q.recorded_at::text, md5(q.data)] AS value
    FROM queued AS q
)
