SELECT
    order_month,
    COUNT(*) AS orders,
    SUM(amount) AS revenue,
    SUM(SUM(amount)) OVER (ORDER BY order_month ROWS UNBOUNDED PRECEDING) AS revenue_so_far
FROM {{ ref("stg_orders") }}
GROUP BY order_month
