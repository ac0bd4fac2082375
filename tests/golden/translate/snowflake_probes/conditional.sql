-- Family: Conditional expression functions

-- Page: BETWEEN, functions/between
SELECT 2 BETWEEN 1 AND 3, 4 BETWEEN 1 AND 3, NULL BETWEEN 1 AND 2;
-- EXACT [[true, false, null]]

-- Page: BOOLAND, functions/booland
SELECT BOOLAND(1, -2), BOOLAND(0, 2), BOOLAND(0, NULL), BOOLAND(3, NULL);
-- EXACT [[true, false, false, null]]

-- Page: BOOLNOT, functions/boolnot
SELECT BOOLNOT(0), BOOLNOT(10), BOOLNOT(-3.79), BOOLNOT(NULL);
-- EXACT [[true, false, false, null]]

-- Page: BOOLOR, functions/boolor
SELECT BOOLOR(1, 2), BOOLOR(0, 2), BOOLOR(0, 0), BOOLOR(3, NULL);
-- EXACT [[true, true, false, true]]

-- Page: BOOLXOR, functions/boolxor
SELECT BOOLXOR(2, 0), BOOLXOR(1, -1), BOOLXOR(0, 0), BOOLXOR(NULL, 3);
-- EXACT [[true, false, false, null]]

-- Page: CASE, functions/case
SELECT CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END, CASE 3 WHEN 3 THEN 'three' END, CASE WHEN NULL THEN 1 END;
-- EXACT [["b", "three", null]]

-- Page: COALESCE, functions/coalesce
SELECT COALESCE(1, 2), COALESCE(NULL, 2, 3), COALESCE(NULL, NULL);
-- EXACT [[1, 2, null]]

-- Page: DECODE, functions/decode
SELECT DECODE(2, 1, 'one', 2, 'two', 'other'), DECODE(NULL, NULL, 'null', 'x'), DECODE(9, 1, 'one');
-- EXACT [["two", "null", null]]

-- Page: EQUAL_NULL, functions/equal_null
SELECT EQUAL_NULL(1, 1), EQUAL_NULL(1, 2), EQUAL_NULL(NULL, 1), EQUAL_NULL(NULL, NULL);
-- EXACT [[true, false, false, true]]

-- Page: GREATEST, functions/greatest
SELECT GREATEST(1, 3, 2), GREATEST(1, NULL, 3), GREATEST('a', 'B');
-- EXACT [[3, null, "a"]]

-- Page: GREATEST_IGNORE_NULLS, functions/greatest_ignore_nulls
SELECT GREATEST_IGNORE_NULLS(1, NULL, 3), GREATEST_IGNORE_NULLS(NULL, NULL);
-- EXACT [[3, null]]

-- Page: IFF, functions/iff
SELECT IFF(TRUE, 'true', 'false'), IFF(FALSE, 1, 2), IFF(NULL, 'true', 'false');
-- EXACT [["true", 2, "false"]]

-- Page: IFNULL, functions/ifnull
SELECT IFNULL(NULL, 'x'), IFNULL('a', 'x'), IFNULL(NULL, NULL);
-- EXACT [["x", "a", null]]

-- Page: [ NOT ] IN, functions/in
SELECT 1 IN (1, 2), 3 NOT IN (1, 2), NULL IN (1), 'a' IN ('b');
-- EXACT [[true, true, null, false]]

-- Page: IS [ NOT ] DISTINCT FROM, functions/is-distinct-from
SELECT 1 IS DISTINCT FROM 2, NULL IS DISTINCT FROM NULL, NULL IS NOT DISTINCT FROM 1;
-- EXACT [[true, false, false]]

-- Page: IS [ NOT ] NULL, functions/is-null
SELECT NULL IS NULL, 1 IS NOT NULL, '' IS NULL;
-- EXACT [[true, true, false]]

-- Page: LEAST, functions/least
SELECT LEAST(1, 3, 0, 4), LEAST(1, NULL), LEAST(1.5, 1);
-- EXACT [[0, null, "1.0"]]

-- Page: NULLIF, functions/nullif
SELECT NULLIF(0, 0), NULLIF(1, 2), NULLIF(NULL, 1);
-- EXACT [[null, 1, null]]

-- Page: NULLIFZERO, functions/nullifzero
SELECT NULLIFZERO(0), NULLIFZERO(52), NULLIFZERO(NULL);
-- EXACT [[null, 52, null]]

-- Page: NVL, functions/nvl
SELECT NVL(NULL, 'b'), NVL('a', 'b'), NVL(NULL, NULL);
-- EXACT [["b", "a", null]]

-- Page: NVL2, functions/nvl2
SELECT NVL2('a', 'b', 'c'), NVL2(NULL, 'b', 'c');
-- EXACT [["b", "c"]]

-- Page: ZEROIFNULL, functions/zeroifnull
SELECT ZEROIFNULL(1), ZEROIFNULL(NULL), ZEROIFNULL(5::NUMBER(5,1));
-- EXACT [[1, 0, "5.0"]]
