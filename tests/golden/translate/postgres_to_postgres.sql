-- PostgreSQL's own SQL on PostgreSQL; one statement a paragraph.
SELECT status, COUNT(*) FILTER (WHERE total > 5) AS "Many" FROM orders GROUP BY status ORDER BY 2 DESC NULLS LAST;

SELECT DISTINCT ON (customer_id) order_id, note ->> 'a' FROM orders ORDER BY customer_id, ordered_at DESC;

SELECT g, o.total FROM generate_series(1, 3) AS g LEFT JOIN orders AS o ON o.order_id = g;

SELECT pg_terminate_backend(1);

SELECT set_config('transaction_read_only', 'off', FALSE);

SELECT pg_catalog.pg_read_file('x');

SELECT query_to_xml('DELETE FROM orders', TRUE, TRUE, '');

SELECT * FROM pg_catalog.pg_authid;

SELECT * FROM dblink('host=x', 'DELETE FROM orders') AS t(a INT);
