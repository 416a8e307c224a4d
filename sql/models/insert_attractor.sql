-- Grain: model x input x fixed point.
INSERT INTO models.attractors (
    model_version, input, h1, h2, h3, stable, spectral_radius, residual, index_sum, segment
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
