-- The rows of a query, in its order.
-- In braces, in the order of use: the query's columns and text, how many rows at most.
SELECT {asked} FROM ({query}) AS asked LIMIT {limit}
