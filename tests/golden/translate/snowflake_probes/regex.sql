-- Family: String functions (regular expressions)

-- Page: REGEXP_COUNT, functions/regexp_count
SELECT REGEXP_COUNT('It was the best of times, it was the worst of times', '\\bwas\\b'), REGEXP_COUNT('aaa', 'b'), REGEXP_COUNT(NULL, 'a');
-- EXACT [[2, 0, null]]

-- Page: REGEXP_LIKE, functions/regexp_like
SELECT REGEXP_LIKE('San Francisco', 'San.*'), REGEXP_LIKE('San Francisco', 'San'), REGEXP_LIKE(NULL, 'a');
-- EXACT [[true, false, null]]

-- Page: RLIKE, functions/rlike
SELECT RLIKE('800-456-7891', '[2-9]\\d{2}-\\d{3}-\\d{4}'), RLIKE('abc', 'b');
-- EXACT [[true, false]]

-- Page: REGEXP_REPLACE, functions/regexp_replace
SELECT REGEXP_REPLACE('Customers - (NY)', '\\(|\\)', ''), REGEXP_REPLACE('abc', 'b'), REGEXP_REPLACE('firstname middlename', '(.*) (.*)', '\\2 \\1');
-- EXACT [["Customers - NY", "ac", "middlename firstname"]]

-- Page: REGEXP_SUBSTR, functions/regexp_substr
SELECT REGEXP_SUBSTR('It was the best', 'the\\W+\\w+'), REGEXP_SUBSTR('a1b22', '\\d+', 1, 2), REGEXP_SUBSTR('abc', 'x');
-- EXACT [["the best", "22", null]]

-- Page: REGEXP_INSTR, functions/regexp_instr
SELECT REGEXP_INSTR('nevermore1, nevermore2', 'nevermore\\d'), REGEXP_INSTR('abc', 'x');
-- EXACT [[1, 0]]
