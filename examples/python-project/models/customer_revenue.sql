SELECT
    c.customer_id,
    c.country_code,
    COUNT(o.order_id) AS orders,
    NVL(SUM(o.amount), 0) AS revenue,
    RANK() OVER (PARTITION BY c.country_code ORDER BY NVL(SUM(o.amount), 0) DESC) AS rank_in_country
FROM customers c
LEFT JOIN {{ ref("stg_orders") }} o USING (customer_id)
GROUP BY c.customer_id, c.country_code
