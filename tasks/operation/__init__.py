"""What the engineer of the night sees: journal, status, backfills, gates, provenance."""
