-- What each order costs.
SELECT basket_id, sum(cents)::BIGINT AS cents
FROM sold
GROUP BY basket_id
