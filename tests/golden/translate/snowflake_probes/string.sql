-- Family: String functions

-- Page: ASCII, functions/ascii
SELECT ASCII('!'), ASCII('A'), ASCII('bcd'), ASCII(''), ASCII(NULL);
-- EXACT [[33, 65, 98, 0, null]]

-- Page: CHARINDEX, functions/charindex
SELECT CHARINDEX('an', 'banana', 1), CHARINDEX('an', 'banana', 3), CHARINDEX('abc', 'banana'), CHARINDEX(NULL, 'a');
-- EXACT [[2, 4, 0, null]]

-- Page: CHR, CHAR, functions/chr
SELECT CHR(83), CHR(33), CHAR(169);
-- EXACT [["S", "!", "©"]]

-- Page: CONCAT, ||, functions/concat
SELECT CONCAT('George Washington ', 'Carver'), 'a' || 'b' || 'c', 'a' || NULL, CONCAT('a', NULL);
-- EXACT [["George Washington Carver", "abc", null, null]]

-- Page: CONCAT_WS, functions/concat_ws
SELECT CONCAT_WS(',', 'one', 'two', 'three'), CONCAT_WS(',', 'one'), CONCAT_WS(',', 'one', NULL);
-- EXACT [["one,two,three", "one", null]]

-- Page: CONTAINS, functions/contains
SELECT CONTAINS('coffee', 'ee'), CONTAINS('tea', 'x'), CONTAINS(NULL, 'a');
-- EXACT [[true, false, null]]

-- Page: EDITDISTANCE, functions/editdistance
SELECT EDITDISTANCE('Gute nacht', 'Ich weis nicht'), EDITDISTANCE('future', 'past'), EDITDISTANCE('', '');
-- EXACT [[8, 6, 0]]

-- Page: ENDSWITH, functions/endswith
SELECT ENDSWITH('coffee', 'ee'), ENDSWITH('tea', 'e'), ENDSWITH('tea', NULL);
-- EXACT [[true, false, null]]

-- Page: ILIKE, functions/ilike
SELECT 'John Doe' ILIKE 'john%', 'Joe' ILIKE 'j_E', NULL ILIKE 'a';
-- EXACT [[true, true, null]]

-- Page: INITCAP, functions/initcap
SELECT INITCAP('The Quick Gray Fox'), INITCAP('the sky is blue'), INITCAP('12345'), INITCAP('éa oB');
-- EXACT [["The Quick Gray Fox", "The Sky Is Blue", "12345", "Éa Ob"]]

-- Page: INSERT, functions/insert
SELECT INSERT('abc', 1, 2, 'Z'), INSERT('abcdef', 3, 2, 'zzz'), INSERT('abc', 2, 1, '');
-- EXACT [["Zc", "abzzzef", "ac"]]

-- Page: LEFT, functions/left
SELECT LEFT('ABCDEF', 3), RIGHT('ABCDEFG', 3), LEFT('ab', 0), LEFT(NULL, 1);
-- EXACT [["ABC", "EFG", "", null]]

-- Page: LENGTH, LEN, functions/length
SELECT LENGTH(''), LEN('Joyeux Noël'), LENGTH(' a '), LENGTH(NULL);
-- EXACT [[0, 11, 3, null]]

-- Page: LIKE, functions/like
SELECT 'John Dddoe' LIKE 'John%', 'Joe' LIKE 'j%', 'a_b' LIKE 'a^_b' ESCAPE '^', 'axb' LIKE 'a^_b' ESCAPE '^';
-- EXACT [[true, false, true, false]]

-- Page: LIKE ALL, functions/like_all
SELECT 'John Doe' LIKE ALL ('J%', '%Doe'), 'Jane' LIKE ALL ('J%', '%Doe');
-- EXACT [[true, false]]

-- Page: LIKE ANY, functions/like_any
SELECT 'John Doe' LIKE ANY ('%Jo%oe%', 'T%e'), 'Tom' LIKE ANY ('J%', 'x%');
-- EXACT [[true, false]]

