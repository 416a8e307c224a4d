-- A published view as a table of a file of its own, from rows at hand. Grain: that of the view.
CREATE TABLE {view} AS FROM arriving
