-- The price of each product in cents: the median of what one piece cost, over every purchase of the
-- year; never nothing.
CREATE VIEW prices AS
WITH piece AS (
    SELECT product_id,
           CASE WHEN quantity > 0 THEN floor(round(sales_value * 100) / quantity + 0.5) END AS cents
    FROM transactions
)
SELECT product_id, greatest(1, coalesce(floor(median(cents) + 0.5), 1))::BIGINT AS cents
FROM piece
GROUP BY product_id
