-- Family: Numeric

-- Page: Numeric Functions, functions/numeric
SELECT 7 / 2, -7 / 2, 6 / 3;
-- EXACT [[3.5, -3.5, 2.0]]
SELECT 7 // 2, -7 // 2, qty // 7 FROM sales WHERE sale_id = 3;
-- EXACT [[3, -3, 4]]
SELECT 7.5 // 2;
-- REFUSED 3.75
SELECT price / qty FROM sales WHERE sale_id = 2;
-- EXACT 0.225
SELECT -7 % 3, 7.5 % 2, mod(9, 4);
-- EXACT [[-1, "1.5", 1]]
SELECT 2 ^ 3, 2 ** 3, pow(2, 0.5), sqrt(16), log(100), log10(1000), ln(1);
-- EXACT [[8.0, 8.0, 1.4142135623730951, 4.0, 2.0, 3.0, 0.0]]
SELECT round(2.5), round(-2.5), round(2.345, 2), round(1250, -2), trunc(-2.7), floor(-2.5), ceil(2.1);
-- EXACT [["3", "-3", "2.35", 1300, "-2", "-3", "3"]]
SELECT round(price / 3, 1) FROM sales WHERE sale_id = 1;
-- APPROXIMATE 0.5
SELECT abs(-2.5), sign(-3), greatest(1, NULL, 3), least(2, NULL);
-- EXACT [["2.5", -1, 3, 2]]
SELECT 5 & 3, 5 | 3;
-- EXACT [[1, 7]]
SELECT xor(5, 3), bit_count(7);
-- REFUSED [[6, 3]]
SELECT gcd(12, 18);
-- REFUSED 6

-- Family: Text

-- Page: Text Functions, functions/text
SELECT 'a' || NULL, concat('a', NULL, 'b'), concat(qty, '/', buyer) FROM sales WHERE sale_id = 9;
-- EXACT [[null, "ab", "40/"]]
SELECT lower('ÉA'), upper('éa'), length('é'), strlen('é'), reverse('abc'), repeat('ab', 2);
-- EXACT [["éa", "ÉA", 1, 2, "cba", "abab"]]
SELECT contains('abc', 'b'), starts_with('abc', 'ab'), ends_with('abc', 'bc'), prefix('abc', 'b'), contains('a', '');
-- EXACT [[true, true, true, false, true]]
SELECT left('abc', 2), right('abc', 2), substring('hello', 2, 3), substr('hello', 4);
-- EXACT [["ab", "bc", "ell", "lo"]]
SELECT substring('hello', -2), left('abc', -1);
-- REFUSED [["lo", "ab"]]
SELECT strpos('abc', 'c'), instr('abc', 'z'), position('b' IN 'abc');
-- EXACT [[3, 0, 2]]
SELECT split_part('a,b,c', ',', 2), split_part('a,b', ',', 5), replace('aba', 'a', 'x'), translate('abc', 'ab', 'xy');
-- EXACT [["b", "", "xbx", "xyc"]]
SELECT trim('  a '), ltrim('xxa', 'x'), rtrim('a  '), lpad('7', 3, '0'), rpad('abcd', 2, '-');
-- EXACT [["a", "a", "a", "007", "ab"]]
SELECT regexp_matches('abc', 'b');
-- REFUSED true
SELECT 'abcdef'::VARCHAR(3), 1.50::VARCHAR, true::VARCHAR, DATE '2024-01-02'::VARCHAR;
-- EXACT [["abcdef", "1.50", "true", "2024-01-02"]]
SELECT 1.5::DOUBLE::VARCHAR;
-- REFUSED "1.5"

-- Page: Pattern Matching, functions/pattern_matching
SELECT 'a_b' LIKE 'a\_b', 'ABC' LIKE 'a%', 'ÉA' ILIKE 'éa', 'a%' LIKE 'a!%' ESCAPE '!', 'b' NOT ILIKE 'B';
-- EXACT [[false, false, true, true, false]]

-- Family: Dates

