-- What is delivered of each product: all that was bought of it in the year; of every fiftieth only
-- a hundredth; never nothing.
CREATE TABLE supply AS
SELECT product_id,
       greatest(1, CASE WHEN product_id % 50 = 7 THEN floor(sum(quantity) / 100)
                        ELSE sum(quantity) END)::BIGINT AS pieces
FROM transactions
WHERE product_id IN (SELECT product_id FROM pieces)
GROUP BY product_id
