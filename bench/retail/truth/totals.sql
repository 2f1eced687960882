-- Everything together: orders, pieces and revenue; the lines that cannot be sold, and the baskets
-- of which nothing is left.
SELECT (SELECT count(DISTINCT basket_id) FROM sold) AS orders,
       (SELECT coalesce(sum(pieces), 0)::BIGINT FROM sold) AS units,
       (SELECT coalesce(sum(cents), 0)::BIGINT FROM sold) AS cents,
       (SELECT count(*) FROM pieces WHERE pieces.pieces NOT BETWEEN 1 AND 100000) AS bad_lines,
       (SELECT count(DISTINCT basket_id) FROM pieces
        WHERE basket_id NOT IN (SELECT basket_id FROM sold)) AS empty_baskets
