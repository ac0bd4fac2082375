-- What Redshift statements over the shop of tests/query_svc become; one statement a paragraph.
SELECT c.name, SUM(o.total) AS spent
FROM orders o JOIN customers c ON c.customer_id = o.customer_id
GROUP BY 1 HAVING SUM(o.total) > 100.5 ORDER BY spent DESC LIMIT 3;

SELECT DATE_TRUNC('month', ordered_at) AS m, AVG(total), AVG(customer_id), COUNT(DISTINCT customer_id)
FROM orders WHERE ordered_at >= '2024-01-01' GROUP BY 1;

SELECT DATEDIFF(month, ordered_at, shipped_at), DATEADD(day, 3, born), born + 7, born - DATE '2000-01-01'
FROM orders JOIN customers USING (customer_id);

SELECT NVL(status, 'none') || '-' || total, NVL2(status, 1, 0), DECODE(status, 'paid', 1, NULL, 2, 3), ISNULL(weight, 0)
FROM orders;

SELECT total * 1.1, total + 1, total / 3, total % 2, -wealth, wealth / 2, ROUND(total, 1), total::int, total::varchar
FROM orders CROSS JOIN customers;

SELECT status ILIKE 'p%', status LIKE 'a\\_b', status LIKE '10!%' ESCAPE '!', status NOT LIKE 'x%' FROM orders;

SELECT * FROM (SELECT o.*, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) AS n FROM orders o) WHERE n = 1;

SELECT order_id FROM orders QUALIFY RANK() OVER (PARTITION BY customer_id ORDER BY total DESC) <= 2;

WITH big AS (SELECT customer_id FROM orders WHERE total > 5 UNION SELECT 7 INTERSECT SELECT 8) SELECT * FROM big ORDER BY 1;

SELECT TOP 5 name, is_active, is_active::int FROM customers WHERE is_active AND wealth BETWEEN 1 AND 2.5 ORDER BY wealth DESC;

SELECT MEDIAN(total), STDDEV(weight), LISTAGG(status, ',') WITHIN GROUP (ORDER BY ordered_at DESC) FROM orders;

SELECT 1 / NULLIF(order_id, 0), order_id / customer_id FROM orders;

SELECT order_id FROM orders WHERE total IN (0.2, 5) AND EXISTS (SELECT 1 FROM customers c WHERE c.customer_id = orders.customer_id);

SELECT EXTRACT(year FROM ordered_at), DATE_PART(dow, ordered_at), TO_CHAR(ordered_at, 'YYYY-MM'), LAST_DAY(ordered_at) FROM orders;

SELECT GREATEST(total, 3), LEAST(order_id, 2), COALESCE(shipped_at, born) FROM orders JOIN customers USING (customer_id);

SELECT RATIO_TO_REPORT(total) OVER () FROM orders;

SELECT REGEXP_SUBSTR(status, 'a.') FROM orders;

SELECT DATEDIFF(week, ordered_at, shipped_at) FROM orders;
