-- Months that are not named by their first day. Grain: customer x month x class.
SELECT month FROM batch WHERE day(month) != 1
