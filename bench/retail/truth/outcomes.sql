-- What may become of each order: `confirmed`, or why it is rejected. Who wants more of a product
-- than was delivered gets nothing; where all orders together do, it depends on who comes first.
-- Then the card decides; of one whose charge nobody answers for, both is right.
WITH demand AS (
    SELECT product_id, sum(pieces) AS pieces FROM sold GROUP BY product_id
), stock AS (
    SELECT sold.basket_id, bool_or(sold.pieces > supply.pieces) AS lacks,
           bool_or(demand.pieces > supply.pieces) AS contended
    FROM sold
    JOIN demand USING (product_id)
    JOIN supply USING (product_id)
    GROUP BY sold.basket_id
), paid AS (
    SELECT basket_id,
           CASE method WHEN 'card-declined' THEN ['payment_declined']
                       WHEN 'card-error' THEN ['payment_unavailable']
                       WHEN 'card-timeout' THEN ['confirmed', 'payment_unavailable']
                       ELSE ['confirmed']
           END AS outcomes
    FROM methods
)
SELECT basket_id,
       CASE WHEN stock.lacks THEN ['out_of_stock']
            WHEN stock.contended THEN list_append(paid.outcomes, 'out_of_stock')
            ELSE paid.outcomes
       END AS outcomes
FROM stock
JOIN paid USING (basket_id)
