-- Units of columns that had none. PII: none.
COMMENT ON COLUMN segments.by_date.margin IS 'Radians to the nearest boundary of the segment; null where there is no segment';
COMMENT ON COLUMN segments.summary.mean_margin IS 'Radians, mean of the members'' margins; null where there is no segment. People are shown degrees';
COMMENT ON COLUMN segments.current.margin IS 'Radians to the nearest boundary of the segment, null where there is no segment; small means the customer could turn';
