-- What Snowflake statements over the shop of tests/query_svc become; one statement a paragraph.
SELECT 7 / 2 AS q, total / 3 AS t, IFF(total > 5, 'a', 'b') AS i, ZEROIFNULL(weight) AS z FROM orders;

SELECT DATEADD(month, 1, born) AS d, DATEDIFF(week, ordered_at, shipped_at) AS w, DATE_TRUNC('month', born) AS m
FROM orders JOIN customers USING (customer_id);

SELECT AVG(order_id) AS a, AVG(total) AS b, GREATEST(1, NULL) AS g FROM orders;

SELECT name AS "Name", 'x' LIKE 'a\\_b' AS l, SUBSTR(name, -2) AS s FROM customers QUALIFY ROW_NUMBER() OVER (ORDER BY name) = 1;
