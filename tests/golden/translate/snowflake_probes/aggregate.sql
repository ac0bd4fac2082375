-- Family: Aggregate functions

-- Page: AVG, functions/avg
SELECT AVG(qty), AVG(price) FROM sales;
-- EXACT [["21.666667", "16.02500000"]]
SELECT seller_id, AVG(price) FROM sales GROUP BY seller_id ORDER BY seller_id;
-- EXACT [[1, "1.87500000"], [2, "7.05000000"], [3, "3.45000000"], [4, "100.00000000"]]
SELECT AVG(qty_shipped::FLOAT) FROM sales WHERE seller_id = 2;
-- EXACT 17.5

-- Page: COUNT, functions/count
SELECT COUNT(*), COUNT(price), COUNT(DISTINCT seller_id), COUNT(buyer) FROM sales;
-- EXACT [[9, 8, 4, 8]]

-- Page: COUNT_IF, functions/count_if
SELECT COUNT_IF(qty > 15), COUNT_IF(qty > 1000) FROM sales;
-- EXACT [[6, 0]]

-- Page: SUM, functions/sum
SELECT SUM(qty), SUM(price), SUM(DISTINCT qty) FROM sales;
-- EXACT [["195", "128.20", "115"]]
SELECT SUM(qty) FROM sales WHERE sale_id > 100;
-- EXACT [[null]]

-- Page: MIN, functions/min
SELECT MIN(day), MAX(price), MIN(buyer), MAX(qty_shipped) FROM sales;
-- EXACT [["2024-01-02", "100.00", "a", 25]]

-- Page: MEDIAN, functions/median
SELECT MEDIAN(qty), MEDIAN(qty_shipped) FROM sales;
-- EXACT [[20, 17.5]]

-- Page: MODE, functions/mode
SELECT MODE(qty) FROM sales;
-- APPROXIMATE 20

-- Page: STDDEV, functions/stddev
SELECT STDDEV(qty), STDDEV_POP(qty), STDDEV(price) FROM sales WHERE seller_id = 2;
-- EXACT [[0, 0, 4.313351365237938]]

-- Page: VARIANCE, functions/variance
SELECT ROUND(VARIANCE(qty), 3), ROUND(VAR_POP(qty), 3), ROUND(VAR_SAMP(qty), 3) FROM sales WHERE seller_id = 1;
-- EXACT [[133.333, 88.889, 133.333]]

-- Page: LISTAGG, functions/listagg
SELECT LISTAGG(buyer, '|') WITHIN GROUP (ORDER BY sale_id) FROM sales;
-- EXACT "a|b|c|a|b|b|c|a"
SELECT LISTAGG(DISTINCT buyer, ',') WITHIN GROUP (ORDER BY buyer) FROM sales;
-- EXACT "a,b,c"

-- Page: ANY_VALUE, functions/any_value
SELECT seller_id, ANY_VALUE(seller_id) FROM sales WHERE seller_id = 4 GROUP BY seller_id;
-- EXACT [[4, 4]]

-- Page: BOOLAND_AGG, functions/booland_agg
SELECT BOOLAND_AGG(qty > 5), BOOLOR_AGG(qty > 35), BOOLAND_AGG(qty > 10) FROM sales;
-- EXACT [[true, true, false]]

-- Page: BITAND_AGG, functions/bitand_agg
SELECT BITAND_AGG(qty), BITOR_AGG(qty), BITXOR_AGG(qty) FROM sales WHERE seller_id = 1;
-- EXACT [[10, 30, 30]]

-- Page: APPROX_COUNT_DISTINCT, functions/approx_count_distinct
SELECT APPROX_COUNT_DISTINCT(seller_id) FROM sales;
-- APPROXIMATE 4

-- Page: CORR, functions/corr
SELECT CORR(qty, qty), COVAR_POP(qty, sale_id), COVAR_SAMP(qty, sale_id) FROM sales WHERE seller_id = 1;
-- EXACT [[1.0, 6.666666666666667, 10]]

-- Page: GROUP BY, constructs/group-by
SELECT seller_id, SUM(qty) AS total FROM sales GROUP BY ALL HAVING total > 45 ORDER BY 1;
-- EXACT [[1, "50"], [3, "65"]]
SELECT seller_id s, COUNT(*) FROM sales GROUP BY s HAVING COUNT(*) > 1 ORDER BY s;
-- EXACT [[1, 3], [2, 2], [3, 3]]
SELECT seller_id, SUM(qty) FROM sales WHERE seller_id < 3 GROUP BY ROLLUP (seller_id) ORDER BY seller_id;
-- EXACT [[1, "50"], [2, "40"], [null, "90"]]
