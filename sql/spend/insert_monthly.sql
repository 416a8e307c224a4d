-- Grain: customer x month x class. Ordered, so that the same input gives the same file.
INSERT INTO spend.monthly
SELECT customer_key, month, class_id, amount, transactions FROM month_sums ORDER BY month, customer_key, class_id
