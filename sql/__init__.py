"""Every query, one file a verb: sql/<layer>/<verb>_<table>.sql."""
