-- Family: Query syntax

-- Page: SELECT, sql/select
SELECT qty AS q, q + 1 AS r FROM sales WHERE q = 40;
-- EXACT [[40, 41]]
SELECT TOP 2 sale_id FROM sales ORDER BY sale_id DESC;
-- EXACT [[9], [8]]
SELECT * EXCLUDE (day, seller_id, buyer, qty_shipped, price) FROM sales WHERE sale_id = 1;
-- EXACT [[1, 10]]
SELECT * EXCLUDE (seller_id, buyer, qty, qty_shipped, price) RENAME sale_id AS id FROM sales WHERE sale_id = 1;
-- EXACT [[1, "2024-01-02"]]

-- Page: QUALIFY, constructs/qualify
SELECT seller_id, sale_id FROM sales QUALIFY ROW_NUMBER() OVER (PARTITION BY seller_id ORDER BY sale_id) = 1 ORDER BY 1;
-- EXACT [[1, 1], [2, 4], [3, 6], [4, 9]]
SELECT sale_id, RANK() OVER (ORDER BY qty DESC) AS place FROM sales QUALIFY place = 1;
-- EXACT [[9, 1]]

-- Page: ORDER BY, constructs/order-by
SELECT price FROM sales WHERE sale_id IN (1, 3) ORDER BY price;
-- EXACT [["1.50"], [null]]
SELECT price FROM sales WHERE sale_id IN (1, 3) ORDER BY price DESC;
-- EXACT [[null], ["1.50"]]
SELECT price FROM sales WHERE sale_id IN (1, 3) ORDER BY price NULLS FIRST;
-- EXACT [[null], ["1.50"]]

-- Page: LIMIT / FETCH, constructs/limit
SELECT sale_id FROM sales ORDER BY sale_id LIMIT 2 OFFSET 3;
-- EXACT [[4], [5]]
SELECT sale_id FROM sales ORDER BY 1 FETCH FIRST 1 ROW ONLY;
-- EXACT 1

-- Page: WITH, constructs/with
WITH big AS (SELECT seller_id, SUM(qty) AS total FROM sales GROUP BY 1) SELECT COUNT(*), MAX(total) FROM big;
-- EXACT [[4, "65"]]
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i) FROM n;
-- EXACT "10"

-- Page: JOIN, constructs/join
SELECT a.sale_id, b.sale_id FROM sales a LEFT JOIN sales b ON a.sale_id = b.sale_id - 8 WHERE a.sale_id < 3 ORDER BY 1;
-- EXACT [[1, 9], [2, null]]
SELECT COUNT(*) FROM sales JOIN sales AS other USING (sale_id);
-- EXACT 9
SELECT COUNT(*) FROM sales NATURAL JOIN docs;
-- REFUSED 36

-- Page: VALUES, constructs/values
SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v (number, word) ORDER BY 1;
-- EXACT [[1, "one"], [2, "two"]]

-- Page: PIVOT, constructs/pivot
SELECT * FROM (SELECT seller_id, buyer, qty FROM sales WHERE seller_id = 1) PIVOT (SUM(qty) FOR buyer IN ('a', 'b')) ORDER BY 1;
-- REFUSED [[1, "10", "10"]]

-- Page: SAMPLE, constructs/sample
SELECT COUNT(*) FROM sales SAMPLE (100);
-- REFUSED 9

-- Page: Subqueries, querying-subqueries
SELECT sale_id FROM sales s WHERE price = (SELECT MAX(price) FROM sales WHERE seller_id = s.seller_id) ORDER BY 1;
-- EXACT [[2], [5], [8], [9]]
SELECT COUNT(*) FROM sales WHERE qty > ALL (SELECT qty FROM sales WHERE seller_id = 1);
-- EXACT 1
SELECT COUNT(*) FROM sales WHERE EXISTS (SELECT 1 FROM docs WHERE doc_id = sale_id);
-- EXACT 4
