-- Family: Conditional expressions

-- Page: CASE conditional expression, r_CASE_function.html
SELECT CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END;
-- EXACT "two"
SELECT CASE WHEN 1 > 2 THEN 'a' WHEN NULL THEN 'b' END;
-- EXACT null
SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2.50 END;
-- EXACT "1.00"
SELECT CASE NULL WHEN NULL THEN 'same' ELSE 'not' END;
-- EXACT "not"
SELECT CASE WHEN qty > 25 THEN 'big' ELSE 'small' END AS size, COUNT(*) FROM sales GROUP BY 1 ORDER BY 1;
-- EXACT [["big", 3], ["small", 6]]

-- Page: DECODE expression, r_DECODE_expression.html
SELECT DECODE(2, 1, 'a', 2, 'b', 'c'), DECODE(3, 1, 'a', 'c'), DECODE(3, 1, 'a');
-- EXACT [["b", "c", null]]
SELECT DECODE(NULL, NULL, 'null', 'not');
-- EXACT "null"
SELECT DECODE('a', 'b', 1, 'a', 2);
-- EXACT 2

-- Page: GREATEST and LEAST functions, r_GREATEST_LEAST.html
SELECT GREATEST(1, 5, 3), LEAST(1, 5, 3), GREATEST('a', 'c', 'b');
-- EXACT [[5, 1, "c"]]
SELECT GREATEST(1, NULL, 3), LEAST(NULL, 2), GREATEST(NULL, NULL);
-- EXACT [[3, 2, null]]
SELECT GREATEST(1, 2.5), LEAST(DATE '2024-01-02', DATE '2024-01-01');
-- EXACT [["2.5", "2024-01-01"]]

-- Page: NVL and COALESCE functions, r_NVL_function.html
SELECT NVL(NULL, 12), COALESCE(NULL, NULL, 'x', 'y'), NVL(NULL, NULL);
-- EXACT [[12, "x", null]]
SELECT NVL('', 'x'), COALESCE(1, 1 / 0);
-- EXACT [["", 1]]
SELECT sale_id, NVL(qty_shipped, 0) FROM sales WHERE sale_id < 3 ORDER BY 1;
-- EXACT [[1, 10], [2, 0]]
SELECT NVL(NULL, 1, 2.5);
-- EXACT "1.0"

-- Page: NVL2 expression, r_NVL2.html
SELECT NVL2('x', 1, 2), NVL2(NULL, 1, 2), NVL2(0, 'there', 'not');
-- EXACT [[1, 2, "there"]]
SELECT NVL2(NULL, 1, NULL);
-- EXACT null

-- Page: NULLIF expression, r_NULLIF_function.html
SELECT NULLIF(1, 1), NULLIF(1, 2), NULLIF('a', 'b');
-- EXACT [[null, 1, "a"]]
SELECT NULLIF(NULL, 1), NULLIF(1, NULL);
-- EXACT [[null, 1]]
SELECT 10 / NULLIF(0, 0);
-- EXACT null
