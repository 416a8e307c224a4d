-- The loads of some feeds, as a unit is given them. Grain: load.
CREATE TABLE raw.loads AS SELECT unnest($load_ids::VARCHAR[]) AS load_id, unnest($feeds::VARCHAR[]) AS feed
