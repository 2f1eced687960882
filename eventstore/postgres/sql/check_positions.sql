-- Of partition $1 up to position $2: how many events there are, and the first position without one
-- (0: none).
SELECT count(*),
       coalesce(min(e.n) FILTER (WHERE e.position <> e.n),
                CASE WHEN count(*) < $2 THEN count(*) + 1 ELSE 0 END)
FROM (SELECT position, row_number() OVER (ORDER BY position) AS n
      FROM skald.events WHERE partition = $1 AND position <= $2) AS e
