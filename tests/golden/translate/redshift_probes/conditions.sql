-- Family: Conditions

-- Page: Comparison conditions, r_comparison_condition.html
SELECT 1 < 2, 2 <> 2, 'a' != 'b', 3 >= 3, DATE '2024-01-02' > '2024-01-01';
-- EXACT [[true, false, true, true, true]]
SELECT NULL = NULL, 1 < NULL;
-- EXACT [[null, null]]
SELECT 'a' = 'a  ', 'B' < 'a', 'a' = 'A';
-- EXACT [[true, true, false]]
SELECT true IS TRUE, NULL::boolean IS NOT TRUE, false IS UNKNOWN;
-- EXACT [[true, true, false]]

-- Page: Logical conditions, r_logical_condition.html
SELECT true AND NULL, false AND NULL, true OR NULL, NOT NULL::boolean;
-- EXACT [[null, false, true, null]]
SELECT COUNT(*) FROM sales WHERE NOT (qty_shipped > 15);
-- EXACT 2

-- Page: LIKE, r_patternmatching_condition_like.html
SELECT 'abcd' LIKE 'a%', 'abcd' LIKE '_bcd', 'abcd' LIKE 'b%', 'aBc' ILIKE 'ABC';
-- EXACT [[true, true, false, true]]
SELECT 'start_x' LIKE '%start\\_%', 'startx' LIKE '%start\\_%', '10%' LIKE '10^%' ESCAPE '^';
-- EXACT [[true, false, true]]
SELECT NULL LIKE 'a', 'a' NOT LIKE 'b%', '' LIKE '%';
-- EXACT [[null, true, true]]

-- Page: SIMILAR TO, pattern-matching-conditions-similar-to.html
SELECT 'Essen' SIMILAR TO '%e%', 'abc' SIMILAR TO '(a|b)%', 'abc' SIMILAR TO 'b';
-- EXACT [[true, true, false]]
SELECT 'aab' SIMILAR TO 'a{2}b', 'ab' NOT SIMILAR TO '[ab]+';
-- EXACT [[true, false]]

-- Page: POSIX operators, pattern-matching-conditions-posix.html
SELECT 'abcd' ~ 'bc', 'abcd' ~ '^b', 'abcd' !~ 'x';
-- EXACT [[true, false, true]]
SELECT '9a' ~ '[0-9]', 'ab\n' ~ '\\d', NULL ~ 'a';
-- EXACT [[true, false, null]]

-- Page: BETWEEN, r_range_condition.html
SELECT 2 BETWEEN 1 AND 3, 1 BETWEEN 1 AND 1, 3 BETWEEN 4 AND 2, 5 NOT BETWEEN 1 AND 4;
-- EXACT [[true, true, false, true]]
SELECT NULL BETWEEN 1 AND 2, COUNT(*) FROM sales WHERE day BETWEEN '2024-02-01' AND '2024-02-29';
-- EXACT [[null, 3]]

-- Page: Null condition, r_null_condition.html
SELECT NULL IS NULL, '' IS NULL, 0 IS NOT NULL;
-- EXACT [[true, false, true]]
SELECT COUNT(*) FROM sales WHERE qty_shipped IS NULL;
-- EXACT 5

-- Page: EXISTS, r_exists_condition.html
SELECT DISTINCT seller_id FROM sales s WHERE EXISTS (SELECT 1 FROM sales t WHERE t.seller_id = s.seller_id AND t.qty > 25) ORDER BY 1;
-- EXACT [[1], [3], [4]]
SELECT COUNT(*) FROM sales s WHERE NOT EXISTS (SELECT 1 FROM docs WHERE doc_id = s.sale_id);
-- EXACT 5

-- Page: IN, r_in_condition.html
SELECT 2 IN (1, 2), 3 IN (1, NULL), 3 NOT IN (1, 2), NULL IN (1);
-- EXACT [[true, null, true, null]]
SELECT COUNT(*) FROM sales WHERE seller_id IN (SELECT doc_id FROM docs WHERE doc_id > 2);
-- EXACT 4
SELECT COUNT(*) FROM sales WHERE (seller_id, qty) IN (SELECT 1, 30);
-- EXACT 1
SELECT 'b' IN ('a', 'b '), 1 IN (1.0, 2.5);
-- EXACT [[true, true]]
