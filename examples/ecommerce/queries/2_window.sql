-- The customers with the largest orders, ranked within their country, with a running total.
SELECT country_code, place, customer_id, orders, spent, running_total
FROM (
    SELECT c.country_code,
           c.customer_id,
           COUNT(*)            AS orders,
           SUM(o.total_amount) AS spent,
           RANK() OVER (PARTITION BY c.country_code ORDER BY SUM(o.total_amount) DESC, c.customer_id) AS place,
           SUM(SUM(o.total_amount)) OVER (
               PARTITION BY c.country_code
               ORDER BY SUM(o.total_amount) DESC, c.customer_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
           ) AS running_total
    FROM customers AS c
    JOIN orders AS o ON o.customer_id = c.customer_id
    GROUP BY c.country_code, c.customer_id
) AS ranked
WHERE place <= 2
ORDER BY country_code, place
LIMIT 12;
