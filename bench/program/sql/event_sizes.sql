-- How wide events of this type are on average.
SELECT coalesce(avg(octet_length(e.meta)), 0)::integer,
       coalesce(avg(octet_length(e.data)), 0)::integer
FROM skald.events AS e
WHERE e.type = $1
