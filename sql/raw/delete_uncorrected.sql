-- Rows that lost an id to another row and are offered as they were: nothing about their claim has changed.
-- Grain: rejected source row.
DELETE FROM corrected
USING ({waiting}) AS waiting
WHERE waiting.reason = 'duplicate_id_with_other_content'
    AND corrected.load_id = waiting.load_id AND corrected.row_number = waiting.row_number
    AND {same}
