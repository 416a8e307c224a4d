-- Angles of all customers with a segment, in the primary window: not to be shown one by one. Grain: customer.
-- Units: degrees.
SELECT degrees(angles.azimuth) AS azimuth, degrees(angles.polar) AS polar
FROM (
    SELECT customer_key, azimuth, polar
    FROM features.angles
    WHERE as_of = $as_of AND window_name = $window_name AND determined
) AS angles
JOIN (SELECT customer_key FROM segments.by_date WHERE as_of = $as_of AND depth > 0) AS people USING (customer_key)
