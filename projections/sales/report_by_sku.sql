SELECT s.sku, s.currency, sum(s.orders)::bigint AS orders, sum(s.units)::bigint AS units,
       sum(s.revenue)::bigint AS revenue
FROM skald_read.sales_by_sku_vN AS s
WHERE true{where}
GROUP BY s.sku, s.currency
ORDER BY {order}
LIMIT {limit}
