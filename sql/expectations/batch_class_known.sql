-- Classes that the reference set does not hold. Grain: class. Few classes are looked up in place of many rows.
SELECT class_id
FROM (SELECT DISTINCT class_id FROM batch)
WHERE class_id IS NOT NULL AND class_id NOT IN (SELECT class_id FROM ref.classes)
