-- Family: Window functions

-- Page: AVG window function, r_WF_AVG.html
SELECT sale_id, AVG(qty) OVER (ORDER BY sale_id ROWS UNBOUNDED PRECEDING) FROM sales WHERE sale_id < 5 ORDER BY 1;
-- EXACT [[1, 10], [2, 10], [3, 16], [4, 17]]

-- Page: COUNT window function, r_WF_COUNT.html
SELECT sale_id, COUNT(*) OVER (PARTITION BY seller_id), COUNT(qty_shipped) OVER (ORDER BY sale_id ROWS UNBOUNDED PRECEDING) FROM sales WHERE sale_id < 5 ORDER BY 1;
-- EXACT [[1, 3, 1], [2, 3, 1], [3, 3, 1], [4, 1, 2]]
SELECT sale_id, COUNT(qty) OVER (ORDER BY sale_id) FROM sales;
-- FAILS

-- Page: CUME_DIST window function, r_WF_CUME_DIST.html
SELECT sale_id, CUME_DIST() OVER (PARTITION BY seller_id ORDER BY qty) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 0.6666666666666666], [2, 0.6666666666666666], [3, 1]]

-- Page: DENSE_RANK window function, r_WF_DENSE_RANK.html
SELECT sale_id, DENSE_RANK() OVER (ORDER BY qty DESC), RANK() OVER (ORDER BY qty DESC) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, 3, 4], [2, 3, 4], [3, 1, 1], [4, 2, 2], [5, 2, 2]]

-- Page: FIRST_VALUE window function, r_WF_first_value.html
SELECT sale_id, FIRST_VALUE(buyer) OVER (PARTITION BY seller_id ORDER BY qty DESC, sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, "c"], [2, "c"], [3, "c"], [4, "a"], [5, "a"]]
SELECT sale_id, FIRST_VALUE(qty_shipped IGNORE NULLS) OVER (ORDER BY sale_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, 10], [2, 20], [3, 20], [4, 20], [5, 15]]

-- Page: LAST_VALUE window function, r_WF_last_value.html
SELECT sale_id, LAST_VALUE(buyer) OVER (PARTITION BY seller_id ORDER BY sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, "c"], [2, "c"], [3, "c"], [4, "b"], [5, "b"]]
SELECT sale_id, LAST_VALUE(qty_shipped) IGNORE NULLS OVER (ORDER BY sale_id ROWS UNBOUNDED PRECEDING) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, 10], [2, 10], [3, 10], [4, 20], [5, 15]]

-- Page: LAG window function, r_WF_LAG.html
SELECT sale_id, LAG(qty, 1) OVER (ORDER BY sale_id), LAG(qty, 2) OVER (PARTITION BY seller_id ORDER BY sale_id) FROM sales WHERE sale_id < 5 ORDER BY 1;
-- EXACT [[1, null, null], [2, 10, null], [3, 10, 10], [4, 30, null]]
SELECT sale_id, LAG(qty_shipped, 1) IGNORE NULLS OVER (ORDER BY sale_id) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, null], [2, 10], [3, 10], [4, 10], [5, 20]]
SELECT sale_id, LAG(qty, 1, 0) OVER (ORDER BY sale_id) FROM sales WHERE sale_id < 3 ORDER BY 1;
-- EXACT [[1, 0], [2, 10]]

-- Page: LEAD window function, r_WF_LEAD.html
SELECT sale_id, LEAD(qty, 1) OVER (ORDER BY sale_id) FROM sales WHERE sale_id < 4 ORDER BY 1;
-- EXACT [[1, 10], [2, 30], [3, null]]
SELECT sale_id, LEAD(qty_shipped, 1) IGNORE NULLS OVER (ORDER BY sale_id) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, 20], [2, 20], [3, 20], [4, 15], [5, null]]

-- Page: LISTAGG window function, r_WF_LISTAGG.html
SELECT sale_id, LISTAGG(buyer, ',') WITHIN GROUP (ORDER BY buyer DESC) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, "c,b,a"], [2, "c,b,a"], [3, "c,b,a"], [4, "b,a"], [5, "b,a"]]
SELECT LISTAGG(sale_id) WITHIN GROUP (ORDER BY sale_id) OVER () FROM sales WHERE seller_id = 1;
-- EXACT [["123"], ["123"], ["123"]]

-- Page: MAX window function, r_WF_MAX.html
SELECT sale_id, MAX(qty) OVER (ORDER BY sale_id ROWS UNBOUNDED PRECEDING), MIN(qty) OVER (PARTITION BY seller_id) FROM sales WHERE sale_id IN (1, 3, 6) ORDER BY 1;
-- EXACT [[1, 10, 10], [3, 30, 10], [6, 30, 15]]

-- Page: MEDIAN window function, r_WF_MEDIAN.html
SELECT sale_id, MEDIAN(qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id IN (1, 3) ORDER BY 1;
-- EXACT [[1, 10], [2, 10], [3, 10], [6, 20], [7, 20], [8, 20]]
SELECT DISTINCT MEDIAN(qty_shipped) OVER () FROM sales;
-- EXACT 17.5

-- Page: MIN window function, r_WF_MIN.html
SELECT sale_id, MIN(buyer) OVER (PARTITION BY seller_id ORDER BY sale_id DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, "a"], [2, "b"], [3, "c"]]

