-- Family: Window functions

-- Page: ROW_NUMBER, functions/row_number
SELECT sale_id, ROW_NUMBER() OVER (PARTITION BY seller_id ORDER BY sale_id DESC) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 3], [2, 2], [3, 1]]

-- Page: RANK, functions/rank
SELECT qty, RANK() OVER (ORDER BY qty), DENSE_RANK() OVER (ORDER BY qty) FROM sales WHERE seller_id = 1 ORDER BY sale_id;
-- EXACT [[10, 1, 1], [10, 1, 1], [30, 3, 2]]

-- Page: PERCENT_RANK, functions/percent_rank
SELECT sale_id, PERCENT_RANK() OVER (ORDER BY sale_id), CUME_DIST() OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 2 ORDER BY 1;
-- EXACT [[4, 0, 0.5], [5, 1, 1]]

-- Page: NTILE, functions/ntile
SELECT sale_id, NTILE(2) OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 3 ORDER BY 1;
-- EXACT [[6, 1], [7, 1], [8, 2]]

-- Page: LAG, functions/lag
SELECT sale_id, LAG(qty, 1, 0) OVER (ORDER BY sale_id), LEAD(qty) OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 0, 10], [2, 10, 30], [3, 10, null]]
SELECT sale_id, LAG(qty_shipped) IGNORE NULLS OVER (ORDER BY sale_id) FROM sales WHERE sale_id < 5 ORDER BY 1;
-- EXACT [[1, null], [2, 10], [3, 10], [4, 10]]

-- Page: FIRST_VALUE, functions/first_value
SELECT sale_id, FIRST_VALUE(qty) OVER (PARTITION BY seller_id ORDER BY sale_id), LAST_VALUE(qty) OVER (PARTITION BY seller_id ORDER BY sale_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 10, 30], [2, 10, 30], [3, 10, 30]]

-- Page: NTH_VALUE, functions/nth_value
SELECT sale_id, NTH_VALUE(qty, 2) OVER (ORDER BY sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales WHERE seller_id = 3 ORDER BY 1;
-- EXACT [[6, 20], [7, 20], [8, 20]]

-- Page: RATIO_TO_REPORT, functions/ratio_to_report
SELECT sale_id, RATIO_TO_REPORT(qty) OVER () FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, 0.2], [2, 0.2], [3, 0.6]]

-- Page: Window function syntax, functions-window-syntax
SELECT sale_id, SUM(qty) OVER (ORDER BY sale_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, "10"], [2, "20"], [3, "40"]]
SELECT sale_id, SUM(price) OVER (PARTITION BY seller_id), COUNT(*) OVER () FROM sales WHERE seller_id = 2 ORDER BY 1;
-- EXACT [[4, "14.10", 2], [5, "14.10", 2]]
SELECT sale_id, AVG(qty) OVER (PARTITION BY seller_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- EXACT [[1, "16.666667"], [2, "16.666667"], [3, "16.666667"]]

-- Page: CONDITIONAL_CHANGE_EVENT, functions/conditional_change_event
SELECT sale_id, CONDITIONAL_CHANGE_EVENT(qty) OVER (ORDER BY sale_id) FROM sales WHERE seller_id = 1 ORDER BY 1;
-- REFUSED [[1, 0], [2, 0], [3, 1]]
