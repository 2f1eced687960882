-- Revenue beyond 64 bits is shown as the last number within. A group of which everything was
-- cancelled is none.
SELECT s.sku, s.currency, sum(s.orders)::bigint AS orders,
       sum(s.units)::bigint AS units,
       greatest(least(sum(s.revenue), 9223372036854775807), -9223372036854775808)::bigint AS revenue
FROM skald_read.sales_by_sku_vN AS s
WHERE true{where}
GROUP BY s.sku, s.currency
HAVING sum(s.orders) <> 0
ORDER BY {order}
LIMIT {limit}