-- Page: NTH_VALUE window function, r_WF_NTH.html
SELECT sale_id, NTH_VALUE(buyer, 2) OVER (PARTITION BY seller_id ORDER BY sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, "b"], [2, "b"], [3, "b"], [4, "b"], [5, "b"]]
SELECT sale_id, NTH_VALUE(qty_shipped, 2) IGNORE NULLS OVER (ORDER BY sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE sale_id < 3 OR sale_id = 5 ORDER BY 1;
-- EXACT [[1, 15], [2, 15], [5, 15]]

-- Page: NTILE window function, r_WF_NTILE.html
SELECT sale_id, NTILE(4) OVER (ORDER BY sale_id) FROM sales ORDER BY 1;
-- EXACT [[1, 1], [2, 1], [3, 1], [4, 2], [5, 2], [6, 3], [7, 3], [8, 4], [9, 4]]

-- Page: PERCENT_RANK window function, r_WF_PERCENT_RANK.html
SELECT sale_id, PERCENT_RANK() OVER (PARTITION BY seller_id ORDER BY qty) FROM sales WHERE seller_id IN (1, 4) ORDER BY 1;
-- EXACT [[1, 0], [2, 0], [3, 1], [9, 0]]

-- Page: PERCENTILE_CONT window function, r_WF_PERCENTILE_CONT.html
SELECT sale_id, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id = 2 ORDER BY 1;
-- EXACT [[4, 20], [5, 20]]
SELECT DISTINCT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY qty_shipped DESC) OVER () FROM sales;
-- APPROXIMATE 21.25

-- Page: PERCENTILE_DISC window function, r_WF_PERCENTILE_DISC.html
SELECT sale_id, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id = 3 ORDER BY 1;
-- EXACT [[6, 20], [7, 20], [8, 20]]
SELECT DISTINCT PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY qty_shipped) OVER () FROM sales;
-- EXACT 10

-- Page: RATIO_TO_REPORT window function, r_WF_RATIO_TO_REPORT.html
SELECT sale_id, RATIO_TO_REPORT(qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 0.2], [2, 0.2], [3, 0.6]]
SELECT sale_id, RATIO_TO_REPORT(qty_shipped) OVER () FROM sales WHERE sale_id IN (4, 5, 6, 8) ORDER BY 1;
-- EXACT [[4, 0.3333333333333333], [5, 0.25], [6, null], [8, 0.4166666666666667]]

-- Page: ROW_NUMBER window function, r_WF_ROW_NUMBER.html
SELECT sale_id, ROW_NUMBER() OVER (PARTITION BY seller_id ORDER BY qty DESC, sale_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 2], [2, 3], [3, 1]]

-- Page: STDDEV_SAMP and STDDEV_POP window functions, r_WF_STDDEV.html
SELECT sale_id, STDDEV_POP(qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id IN (2, 4) ORDER BY 1;
-- EXACT [[4, 0], [5, 0], [9, 0]]

-- Page: SUM window function, r_WF_SUM.html
SELECT sale_id, SUM(qty) OVER (PARTITION BY seller_id ORDER BY sale_id ROWS UNBOUNDED PRECEDING) FROM sales WHERE seller_id < 3 ORDER BY 1;
-- EXACT [[1, 10], [2, 20], [3, 50], [4, 20], [5, 40]]
SELECT sale_id, SUM(qty) OVER (ORDER BY sale_id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM sales WHERE sale_id < 4 ORDER BY 1;
-- EXACT [[1, 20], [2, 50], [3, 40]]

-- Page: VAR_SAMP and VAR_POP window functions, r_WF_VARIANCE.html
SELECT sale_id, VAR_SAMP(qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id IN (2, 4) ORDER BY 1;
-- EXACT [[4, 0], [5, 0], [9, null]]

-- Page: Window function syntax summary, r_Window_function_synopsis.html
SELECT sale_id, RANK() OVER (ORDER BY qty_shipped) FROM sales WHERE sale_id < 5 ORDER BY 1;
-- EXACT [[1, 1], [2, 3], [3, 3], [4, 2]]

-- Page: IGNORE NULLS over partitions, r_WF_LAG.html
SELECT sale_id, LAG(qty_shipped) IGNORE NULLS OVER (PARTITION BY seller_id ORDER BY sale_id), FIRST_VALUE(buyer IGNORE NULLS) OVER (PARTITION BY seller_id ORDER BY sale_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE seller_id IN (1, 4) ORDER BY 1;
-- EXACT [[1, null, "c"], [2, 10, "c"], [3, 10, "c"], [9, null, null]]
SELECT seller_id, SUM(SUM(qty)) OVER (ORDER BY seller_id ROWS UNBOUNDED PRECEDING) FROM sales GROUP BY seller_id ORDER BY 1;
-- EXACT [[1, 50], [2, 90], [3, 155], [4, 195]]
SELECT sale_id, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY buyer DESC) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id IN (1, 4) ORDER BY 1;
-- EXACT [[1, "b"], [2, "b"], [3, "b"], [9, null]]

-- Page: IGNORE NULLS over frames that end with the partition, r_WF_first_value.html
SELECT sale_id, LAST_VALUE(qty_shipped IGNORE NULLS) OVER (ORDER BY sale_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), FIRST_VALUE(qty_shipped IGNORE NULLS) OVER (ORDER BY sale_id DESC ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, 15, 10], [2, 15, 10], [3, 15, 20], [4, 15, 15], [5, null, 15]]
SELECT sale_id, LEAD(buyer) IGNORE NULLS OVER (ORDER BY qty_shipped DESC NULLS LAST, sale_id) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, "b"], [2, "c"], [3, null], [4, "b"], [5, "a"]]
SELECT sale_id, NTH_VALUE(qty_shipped, 2) IGNORE NULLS OVER (ORDER BY sale_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) FROM sales WHERE sale_id < 6 ORDER BY 1;
-- EXACT [[1, 20], [2, 15], [3, 15], [4, 15], [5, null]]
