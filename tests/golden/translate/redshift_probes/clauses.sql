-- Family: Clauses and queries

-- Page: SELECT list, r_SELECT_list.html
SELECT TOP 2 sale_id FROM sales ORDER BY sale_id DESC;
-- EXACT [[9], [8]]
SELECT DISTINCT seller_id FROM sales ORDER BY 1;
-- EXACT [[1], [2], [3], [4]]
SELECT qty * 2 AS twice, twice + 1 AS more FROM sales WHERE sale_id = 1;
-- EXACT [[20, 21]]
SELECT qty AS price, price FROM sales WHERE sale_id = 1;
-- EXACT [[10, "1.50"]]
SELECT * EXCLUDE (day, buyer, price, qty_shipped) FROM sales WHERE sale_id = 1;
-- EXACT [[1, 1, 10]]

-- Page: WITH clause, r_WITH_clause.html
WITH big AS (SELECT * FROM sales WHERE qty > 25), few AS (SELECT seller_id FROM big) SELECT COUNT(*), MAX(seller_id) FROM few;
-- EXACT [[3, 4]]
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT i FROM n ORDER BY i;
-- EXACT [[1], [2], [3], [4]]
WITH t(a, b) AS (SELECT 1, 'x') SELECT b, a FROM t;
-- EXACT [["x", 1]]

-- Page: FROM clause and joins, r_FROM_clause30.html
SELECT a.sale_id, b.sale_id FROM sales a JOIN sales b ON a.seller_id = b.seller_id AND a.sale_id < b.sale_id WHERE a.seller_id = 1 ORDER BY 1, 2;
-- EXACT [[1, 2], [1, 3], [2, 3]]
SELECT s.sale_id, d.doc_id FROM sales s LEFT JOIN docs d ON d.doc_id = s.sale_id WHERE s.sale_id IN (4, 5) ORDER BY 1;
-- EXACT [[4, 4], [5, null]]
SELECT COUNT(*), COUNT(d.doc_id) FROM sales s FULL OUTER JOIN docs d ON d.doc_id = s.sale_id + 7;
-- EXACT [[13, 4]]
SELECT COUNT(*) FROM sales NATURAL JOIN (SELECT 1 AS seller_id) AS one;
-- EXACT 3
SELECT COUNT(*) FROM sales s RIGHT JOIN docs d USING (seller_id);
-- FAILS
SELECT s.n FROM (SELECT COUNT(*) AS n FROM sales) AS s CROSS JOIN docs;
-- EXACT [[9], [9], [9], [9]]

-- Page: PIVOT and UNPIVOT, r_FROM_clause-pivot-unpivot-examples.html
SELECT * FROM (SELECT buyer, qty FROM sales) PIVOT (SUM(qty) FOR buyer IN ('a', 'b', 'c'));
-- EXACT [[60, 45, 50]]
SELECT * FROM (SELECT seller_id, buyer FROM sales WHERE seller_id < 3) PIVOT (COUNT(*) FOR buyer IN ('a' AS first, 'c' AS third)) ORDER BY 1;
-- EXACT [[1, 1, 1], [2, 1, 0]]
SELECT * FROM (SELECT qty, qty_shipped FROM sales WHERE sale_id = 2) UNPIVOT (amount FOR kind IN (qty, qty_shipped));
-- EXACT [["qty", 10]]
SELECT * FROM (SELECT qty, qty_shipped FROM sales WHERE sale_id = 2) UNPIVOT INCLUDE NULLS (amount FOR kind IN (qty, qty_shipped)) ORDER BY 1;
-- EXACT [["qty", 10], ["qty_shipped", null]]

-- Page: WHERE clause, r_WHERE_clause.html
SELECT sale_id FROM sales WHERE qty > 20 AND price IS NOT NULL ORDER BY 1;
-- EXACT [[8], [9]]
SELECT COUNT(*), COUNT(b.doc_id) FROM sales a, docs b WHERE a.sale_id = b.doc_id(+);
-- EXACT [[9, 4]]

-- Page: GROUP BY clause, r_GROUP_BY_clause.html
SELECT seller_id, SUM(qty) FROM sales GROUP BY seller_id ORDER BY 1;
-- EXACT [[1, 50], [2, 40], [3, 65], [4, 40]]
SELECT seller_id, buyer, SUM(qty) FROM sales WHERE seller_id < 3 GROUP BY GROUPING SETS ((seller_id), (buyer)) ORDER BY 1, 2;
-- EXACT [[1, null, 50], [2, null, 40], [null, "a", 30], [null, "b", 30], [null, "c", 30]]
SELECT seller_id, SUM(qty), GROUPING(seller_id) FROM sales GROUP BY ROLLUP (seller_id) ORDER BY 1;
-- EXACT [[1, 50, 0], [2, 40, 0], [3, 65, 0], [4, 40, 0], [null, 195, 1]]
SELECT seller_id, buyer, COUNT(*) FROM sales WHERE seller_id = 2 GROUP BY CUBE (seller_id, buyer) ORDER BY 1, 2;
-- EXACT [[2, "a", 1], [2, "b", 1], [2, null, 2], [null, "a", 1], [null, "b", 1], [null, null, 2]]
SELECT buyer, COUNT(*) FROM sales GROUP BY ALL ORDER BY 1;
-- EXACT [["a", 3], ["b", 3], ["c", 2], [null, 1]]
SELECT seller_id, qty FROM sales GROUP BY seller_id;
-- FAILS

