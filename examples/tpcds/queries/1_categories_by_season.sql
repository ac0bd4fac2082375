-- Sales of each category by quarter, with their share of the quarter.
SELECT
    d.d_quarter_name,
    i.i_category,
    SUM(s.ss_ext_sales_price) AS sales,
    RATIO_TO_REPORT(SUM(s.ss_ext_sales_price)) OVER (PARTITION BY d.d_quarter_name) AS share
FROM store_sales s
JOIN date_dim d ON d.d_date_sk = s.ss_sold_date_sk
JOIN item i ON i.i_item_sk = s.ss_item_sk
WHERE d.d_year = 2001
GROUP BY 1, 2
ORDER BY 1, 3 DESC;