-- Page: Date Functions, functions/date
SELECT DATE '2024-01-31' + 1, DATE '2024-03-01' - DATE '2024-02-28', DATE '2024-01-31' + INTERVAL 1 MONTH;
-- EXACT [["2024-02-01", 2, "2024-02-29 00:00:00"]]
SELECT date_trunc('month', DATE '2024-03-15'), date_trunc('quarter', TIMESTAMP '2024-08-15 10:00:00');
-- EXACT [["2024-03-01 00:00:00", "2024-07-01 00:00:00"]]
SELECT date_diff('month', DATE '2024-01-31', DATE '2024-02-01'), datediff('day', DATE '2024-02-28', DATE '2024-03-01'), date_diff('year', DATE '2023-12-31', DATE '2024-01-01');
-- EXACT [[1, 2, 1]]
SELECT date_diff('week', DATE '2024-01-07', DATE '2024-01-08');
-- REFUSED 0
SELECT date_sub('month', DATE '2024-01-31', DATE '2024-02-29');
-- REFUSED 1
SELECT last_day(DATE '2024-02-03'), date_add(DATE '2024-01-30', INTERVAL 2 DAY);
-- EXACT [["2024-02-29", "2024-02-01 00:00:00"]]

-- Page: Date Part Functions, functions/datepart
SELECT extract(year FROM day), month(day), day(day), dayofweek(day), dayofyear(day), week(day), quarter(day) FROM sales WHERE sale_id = 9;
-- EXACT [[2024, 3, 30, 6, 90, 13, 1]]
SELECT extract(second FROM TIMESTAMP '2024-01-31 00:00:01.5'), date_part('hour', TIMESTAMP '2024-01-31 13:00:00');
-- EXACT [[1, 13]]
SELECT extract(epoch FROM DATE '2024-01-07');
-- REFUSED 1704585600.0

-- Page: Date Format Functions, functions/dateformat
SELECT strftime(DATE '2024-01-05', '%Y/%m/%d'), strftime(TIMESTAMP '2024-01-05 06:07:08', '%H:%M:%S');
-- EXACT [["2024/01/05", "06:07:08"]]
SELECT strftime(DATE '2024-01-05', '%A');
-- REFUSED "Friday"

-- Family: Aggregates

-- Page: Aggregate Functions, functions/aggregates
SELECT count(*), count(qty_shipped), sum(qty), avg(qty), min(price), max(buyer) FROM sales;
-- EXACT [[9, 4, 195, 21.666666666666668, "0.05", "c"]]
SELECT avg(price), sum(price) FROM sales WHERE sale_id < 3;
-- EXACT [[1.875, "3.75"]]
SELECT seller_id, count(*) FILTER (WHERE qty > 10), sum(qty) FILTER (WHERE buyer = 'a'), count_if(price > 3) FROM sales GROUP BY seller_id ORDER BY 1;
-- EXACT [[1, 1, 10, 0], [2, 2, 20, 2], [3, 3, 30, 2], [4, 1, null, 1]]
SELECT sum(qty), min(qty), count(*) FROM sales WHERE qty > 100;
-- EXACT [[null, null, 0]]
SELECT string_agg(buyer, '|' ORDER BY sale_id DESC) FROM sales WHERE seller_id = 1;
-- EXACT "c|b|a"
SELECT string_agg(buyer, '|') FROM sales WHERE sale_id = 1;
-- REFUSED "a"
SELECT stddev(qty), var_pop(qty), stddev_pop(qty) FROM sales WHERE seller_id = 3;
-- EXACT [[7.637626158259733, 38.888888888888886, 6.236095644623235]]
SELECT median(qty::DOUBLE) FROM sales WHERE seller_id < 3;
-- EXACT 20.0
SELECT median(price) FROM sales WHERE sale_id < 3;
-- REFUSED "1.87"
SELECT first(buyer ORDER BY sale_id), list(qty ORDER BY qty) FROM sales WHERE seller_id = 1;
-- REFUSED [["a", [10, 10, 30]]]

-- Family: Query

-- Page: ORDER BY Clause, query_syntax/orderby
SELECT qty_shipped FROM sales WHERE seller_id = 1 ORDER BY qty_shipped DESC;
-- EXACT [[10], [null], [null]]
SELECT qty_shipped FROM sales WHERE seller_id = 1 ORDER BY qty_shipped NULLS FIRST;
-- EXACT [[null], [null], [10]]

