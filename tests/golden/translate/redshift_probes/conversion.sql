-- Family: Data type formatting functions

-- Page: CAST function, r_CAST_function.html
SELECT CAST(162.00 AS integer), 1.5::int, '12'::int + 1;
-- EXACT [[162, 2, 13]]
SELECT CAST('2008-02-18 02:36:48' AS date), CAST(DATE '2024-01-01' AS timestamp);
-- EXACT [["2008-02-18", "2024-01-01 00:00:00"]]
SELECT CAST(109.652 AS decimal(4,1)), 0.125::decimal(4,2);
-- EXACT [["109.7", "0.13"]]
SELECT CAST('abcdef' AS varchar(3)), CAST(NULL AS int);
-- EXACT [["abc", null]]
SELECT 'abc'::int;
-- FAILS
SELECT 't'::boolean, 'no'::boolean, 1::boolean, 0::boolean;
-- EXACT [[true, false, true, false]]
SELECT true::int, 12.50::varchar, DATE '2024-01-05'::varchar;
-- EXACT [[1, "12.50", "2024-01-05"]]
SELECT CAST(40000 AS smallint);
-- FAILS
SELECT 12345.6::decimal(5,2);
-- FAILS
SELECT (2.5::float)::int;
-- APPROXIMATE 2
SELECT 0.1::float::varchar;
-- APPROXIMATE "0.1"

-- Page: CONVERT function, r_CAST_function.html
SELECT CONVERT(integer, '12'), CONVERT(date, '2024-02-29');
-- EXACT [[12, "2024-02-29"]]
SELECT CONVERT(varchar(2), 'abc');
-- EXACT "ab"

-- Page: TRY_CAST function, r_TRY_CAST.html
SELECT TRY_CAST('123' AS integer), TRY_CAST('foo' AS integer);
-- EXACT [[123, null]]
SELECT TRY_CAST('2024-02-30' AS date), TRY_CAST('2024-02-29' AS date), TRY_CAST(NULL AS date);
-- EXACT [[null, "2024-02-29", null]]
SELECT TRY_CAST('1.5' AS decimal(4,2)), TRY_CAST('x' AS float), TRY_CAST('99999' AS smallint);
-- EXACT [["1.50", null, null]]

-- Page: TO_CHAR, r_TO_CHAR.html
SELECT TO_CHAR(TIMESTAMP '2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM');
-- EXACT "DECEMBER -THU-31-2009 11:15PM"
SELECT TO_CHAR(TIMESTAMP '2024-03-05 14:07:09', 'YYYY-MM-DD HH24:MI:SS'), TO_CHAR(DATE '2024-03-05', 'FMMonth FMDD');
-- EXACT [["2024-03-05 14:07:09", "March 5"]]
SELECT TO_CHAR(DATE '2024-12-30', 'DDD IW D Q');
-- EXACT "365 01 2 4"
SELECT TO_CHAR(125.8, '999.99'), TO_CHAR(125.8, '999D99'), TO_CHAR(125.88, '9999.99');
-- EXACT [[" 125.80", " 125.80", "  125.88"]]
SELECT TO_CHAR(-125.8, '999D99S'), TO_CHAR(-125.88, '9999D99PR'), TO_CHAR(0, 'FM990');
-- EXACT [["125.80-", " <125.88>", "0"]]
SELECT TO_CHAR(1234567, '9,999,999'), TO_CHAR(5, '009'), TO_CHAR(-3, 'MI9');
-- EXACT [[" 1,234,567", " 005", "-3"]]
SELECT TO_CHAR(NULL::date, 'YYYY');
-- EXACT null

-- Page: TO_DATE function, r_TO_DATE_function.html
SELECT TO_DATE('02 Oct 2001', 'DD Mon YYYY'), TO_DATE('20010605', 'YYYYMMDD');
-- EXACT [["2001-10-02", "2001-06-05"]]
SELECT TO_DATE('20010631', 'YYYYMMDD', FALSE);
-- EXACT "2001-07-01"
SELECT TO_DATE('20010631', 'YYYYMMDD', TRUE);
-- FAILS
SELECT TO_DATE(NULL, 'YYYY'), TO_DATE('2024-060', 'YYYY-DDD');
-- EXACT [[null, "2024-02-29"]]

-- Page: TO_NUMBER, r_TO_NUMBER.html
SELECT TO_NUMBER('12,454.8-', '99G999D9S');
-- EXACT -12454.8
SELECT TO_NUMBER('$ 12,454.88', 'L 99G999D99'), TO_NUMBER('$ 2,012,454.88', 'L 9,999,999.99');
-- EXACT [[12454.88, 2012454.88]]
SELECT TO_NUMBER('123', '999'), TO_NUMBER(NULL, '999');
-- EXACT [[123, null]]

-- Page: TO_TIMESTAMP function, r_TO_TIMESTAMP.html
SELECT TO_TIMESTAMP('2011-12-18 23:38:15', 'YYYY-MM-DD HH24:MI:SS');
-- EXACT "2011-12-18 23:38:15+00:00"
SELECT TO_TIMESTAMP('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS', TRUE);
-- FAILS

-- Page: TEXT_TO_INT_ALT, r_TEXT_TO_INT_ALT.html
SELECT TEXT_TO_INT_ALT('123-'), TEXT_TO_INT_ALT('12345');
-- EXACT [[-123, 12345]]
SELECT TEXT_TO_NUMERIC_ALT('123.45-');
-- REFUSED -123

-- Page: Data types and computations with text, r_Character_types.html
SELECT 'ab '::varchar = 'ab', 'ab'::char(4) = 'ab  ', LEN('ab'::char(4));
-- EXACT [[true, true, 2]]
SELECT 'toolong'::char(4);
-- EXACT "tool"
