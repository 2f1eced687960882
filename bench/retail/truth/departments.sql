-- Orders, pieces and revenue of each department; NULL is that of products which the data set does
-- not describe.
SELECT nullif(trim(product.department), '') AS department, count(DISTINCT sold.basket_id) AS orders,
       sum(sold.pieces)::BIGINT AS units, sum(sold.cents)::BIGINT AS cents
FROM sold
LEFT JOIN products AS product USING (product_id)
GROUP BY nullif(trim(product.department), '')
