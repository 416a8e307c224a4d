-- Sums by segment, to be added up over buckets of customers. Decimals: their sum is the same in whatever order.
-- Grain: bucket x segment; bucket x segment x class.
CREATE OR REPLACE TEMP TABLE segment_sums (
    bucket BIGINT, segment VARCHAR, depth TINYINT, customers BIGINT, margin DECIMAL(38, 15), traced BIGINT,
    output_o DECIMAL(38, 15), output_c DECIMAL(38, 15), output_e DECIMAL(38, 15), output_a DECIMAL(38, 15),
    output_n DECIMAL(38, 15)
);
CREATE OR REPLACE TEMP TABLE segment_shares (bucket BIGINT, segment VARCHAR, class_id SMALLINT, share DECIMAL(38, 15))
