"""From spending to features and segments: train, trace, direct, explain, segment."""
