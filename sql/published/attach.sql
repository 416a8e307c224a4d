-- Attaches what microseg publishes, for reading alone, to DuckDB {version} on this machine. Written by `microseg attach`.
-- Elsewhere, or with another DuckDB: INSTALL the extensions once, and LOAD them by name in place of the lines below.
{loads}
{secret}ATTACH {address} AS lake ({options});
SET TimeZone = 'UTC';
USE lake;
