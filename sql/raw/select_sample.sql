-- The Complete Journey purchases in the contract of the reference set complete_journey. Grain: purchase line.
-- COUPON/MISC ITEMS mixes fuel and gift cards: its department tells them apart. The id is the line's place in its basket.
SELECT
    line.basket_id::VARCHAR || '-' || lpad((row_number() OVER (
        PARTITION BY line.basket_id
        ORDER BY line.product_id, line.transaction_timestamp, line.quantity, line.sales_value, line.household_id
    ))::VARCHAR, 4, '0') AS transaction_id,
    line.household_id::VARCHAR AS household_id,
    line.transaction_timestamp AS booked_at,
    line.sales_value,
    CASE
        WHEN product.product_category = 'COUPON/MISC ITEMS'
            THEN product.product_category || ': ' || product.department
        ELSE product.product_category
    END AS product_category
FROM read_parquet({transactions}) AS line
LEFT JOIN read_parquet({products}) AS product USING (product_id)
ORDER BY booked_at, transaction_id
