-- Fixed points of a model. Grain: input x fixed point.
SELECT input, h1, h2, h3, stable, coalesce(segment, '')
FROM models.attractors
WHERE model_version = $model_version
ORDER BY input != 'population mean', input, h1, h2, h3
