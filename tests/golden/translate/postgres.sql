-- What PostgreSQL statements over the shop of tests/query_svc become; one statement a paragraph.
SELECT AVG(order_id) FROM orders;

SELECT date_trunc('year', ordered_at), now() > ordered_at, CONCAT(status, NULL, 'x') FROM orders;

SELECT EXTRACT(epoch FROM ordered_at), ordered_at + INTERVAL '2 hours', STRING_AGG(status, ',' ORDER BY order_id) FROM orders GROUP BY 1, 2;

SELECT DISTINCT ON (customer_id) order_id FROM orders;
