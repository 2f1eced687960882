-- The skus with most units in orders placed from day $1 to day $2 (days since 1970, both
-- inclusive), best first.
SELECT s.sku, sum(s.orders)::bigint AS orders, sum(s.units)::bigint AS units
FROM skald_read.sales_by_sku_vN AS s
WHERE s.basis = 'placed'
  AND s.day BETWEEN date '1970-01-01' + $1::integer AND date '1970-01-01' + $2::integer
GROUP BY s.sku
ORDER BY units DESC, s.sku
LIMIT $3