-- Page: HAVING clause, r_HAVING_clause.html
SELECT seller_id FROM sales GROUP BY 1 HAVING SUM(qty) > 45 ORDER BY 1;
-- EXACT [[1], [3]]

-- Page: QUALIFY clause, r_QUALIFY_clause.html
SELECT seller_id, sale_id FROM sales QUALIFY ROW_NUMBER() OVER (PARTITION BY seller_id ORDER BY qty DESC, sale_id) = 1 ORDER BY 1;
-- EXACT [[1, 3], [2, 4], [3, 8], [4, 9]]
SELECT sale_id, RANK() OVER (ORDER BY qty DESC) AS place FROM sales WHERE seller_id < 4 QUALIFY place = 1 ORDER BY 1;
-- EXACT [[3, 1], [8, 1]]

-- Page: UNION, INTERSECT, and EXCEPT, r_UNION.html
SELECT 1 AS n UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1;
-- EXACT [[1], [2]]
SELECT seller_id FROM sales MINUS SELECT doc_id FROM docs WHERE doc_id > 1 ORDER BY 1;
-- EXACT 1
SELECT seller_id FROM sales INTERSECT SELECT doc_id FROM docs WHERE doc_id > 1 ORDER BY 1;
-- EXACT [[2], [3], [4]]
SELECT NULL AS n UNION SELECT NULL;
-- EXACT null

-- Page: ORDER BY clause, r_ORDER_BY_clause.html
SELECT buyer FROM sales WHERE sale_id IN (3, 8, 9) ORDER BY buyer;
-- EXACT [["a"], ["c"], [null]]
SELECT buyer FROM sales WHERE sale_id IN (3, 8, 9) ORDER BY buyer DESC;
-- EXACT [[null], ["c"], ["a"]]
SELECT buyer FROM sales WHERE sale_id IN (3, 8, 9) ORDER BY buyer NULLS FIRST LIMIT 1 OFFSET 1;
-- EXACT "a"
SELECT w FROM (SELECT 'b' AS w UNION ALL SELECT 'B' UNION ALL SELECT 'a' UNION ALL SELECT '_') AS t ORDER BY w;
-- EXACT [["B"], ["_"], ["a"], ["b"]]

-- Page: CONNECT BY clause, r_CONNECT_BY_clause.html
SELECT sale_id, LEVEL FROM sales START WITH sale_id = 1 CONNECT BY PRIOR sale_id = seller_id;
-- REFUSED [[1, 1]]

-- Page: Subqueries, r_Subquery_examples.html
SELECT seller_id, (SELECT MAX(t.qty) FROM sales t WHERE t.seller_id = s.seller_id) FROM sales s WHERE sale_id IN (1, 4) ORDER BY 1;
-- EXACT [[1, 30], [2, 20]]
SELECT COUNT(*) FROM sales WHERE qty > (SELECT AVG(qty) FROM sales);
-- EXACT 3
SELECT (SELECT qty FROM sales);
-- FAILS

-- Page: Lateral aliases and expressions, r_SELECT_list.html
SELECT seller_id AS s, SUM(qty) AS total, total / 10 AS tens FROM sales GROUP BY s HAVING SUM(qty) > 45 ORDER BY tens DESC;
-- APPROXIMATE [[3, 65, "6.5000"], [1, 50, "5.0000"]]
SELECT COUNT(*) AS n FROM sales WHERE day >= DATEADD(day, -7, '2024-03-08') AND day < '2024-03-08'::date + 1;
-- EXACT 2
SELECT buyer, seller_id, SUM(qty), GROUPING(buyer, seller_id) FROM sales WHERE seller_id = 1 AND sale_id < 3 GROUP BY GROUPING SETS ((buyer, seller_id), ()) ORDER BY 1;
-- EXACT [["a", 1, 10, 0], ["b", 1, 10, 0], [null, null, 20, 3]]
SELECT * FROM (SELECT seller_id, buyer, qty FROM sales) PIVOT (SUM(qty) AS total, COUNT(*) AS n FOR buyer IN ('a')) WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, 10, 1], [2, 20, 1]]
SELECT seller_id, kind, SUM(amount) FROM (SELECT seller_id, qty, qty_shipped FROM sales) UNPIVOT (amount FOR kind IN (qty AS 'ordered', qty_shipped AS 'sent')) WHERE seller_id = 2 GROUP BY 1, 2 ORDER BY 2;
-- EXACT [[2, "ordered", 40], [2, "sent", 35]]
SELECT a.sale_id FROM sales a WHERE a.qty = (SELECT MAX(b.qty) FROM sales b WHERE b.seller_id = a.seller_id) AND a.seller_id = 2 ORDER BY 1;
-- EXACT [[4], [5]]
SELECT 1 AS n WHERE 1 = 0;
-- EXACT []
SELECT sale_id FROM sales QUALIFY MEDIAN(qty) OVER (PARTITION BY seller_id) = qty ORDER BY 1;
-- EXACT [[1], [2], [4], [5], [7], [9]]
WITH t AS (SELECT buyer, qty FROM sales) SELECT * FROM t PIVOT (MAX(qty) FOR buyer IN ('a', 'c'));
-- EXACT [[30, 30]]
SELECT s.sale_id FROM sales s QUALIFY ROW_NUMBER() OVER (PARTITION BY s.seller_id ORDER BY s.qty, s.sale_id) = 1 AND s.qty > 10 ORDER BY 1;
-- EXACT [[4], [6], [9]]
