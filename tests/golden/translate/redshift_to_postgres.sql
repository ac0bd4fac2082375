-- What Redshift statements over the shop of tests/query_svc become on PostgreSQL; one statement a paragraph.
SELECT DATEDIFF(month, ordered_at, shipped_at), DATEADD(day, 3, born), born + 7, born - DATE '2000-01-01'
FROM orders JOIN customers USING (customer_id);

SELECT SYSDATE, GETDATE(), TRUNC(ordered_at), LAST_DAY(born), MONTHS_BETWEEN(ordered_at, born), EXTRACT(ms FROM ordered_at)
FROM orders CROSS JOIN customers;

SELECT total * 1.1, total + 1, total / 3, total % 2, ROUND(total, 1), total::int, total::varchar, order_id / 2 FROM orders;

SELECT AVG(total), AVG(order_id), SUM(total), SUM(order_id), MEDIAN(total), APPROXIMATE COUNT(DISTINCT status), MAX(status)
FROM orders;

SELECT LISTAGG(status, ',') WITHIN GROUP (ORDER BY ordered_at DESC), LISTAGG(status) FROM orders GROUP BY customer_id;

SELECT RATIO_TO_REPORT(total) OVER (PARTITION BY status), LAG(total, 1, 0) OVER (ORDER BY order_id) FROM orders;

SELECT status, name FROM orders o JOIN customers c ON o.status = c.name WHERE status > 'a' AND status IN ('x ', 'y') ORDER BY 1 DESC;

SELECT DISTINCT status FROM orders ORDER BY status;

SELECT name FROM customers UNION ALL SELECT status FROM orders ORDER BY 1;

SELECT NVL(status, 'none') || '-' || total, NVL2(status, 1, 0), DECODE(status, 'paid', 1, NULL, 2, 3), ISNULL(weight, 0)
FROM orders;

SELECT status ILIKE 'p%', status LIKE 'a\\_b', status SIMILAR TO '(a|b)%', CONCAT(status, name), UPPER(name)
FROM orders CROSS JOIN customers;

SELECT JSON_EXTRACT_PATH_TEXT('{"a": {"b": 1}}', 'a', 'b'), STRTOL('ff', 16), SHA2(status, 256), REGEXP_SUBSTR(status, 'a+')
FROM orders;

SELECT CONVERT_TIMEZONE('America/New_York', 'UTC', ordered_at), TO_CHAR(total, '999.99'), ordered_at AT TIME ZONE 'UTC' FROM orders;

SELECT order_id FROM orders QUALIFY RANK() OVER (PARTITION BY customer_id ORDER BY status DESC) <= 2;

SELECT TOP 2 name AS n, n || '!' AS m FROM customers ORDER BY n OFFSET 1;

SELECT * FROM orders PIVOT (SUM(total) FOR status IN ('paid', 'open'));

SELECT LAST_VALUE(total IGNORE NULLS) OVER (ORDER BY order_id ROWS UNBOUNDED PRECEDING) FROM orders;

SELECT LAST_VALUE(total) IGNORE NULLS OVER (ORDER BY order_id ROWS UNBOUNDED PRECEDING) FROM orders;

SELECT o.note.a FROM orders o;

SELECT o.note[0] FROM orders o;

SELECT JSON_PARSE('{}');

SELECT DATEDIFF(week, ordered_at, shipped_at) FROM orders;

SELECT status SIMILAR TO 'a{2}' FROM orders;

SELECT REGEXP_SUBSTR(status, '(?i)a') FROM orders;

SELECT CONVERT_TIMEZONE('UTC-5', ordered_at) FROM orders;

SELECT LISTAGG(DISTINCT status, ',') FROM orders;

SELECT PG_SLEEP(1);
