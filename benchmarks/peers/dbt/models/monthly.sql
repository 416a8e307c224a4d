-- Spending less refunds of a month, its open part too. Grain: customer x month x class.
{{ config(unique_key='month') }}

SELECT
    customer_key,
    date_trunc('month', booked_on)::DATE AS month,
    class_id,
    sum(amount)::DECIMAL(18, 2) AS amount,
    count(*)::INTEGER AS transactions
FROM read_parquet('{{ var("rows") }}', hive_partitioning = false)
WHERE kind IN ('spend', 'refund', 'fee', 'unclassified')
{% if is_incremental() %}
    AND booked_on >= (SELECT max(month) FROM {{ this }})
{% endif %}
GROUP BY ALL
