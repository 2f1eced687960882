-- How each basket is paid: as the last digits of its number say.
CREATE TABLE methods AS
SELECT basket_id,
       CASE WHEN basket_id % 500 = 9 THEN 'card-slow'
            WHEN basket_id % 500 = 33 THEN 'card-timeout'
            WHEN basket_id % 500 = 47 THEN 'card-error'
            WHEN basket_id % 25 = 4 THEN 'card-declined'
            WHEN basket_id % 25 = 11 THEN 'card-flaky'
            ELSE 'card-ok'
       END AS method
FROM (SELECT DISTINCT basket_id FROM sold)