-- Page: LOWER, functions/lower
SELECT LOWER('11, 1a, 1A'), LOWER('ÄÖ'), LOWER(NULL);
-- EXACT [["11, 1a, 1a", "äö", null]]

-- Page: LPAD, functions/lpad
SELECT LPAD('123', 6, '0'), LPAD('abc', 2, '*'), LPAD('a', 3), LPAD(NULL, 2, 'x');
-- EXACT [["000123", "ab", "  a", null]]

-- Page: LTRIM, functions/ltrim
SELECT LTRIM('#000000123', '0#'), LTRIM('  a '), RTRIM('$125.00', '0.');
-- EXACT [["123", "a ", "$125"]]

-- Page: POSITION, functions/position
SELECT POSITION('an', 'banana', 1), POSITION('n' IN 'banana'), POSITION('abc', 'banana');
-- EXACT [[2, 3, 0]]

-- Page: REPEAT, functions/repeat
SELECT REPEAT('xy', 5), REPEAT('a', 0), SPACE(3);
-- EXACT [["xyxyxyxyxy", "", "   "]]

-- Page: REPLACE, functions/replace
SELECT REPLACE('down', 'down', 'up'), REPLACE('abcd', 'bc'), REPLACE('a', 'a', NULL);
-- EXACT [["up", "ad", null]]

-- Page: REVERSE, functions/reverse
SELECT REVERSE('Hello, world!'), REVERSE(''), REVERSE(NULL);
-- EXACT [["!dlrow ,olleH", "", null]]

-- Page: RPAD, functions/rpad
SELECT RPAD('123', 6, '0'), RPAD('abc', 2, '*'), RPAD('a', 3, '-+');
-- EXACT [["123000", "ab", "a-+"]]

-- Page: SOUNDEX, functions/soundex
SELECT SOUNDEX('Marks'), SOUNDEX('Marx'), SOUNDEX('');
-- REFUSED [["M620", "M620", ""]]

-- Page: SPLIT_PART, functions/split_part
SELECT SPLIT_PART('11.22.33', '.', 0), SPLIT_PART('11.22.33', '.', 1), SPLIT_PART('11.22.33', '.', -1), SPLIT_PART('a.b', '.', 5);
-- EXACT [["11", "11", "33", ""]]

-- Page: STARTSWITH, functions/startswith
SELECT STARTSWITH('coffee', 'co'), STARTSWITH('tea', 'e'), STARTSWITH(NULL, 'a');
-- EXACT [[true, false, null]]

-- Page: STRTOK, functions/strtok
SELECT STRTOK('a.b.c', '.', 1), STRTOK('user@snowflake.com', '@.', 2), STRTOK('a', '.', 2);
-- EXACT [["a", "snowflake", null]]

-- Page: SUBSTR, SUBSTRING, functions/substr
SELECT SUBSTR('testing 1 2 3', 9, 5), SUBSTRING('abc', 2), SUBSTR('mystring', -3, 2), SUBSTR('abc', 0, 2), SUBSTR('abc', 9);
-- EXACT [["1 2 3", "bc", "in", "ab", ""]]

-- Page: TRANSLATE, functions/translate
SELECT TRANSLATE('peña', 'ñ', 'n'), TRANSLATE('abc', 'ac', 'x');
-- EXACT [["pena", "xb"]]

-- Page: TRIM, functions/trim
SELECT TRIM('*-*ABC-*-', '*-'), TRIM('  a  '), TRIM(NULL);
-- EXACT [["ABC", "a", null]]

-- Page: UNICODE, functions/unicode
SELECT UNICODE('a'), UNICODE('❄'), UNICODE('');
-- EXACT [[97, 10052, 0]]

-- Page: UPPER, functions/upper
SELECT UPPER('11, 1a'), UPPER('äö'), UPPER(NULL);
-- EXACT [["11, 1A", "ÄÖ", null]]

-- Page: OCTET_LENGTH, functions/octet_length
SELECT OCTET_LENGTH('abc'), OCTET_LENGTH('é'), BIT_LENGTH('abc');
-- EXACT [[3, 2, 24]]
