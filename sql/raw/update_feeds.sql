-- Moves loads to the feed that names them now. Grain: load.
UPDATE raw.loads SET feed = feeds.feed FROM feeds WHERE raw.loads.load_id = feeds.load_id
