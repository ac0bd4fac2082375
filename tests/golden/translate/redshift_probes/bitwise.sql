-- Family: Bit-wise aggregate functions

-- Page: BIT_AND function, r_BIT_AND.html
SELECT BIT_AND(qty) FROM sales WHERE sale_id IN (1, 3);
-- EXACT 10
SELECT BIT_AND(qty_shipped) FROM sales WHERE seller_id = 2;
-- EXACT 4
SELECT BIT_AND(qty_shipped) FROM sales WHERE seller_id = 4;
-- EXACT null

-- Page: BIT_OR function, r_BIT_OR.html
SELECT BIT_OR(qty) FROM sales WHERE sale_id IN (1, 4);
-- EXACT 30
SELECT BIT_OR(qty_shipped) FROM sales WHERE seller_id = 1;
-- EXACT 10
SELECT seller_id, BIT_OR(qty) FROM sales GROUP BY 1 ORDER BY 1;
-- EXACT [[1, 30], [2, 20], [3, 31], [4, 40]]

-- Page: BOOL_AND function, r_BOOL_AND.html
SELECT BOOL_AND(qty > 5), BOOL_AND(qty > 10) FROM sales;
-- EXACT [[true, false]]
SELECT BOOL_AND(qty_shipped > 5) FROM sales WHERE seller_id = 4;
-- EXACT null

-- Page: BOOL_OR function, r_BOOL_OR.html
SELECT BOOL_OR(qty > 35), BOOL_OR(qty > 40) FROM sales;
-- EXACT [[true, false]]
SELECT BOOL_OR(qty_shipped > 20) FROM sales WHERE seller_id IN (3, 4);
-- EXACT true
