"""A script that attaches the lake for reading, for any DuckDB: its paths are filled in, no password is."""

import duckdb

from warehouse.attachment import attach_options
from warehouse.catalog import address_of
from warehouse.extensions import binary_of, needed
from warehouse.queries import query, quoted
from warehouse.settings import Settings


def attach_script(settings: Settings) -> str:
    """Return the statements that attach the lake of these settings, read-only and as `lake`.

    A PostgreSQL catalog takes user and password from PGUSER, PGPASSWORD or ~/.pgpass of whoever runs it, the object
    store the key that is filled in.

    Args:
        settings: Where catalog and data lie.
    """
    address = address_of(settings.catalog_uri)
    return query("published/attach").format(
        version=duckdb.__version__,
        loads="\n".join(map(_load, needed(settings))),
        secret=_secret(settings) if settings.data_uri.startswith("s3://") else "",
        address=quoted(f"ducklake:{address.uri}"),
        options=", ".join(attach_options(settings, read_only=True)),
    )


def _load(name: str) -> str:
    binary = binary_of(name)
    return f"LOAD {quoted(str(binary)) if binary else name};"


def _secret(settings: Settings) -> str:
    fields = {"ENDPOINT": settings.s3_endpoint, "REGION": settings.s3_region, "URL_STYLE": settings.s3_url_style}
    given = "".join(f", {key} {quoted(value)}" for key, value in fields.items() if value)
    return query("published/secret").format(given=given, use_ssl=str(settings.s3_use_ssl).lower())
