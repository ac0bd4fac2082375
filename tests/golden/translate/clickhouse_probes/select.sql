-- Family: Arithmetic

-- Page: Arithmetic functions, sql-reference/functions/arithmetic-functions
SELECT 7 / 2, intDiv(7, 2), intDiv(-7, 2), -7 % 3, 1.5 + 1;
-- EXACT [[3.5, 3, -3, -1, 2.5]]
SELECT qty / 4, sale_id / 2 FROM sales WHERE sale_id = 1;
-- EXACT [[2.5, 0.5]]
SELECT price / 2 FROM sales WHERE sale_id = 2;
-- REFUSED 1.12
SELECT toFloat64(price) / 2, price * 2, price + price FROM sales WHERE sale_id = 2;
-- EXACT [[1.125, 4.5, 4.5]]
SELECT abs(-2), sign(-3), sqrt(16), pow(2, 3), log(1), log10(100), greatest(1, 3), least(2, 1);
-- EXACT [[2, -1, 4, 8, 0, 2, 3, 1]]
SELECT gcd(12, 18);
-- REFUSED 6

-- Page: Rounding functions, sql-reference/functions/rounding-functions
SELECT round(price, 1), floor(price), ceil(price), trunc(price) FROM sales WHERE sale_id = 2;
-- EXACT [[2.3, 2.0, 3.0, 2.0]]
SELECT round(2.5);
-- APPROXIMATE 2

-- Family: Types

-- Page: Type conversion functions, sql-reference/functions/type-conversion-functions
SELECT toInt32('12') + 1, toDecimal64('1.50', 2), CAST('2024-01-02' AS Date), toDate('2024-01-02'), toInt64(qty) FROM sales WHERE sale_id = 1;
-- EXACT [[13, 1.5, "2024-01-02", "2024-01-02", 10]]
SELECT CAST(1.7 AS Int32);
-- REFUSED 1
SELECT toInt32(trunc(price)), CAST(trunc(price) AS Int64) FROM sales WHERE sale_id = 5;
-- EXACT [[10, 10]]
SELECT toInt32(trunc(1.7));
-- APPROXIMATE 1
SELECT toDecimal64(price, 1) FROM sales WHERE sale_id = 2;
-- REFUSED 2.2
SELECT toString(qty), toString(toDate('2024-01-02')) FROM sales WHERE sale_id = 1;
-- EXACT [["10", "2024-01-02"]]
SELECT toString(price) FROM sales WHERE sale_id = 1;
-- REFUSED "1.5"
SELECT toUInt8(300);
-- REFUSED 44

-- Family: Text

-- Page: String functions, sql-reference/functions/string-functions
SELECT length('é'), lengthUTF8('é'), lower('ÉA'), lowerUTF8('ÉA'), upper('éa'), reverseUTF8('abc');
-- EXACT [[2, 1, "Éa", "éa", "éA", "cba"]]
SELECT concat('a', NULL), 'a' || 'b', concat(buyer, '-', toString(qty)) FROM sales WHERE sale_id = 1;
-- EXACT [[null, "ab", "a-10"]]
SELECT substringUTF8('hello', 2, 3), leftUTF8('abc', 2), rightUTF8('abc', 2), trimLeft(' a'), repeat('ab', 2);
-- EXACT [["ell", "ab", "bc", "a", "abab"]]
SELECT substring('hello', 2, 3);
-- REFUSED "ell"
SELECT startsWith('abc', 'ab'), endsWith('abc', 'ab'), empty(''), notEmpty(buyer) FROM sales WHERE sale_id = 1;
-- EXACT [[1, 0, 1, 1]]

-- Page: Functions for replacing in strings, sql-reference/functions/string-replace-functions
SELECT replaceAll('aba', 'a', 'x'), replace('aba', 'b', '');
-- EXACT [["xbx", "aa"]]
SELECT replaceRegexpAll('aba', 'a', 'x');
-- REFUSED "xbx"

-- Page: Functions for searching in strings, sql-reference/functions/string-search-functions
SELECT positionUTF8('abc', 'c'), 'a_b' LIKE 'a\\_b', 'axb' LIKE 'a\\_b', 'ÉA' ILIKE 'éa', 'ab ' = 'ab';
-- EXACT [[3, 1, 0, 1, 0]]

-- Family: Dates

-- Page: Functions for working with dates and times, sql-reference/functions/date-time-functions
SELECT toYear(day), toMonth(day), toDayOfMonth(day), toDayOfWeek(day), toDayOfYear(day), toISOWeek(day), toYYYYMM(day) FROM sales WHERE sale_id = 9;
-- EXACT [[2024, 3, 30, 6, 90, 13, 202403]]
SELECT toStartOfMonth(day), toStartOfQuarter(day), toStartOfYear(day), toMonday(day), date_trunc('month', day) FROM sales WHERE sale_id = 9;
-- EXACT [["2024-03-01", "2024-01-01", "2024-01-01", "2024-03-25", "2024-03-01"]]
SELECT dateDiff('month', toDate('2024-01-31'), toDate('2024-02-01')), dateDiff('day', toDate('2024-02-28'), toDate('2024-03-01'));
-- EXACT [[1, 2]]
SELECT dateDiff('week', toDate('2024-01-07'), toDate('2024-01-08'));
-- REFUSED 1
SELECT addMonths(toDate('2024-01-31'), 1), subtractDays(day, 1), day + INTERVAL 1 MONTH, day + 1, day - toDate('2024-03-01') FROM sales WHERE sale_id = 9;
-- EXACT [["2024-02-29", "2024-03-29", "2024-04-30", "2024-03-31", 29]]
SELECT formatDateTime(day, '%Y-%m'), formatDateTime(toDateTime('2024-01-05 06:07:08'), '%H:%i:%S') FROM sales WHERE sale_id = 9;
-- EXACT [["2024-03", "06:07:08"]]
SELECT toStartOfWeek(day) FROM sales WHERE sale_id = 9;
-- REFUSED "2024-03-24"

