-- Family: Operators and arithmetic

-- Page: Arithmetic operators, operators-arithmetic
SELECT 7 / 2, 1 / 3, 10 / 4;
-- EXACT [["3.500000", "0.333333", "2.500000"]]
SELECT 2 / 3, -2 / 3;
-- EXACT [["0.666667", "-0.666667"]]
SELECT 1 / 0;
-- FAILS
SELECT 1::FLOAT / 0;
-- FAILS
SELECT 7 % 3, -7 % 3, 5 % NULL;
-- EXACT [[1, -1, null]]
SELECT 1 + NULL, NULL * 2, 3 - 5;
-- EXACT [[null, null, -2]]
SELECT 1.5 * 2.25, 0.1 + 0.2;
-- EXACT [["3.375", "0.3"]]
SELECT 10::FLOAT / 4;
-- EXACT 2.5
SELECT 1.10::NUMBER(10,2) / 3;
-- EXACT "0.36666667"

-- Page: Comparison operators, operators-comparison
SELECT 1 = 1, 1 <> 2, 1 != 1, 2 > 1, 2 >= 2, 1 < 0, NULL = NULL;
-- EXACT [[true, true, false, true, true, false, null]]
SELECT 'a' = 'A', 'a' = 'a ', 'B' < 'a';
-- EXACT [[false, false, true]]

-- Page: Logical operators, operators-logical
SELECT TRUE AND NULL, FALSE AND NULL, TRUE OR NULL, NOT NULL;
-- EXACT [[null, false, true, null]]

-- Page: Set operators, operators-query
SELECT 1 AS x UNION SELECT 1 UNION ALL SELECT 2 ORDER BY x;
-- EXACT [[1], [2]]
SELECT 1 AS x UNION ALL SELECT 2 MINUS SELECT 2;
-- EXACT [[1]]
SELECT 3 AS x INTERSECT SELECT 3;
-- EXACT 3
SELECT 1 AS x EXCEPT SELECT 1;
-- EXACT []
