-- The skus with most units in orders placed from day $1 to day $2 (days since 1970, both
-- inclusive), best first, at most $3, with what tells whether the tables have changed (as
-- read_source.sql has it); projection $4. A row without sku where nothing was sold.
SELECT r.sku, r.orders, r.units, v.generation::text AS generation,
       ARRAY(SELECT c.revision
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS revisions
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
LEFT JOIN (SELECT s.sku, sum(s.orders)::bigint AS orders, sum(s.units)::bigint AS units
           FROM skald_read.sales_by_sku_vN AS s
           WHERE s.basis = 'placed'
             AND s.day BETWEEN date '1970-01-01' + $1::integer AND date '1970-01-01' + $2::integer
           GROUP BY s.sku
           ORDER BY units DESC, s.sku
           LIMIT $3) AS r ON true
WHERE p.name = $4
ORDER BY r.units DESC, r.sku