-- Family: Conditions

-- Page: Conditional functions, sql-reference/functions/conditional-functions
SELECT if(qty > 10, 'many', 'few'), multiIf(qty > 50, 'a', qty > 30, 'b', 'c'), ifNull(buyer, 'none'), coalesce(qty_shipped, 0) FROM sales WHERE sale_id = 9;
-- EXACT [["many", "b", "none", 0]]
SELECT qty > 10, qty > 10 AND buyer = 'a', NULL = 1, qty = 30 ? 'x' : 'y' FROM sales WHERE sale_id = 3;
-- EXACT [[1, 0, null, "x"]]

-- Page: IN operators, sql-reference/operators/in
SELECT count() FROM sales WHERE qty IN (10, 20) AND seller_id NOT IN (2);
-- EXACT 3
SELECT count() FROM sales WHERE qty NOT IN (10, NULL);
-- REFUSED 7
SELECT count() FROM sales WHERE seller_id IN (SELECT seller_id FROM sales WHERE buyer = 'c');
-- EXACT 6
SELECT count() FROM sales WHERE qty NOT IN (SELECT qty_shipped FROM sales);
-- REFUSED 3

-- Family: Aggregates

-- Page: Aggregate functions, sql-reference/aggregate-functions
SELECT count(), count(qty_shipped), sum(qty), avg(qty), min(price), max(buyer) FROM sales SETTINGS aggregate_functions_null_for_empty = 1;
-- EXACT [[9, 4, 195, 21.666666666666668, 0.05, "c"]]
SELECT sum(qty) FROM sales WHERE qty > 100;
-- APPROXIMATE 0
SELECT seller_id, count(), sum(qty), avg(price), uniqExact(buyer), countIf(qty > 10) FROM sales GROUP BY seller_id ORDER BY seller_id;
-- EXACT [[1, 3, 50, 1.875, 3, 1], [2, 2, 40, 7.05, 2, 2], [3, 3, 65, 3.4499999999999997, 3, 3], [4, 1, 40, 100, 0, 1]]
SELECT sumIf(qty, buyer = 'a') FROM sales;
-- APPROXIMATE 60
SELECT uniq(buyer) FROM sales;
-- APPROXIMATE 3
SELECT groupArray(qty) FROM sales WHERE seller_id = 1;
-- REFUSED null
SELECT quantile(0.5)(qty), argMax(buyer, qty) FROM sales WHERE seller_id = 1;
-- REFUSED [[10, "c"]]

-- Family: Query

-- Page: ORDER BY clause, sql-reference/statements/select/order-by
SELECT qty_shipped FROM sales WHERE seller_id = 1 ORDER BY qty_shipped DESC;
-- EXACT [[10], [null], [null]]
SELECT qty_shipped FROM sales WHERE seller_id = 1 ORDER BY qty_shipped NULLS FIRST;
-- EXACT [[null], [null], [10]]

-- Page: JOIN clause, sql-reference/statements/select/join
SELECT a.sale_id, b.sale_id FROM sales AS a LEFT JOIN sales AS b ON a.sale_id + 8 = b.sale_id WHERE a.seller_id = 1 ORDER BY a.sale_id;
-- REFUSED [[1, 9], [2, 0], [3, 0]]
SELECT a.sale_id, b.qty FROM sales AS a LEFT JOIN sales AS b ON a.sale_id + 7 = b.sale_id WHERE a.seller_id = 1 ORDER BY a.sale_id SETTINGS join_use_nulls = 1;
-- EXACT [[1, 30], [2, 40], [3, null]]
SELECT a.sale_id FROM sales AS a ANY JOIN sales AS b ON a.qty = b.qty WHERE a.sale_id = 1;
-- REFUSED 1

-- Page: SELECT query, sql-reference/statements/select
SELECT qty + 1 AS qty FROM sales WHERE qty > 39;
-- REFUSED 41
SELECT qty * 2 AS twice, twice + 1 AS more FROM sales WHERE twice > 70;
-- EXACT [[80, 81]]
SELECT Qty FROM sales WHERE qty = 40;
-- REFUSED null
SELECT seller_id, sale_id FROM sales ORDER BY seller_id, sale_id LIMIT 1 BY seller_id;
-- REFUSED [[1, 1], [2, 4], [3, 6], [4, 9]]
SELECT count() FROM sales PREWHERE qty > 30;
-- REFUSED null
SELECT DISTINCT buyer FROM sales WHERE seller_id < 3 ORDER BY buyer;
-- EXACT [["a"], ["b"], ["c"]]
SELECT arrayJoin([1, 2]);
-- REFUSED [[1], [2]]

-- Page: Window functions, sql-reference/window-functions
SELECT sale_id, row_number() OVER (ORDER BY qty DESC, sale_id), sum(qty) OVER (PARTITION BY buyer ORDER BY sale_id) FROM sales WHERE seller_id < 3 ORDER BY sale_id;
-- EXACT [[1, 4, 10], [2, 5, 10], [3, 1, 30], [4, 2, 30], [5, 3, 30]]
SELECT sale_id, lag(qty) OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 1 ORDER BY sale_id;
-- REFUSED [[1, 0], [2, 10], [3, 10]]
