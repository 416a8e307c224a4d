-- Rows of classes that the reference set does not hold. Grain: row of the batch.
SELECT class_id
FROM batch
WHERE class_id IS NOT NULL AND class_id NOT IN (SELECT class_id FROM ref.classes)
