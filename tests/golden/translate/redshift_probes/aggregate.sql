-- Family: Aggregate functions

-- Page: ANY_VALUE function, r_ANY_VALUE.html
SELECT seller_id, ANY_VALUE(seller_id) FROM sales GROUP BY 1 ORDER BY 1;
-- EXACT [[1, 1], [2, 2], [3, 3], [4, 4]]
SELECT ANY_VALUE(qty) FROM sales WHERE 1 = 0;
-- EXACT null

-- Page: APPROXIMATE PERCENTILE_DISC function, r_APPROXIMATE_PERCENTILE_DISC.html
SELECT APPROXIMATE PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY qty) FROM sales;
-- APPROXIMATE 20

-- Page: AVG function, r_AVG.html
SELECT AVG(qty), AVG(qty_shipped) FROM sales;
-- EXACT [[21, 17]]
SELECT AVG(qty) FROM sales WHERE 1 = 0;
-- EXACT null
SELECT AVG(DISTINCT qty), AVG(qty::float) FROM sales WHERE seller_id < 3;
-- EXACT [[20, 18]]
SELECT AVG(price) FROM sales WHERE sale_id IN (1, 2, 3);
-- APPROXIMATE "1.87"

-- Page: COUNT function, r_COUNT.html
SELECT COUNT(*), COUNT(qty_shipped), COUNT(DISTINCT seller_id), COUNT(DISTINCT buyer) FROM sales;
-- EXACT [[9, 4, 4, 3]]
SELECT COUNT(*), COUNT(qty) FROM sales WHERE 1 = 0;
-- EXACT [[0, 0]]
SELECT APPROXIMATE COUNT(DISTINCT seller_id) FROM sales;
-- APPROXIMATE 4

-- Page: LISTAGG function, r_LISTAGG.html
SELECT LISTAGG(sale_id, ', ') WITHIN GROUP (ORDER BY sale_id) FROM sales WHERE seller_id = 1;
-- EXACT "1, 2, 3"
SELECT LISTAGG(DISTINCT buyer, '|') WITHIN GROUP (ORDER BY buyer) FROM sales;
-- EXACT "a|b|c"
SELECT LISTAGG(buyer) WITHIN GROUP (ORDER BY sale_id) FROM sales WHERE seller_id = 4;
-- EXACT null
SELECT seller_id, LISTAGG(buyer, '') WITHIN GROUP (ORDER BY buyer DESC) FROM sales WHERE seller_id < 3 GROUP BY 1 ORDER BY 1;
-- EXACT [[1, "cba"], [2, "ba"]]

-- Page: MAX function, r_MAX.html
SELECT MAX(qty), MAX(price), MAX(buyer), MAX(day) FROM sales;
-- EXACT [[40, "100.00", "c", "2024-03-30"]]
SELECT MAX(qty_shipped) FROM sales WHERE seller_id = 4;
-- EXACT null
SELECT MAX(qty = 10) FROM sales;
-- FAILS

-- Page: MEDIAN function, r_MEDIAN.html
SELECT MEDIAN(qty), MEDIAN(qty_shipped), MEDIAN(price) FROM sales;
-- EXACT [[20, 17.5, 3.65]]
SELECT MEDIAN(qty_shipped) FROM sales WHERE seller_id = 4;
-- EXACT null
SELECT MEDIAN(qty::float) FROM sales WHERE sale_id < 4;
-- EXACT 10
SELECT MEDIAN(day) FROM sales WHERE sale_id < 4;
-- REFUSED "2024-01-04"

-- Page: MIN function, r_MIN.html
SELECT MIN(qty), MIN(price), MIN(buyer), MIN(day) FROM sales;
-- EXACT [[10, "0.05", "a", "2024-01-02"]]

-- Page: PERCENTILE_CONT function, r_PERCENTILE_CONT.html
SELECT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY qty) FROM sales;
-- APPROXIMATE 15
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY qty_shipped), PERCENTILE_CONT(1) WITHIN GROUP (ORDER BY qty_shipped DESC) FROM sales;
-- EXACT [[17.5, 10]]
SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY qty::float) FROM sales;
-- EXACT 32

-- Page: STDDEV_SAMP and STDDEV_POP functions, r_STDDEV_functions.html
SELECT STDDEV_SAMP(qty), STDDEV_POP(qty), STDDEV(qty_shipped) FROM sales;
-- EXACT [[10.0, 9.428090415820634, 6.454972243679028]]
SELECT STDDEV_SAMP(qty), STDDEV_POP(qty) FROM sales WHERE sale_id = 1;
-- EXACT [[null, 0]]

-- Page: SUM function, r_SUM.html
SELECT SUM(qty), SUM(price), SUM(DISTINCT qty) FROM sales;
-- EXACT [[195, "128.20", 115]]
SELECT SUM(qty) FROM sales WHERE 1 = 0;
-- EXACT null
SELECT SUM(qty_shipped), SUM(price * qty) FROM sales WHERE seller_id = 2;
-- EXACT [[35, "282.00"]]

-- Page: VAR_SAMP and VAR_POP functions, r_VARIANCE_functions.html
SELECT VAR_POP(qty_shipped), VAR_SAMP(qty_shipped), VARIANCE(qty_shipped) FROM sales;
-- EXACT [[31.25, 41.666666666666664, 41.666666666666664]]
SELECT VAR_SAMP(qty), VAR_POP(qty) FROM sales WHERE sale_id = 1;
-- EXACT [[null, 0]]

-- Page: PERCENTILE_DISC and grouped ordered sets, r_PERCENTILE_CONT.html
SELECT seller_id, MEDIAN(price), LISTAGG(DISTINCT qty, ',') WITHIN GROUP (ORDER BY qty DESC) FROM sales GROUP BY 1 ORDER BY 1;
-- EXACT [[1, 1.875, "30,10"], [2, 7.05, "20"], [3, 3.3, "30,20,15"], [4, 100, "40"]]
SELECT COUNT(DISTINCT buyer || seller_id), SUM(CASE WHEN buyer = 'a' THEN qty END) FROM sales;
-- EXACT [[8, 60]]
SELECT MAX(buyer), MIN(buyer), COUNT(buyer) FROM sales WHERE seller_id = 4;
-- EXACT [[null, null, 0]]
