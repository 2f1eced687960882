-- Orders and revenue of each household; one all of whose baskets are unsellable has neither.
SELECT bought.household_id, count(DISTINCT sold.basket_id) AS orders,
       coalesce(sum(sold.cents), 0)::BIGINT AS cents
FROM (SELECT DISTINCT household_id FROM pieces) AS bought
LEFT JOIN sold USING (household_id)
GROUP BY bought.household_id
