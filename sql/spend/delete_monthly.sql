-- The whole month goes, so that what vanished from the source vanishes here too. Grain: month.
DELETE FROM spend.monthly WHERE month >= $month AND month < $next_month
