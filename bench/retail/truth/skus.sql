-- Orders, pieces and revenue of each product that is sold at all.
SELECT product_id::VARCHAR AS sku, count(DISTINCT basket_id) AS orders,
       sum(pieces)::BIGINT AS units, sum(cents)::BIGINT AS cents
FROM sold
GROUP BY product_id