-- Page: GROUP BY Clause, query_syntax/groupby
SELECT buyer, count(*) FROM sales GROUP BY ALL ORDER BY buyer;
-- EXACT [["a", 3], ["b", 3], ["c", 2], [null, 1]]
SELECT buyer, sum(qty) AS s FROM sales GROUP BY buyer HAVING s > 50 ORDER BY s;
-- EXACT [["a", 60]]

-- Page: FROM Clause, query_syntax/from
FROM sales SELECT max(qty);
-- EXACT 40
SELECT * EXCLUDE (day, price, buyer, qty_shipped) FROM sales WHERE sale_id = 1;
-- EXACT [[1, 1, 10]]
SELECT a.sale_id, b.sale_id FROM sales a LEFT JOIN sales b ON a.qty = b.qty AND b.sale_id > a.sale_id WHERE a.seller_id = 4;
-- EXACT [[9, null]]
SELECT s.sale_id FROM sales s SEMI JOIN sales t ON s.qty = t.qty_shipped;
-- REFUSED [[1], [2], [4], [5], [6], [7]]

-- Page: SELECT Clause, query_syntax/select
SELECT DISTINCT ON (seller_id) seller_id, sale_id FROM sales ORDER BY seller_id, sale_id;
-- REFUSED [[1, 1], [2, 4], [3, 6], [4, 9]]
SELECT qty + 1 AS qty FROM sales WHERE qty > 39;
-- REFUSED 41
SELECT qty * 2 AS twice, twice + 1 AS more FROM sales WHERE twice > 70;
-- EXACT [[80, 81]]

-- Page: QUALIFY Clause, query_syntax/qualify
SELECT seller_id, sale_id FROM sales QUALIFY row_number() OVER (PARTITION BY seller_id ORDER BY price DESC) = 1 ORDER BY 1;
-- EXACT [[1, 2], [2, 5], [3, 8], [4, 9]]

-- Page: Sample Clause, query_syntax/sample
SELECT count(*) FROM sales USING SAMPLE 100 PERCENT;
-- REFUSED 9

-- Family: Types

-- Page: Typecasting, sql/data_types/typecasting
SELECT 2.5::INT, '12'::INT + 1, CAST('2024-01-02' AS DATE), 1.2345::DECIMAL, true::INT, 1::BOOLEAN;
-- EXACT [[3, 13, "2024-01-02", "1.235", 1, true]]
SELECT 2.45::DECIMAL(3, 1), CAST('1.5' AS DOUBLE), CAST(NULL AS INTEGER);
-- EXACT [["2.5", 1.5, null]]
SELECT 300::UTINYINT;
-- REFUSED null
SELECT TRY_CAST('x' AS INTEGER);
-- REFUSED null

-- Page: Comparison Operators, sql/expressions/comparison_operators
SELECT 'ab ' = 'ab', 'a' < 'B', NULL = NULL, 1 IS DISTINCT FROM NULL, 2 IN (1, NULL), 2 BETWEEN 1 AND 3;
-- EXACT [[false, false, null, true, null, true]]

-- Page: List Type, sql/data_types/list
SELECT [1, 2, 3];
-- REFUSED [1, 2, 3]
SELECT list_value(1, 2)[1];
-- REFUSED 1

-- Family: Windows

-- Page: Window Functions, functions/window_functions
SELECT sale_id, lag(qty) OVER (ORDER BY sale_id), sum(qty) OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, null, 10], [2, 10, 20], [3, 10, 50]]
SELECT sale_id, rank() OVER (ORDER BY qty_shipped), last_value(qty) OVER (ORDER BY sale_id), ntile(2) OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 1, 10, 1], [2, 2, 10, 1], [3, 2, 30, 2]]
SELECT sale_id, avg(qty) OVER (PARTITION BY buyer ORDER BY sale_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, 10.0], [2, 10.0], [3, 30.0], [4, 15.0], [5, 15.0]]
