"""Reference sets: all that is particular to one bank; those that ship lie in ``shipped/``."""
