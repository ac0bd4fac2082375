SELECT
    order_id,
    customer_id,
    status,
    DATE_TRUNC('month', ordered_at) AS order_month,
    DATEDIFF(day, ordered_at, shipped_at) AS days_to_ship,
    amount
FROM orders
