-- What ought to be sold: per basket and product the pieces bought, if a shop can sell that many,
-- and what they cost.
CREATE TABLE sold AS
SELECT piece.basket_id, piece.household_id, piece.product_id, piece.pieces,
       piece.pieces * price.cents AS cents
FROM pieces AS piece
JOIN prices AS price USING (product_id)
WHERE piece.pieces BETWEEN 1 AND 100000
