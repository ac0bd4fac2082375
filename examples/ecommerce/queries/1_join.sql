-- Which categories sell best to subscribers in which countries: a join of all four tables.
SELECT c.country_code,
       p.category,
       COUNT(DISTINCT o.order_id)     AS orders,
       SUM(i.quantity)                AS units,
       SUM(i.quantity * i.unit_price) AS revenue
FROM order_items AS i
JOIN orders AS o ON o.order_id = i.order_id
JOIN customers AS c ON c.customer_id = o.customer_id
JOIN products AS p ON p.product_id = i.product_id
WHERE o.status = 'delivered'
  AND c.is_subscribed
GROUP BY c.country_code, p.category
ORDER BY revenue DESC, c.country_code, p.category
LIMIT 10;
