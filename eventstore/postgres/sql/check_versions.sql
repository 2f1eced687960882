-- Of the streams in partition $1, up to position $2: how many there are, how many versions they
-- lack, and the first that lacks one. Positions and versions rise together, so the events up to a
-- position hold each stream's first versions.
SELECT count(*), coalesce(sum(greatest(s.last - s.count, 1 - s.first)), 0)::bigint,
       coalesce(min(s.stream) FILTER (WHERE s.last <> s.count OR s.first < 1), '')
FROM (SELECT stream, count(*) AS count, min(version) AS first, max(version) AS last
      FROM skald.events WHERE partition = $1 AND position <= $2 GROUP BY stream) AS s
