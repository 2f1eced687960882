-- Per basket and product the pieces bought, of the first ? baskets of the year.
CREATE TABLE pieces AS
WITH ranked AS (
    SELECT household_id, basket_id, product_id, quantity,
           dense_rank() OVER (ORDER BY transaction_timestamp, basket_id) AS place
    FROM transactions
)
SELECT household_id, basket_id, product_id, sum(quantity)::BIGINT AS pieces
FROM ranked
WHERE place <= ?
GROUP BY household_id, basket_id, product_id
