-- Version of each month under another version of the reference set, made like those of spend.months. Grain: month.
SELECT month, {version} FROM remapped_monthly GROUP BY month
