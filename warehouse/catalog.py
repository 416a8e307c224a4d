"""The catalog's address: its password goes to DuckDB's secret manager, where no query can read it."""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from warehouse.queries import quoted

_HANDED_OVER = "catalog_password"
_PASSWORD = re.compile(
    r"""\s*(?<!\w)password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))\s*""", re.IGNORECASE | re.DOTALL
)
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?")
_SHOWN = re.compile(r"""(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&"']+)|(://[^\s:@/]*:)\S*(?=@)""", re.IGNORECASE)


class Address(NamedTuple):
    """A catalog as DuckDB attaches it.

    Attributes:
        uri: ``sqlite:<path>`` or ``postgres:<keywords and values>``, without a password.
        password: Empty where the address has none.
    """

    uri: str
    password: str = ""


def address_of(uri: str) -> Address:
    """Take the password out of a catalog's address.

    DuckDB shows the address of what is attached to whoever asks, and joins a secret to keywords and values alone, so
    an address of the other kind is written out as such.

    >>> address_of("postgres:host=db password='s3 cret' dbname=lake")
    Address(uri='postgres:host=db dbname=lake', password='s3 cret')
    >>> address_of("postgres:postgresql://night:s%40cret@db:5433/lake?sslmode=require")
    Address(uri="postgres:host='db' port='5433' dbname='lake' user='night' sslmode='require'", password='s@cret')
    """
    backend, _, rest = uri.partition(":")
    if backend != "postgres":
        return Address(uri)
    if re.match(r"(postgres(ql)?:)?//", rest):
        rest = _keywords(rest)
    password = "".join(_unescaped(match[1] or match[2] or "") for match in [*_PASSWORD.finditer(rest)][-1:])
    return Address(f"postgres:{_PASSWORD.sub(' ', rest).strip()}", password)


def hand_over_password(connection: duckdb.DuckDBPyConnection, address: Address) -> list[str]:
    """Give the password to DuckDB's secret manager; return the options of ATTACH that name it."""
    if not address.password:
        return []
    connection.execute(f"CREATE OR REPLACE SECRET {_HANDED_OVER} (TYPE postgres, PASSWORD {quoted(address.password)})")
    return [f"META_SECRET '{_HANDED_OVER}'"]


def take_back_password(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the password once the catalog is attached, which keeps its own: no other address may be joined to it."""
    connection.execute(f"DROP SECRET IF EXISTS {_HANDED_OVER}")


def without_password(address: str) -> str:
    """Return the address of a database fit for a log.

    >>> without_password("postgres:host=db user=microseg password='sec ret' dbname=lake")
    'postgres:host=db user=microseg password=*** dbname=lake'
    >>> without_password("postgresql://microseg:s3/cr@t@db/lake")
    'postgresql://microseg:***@db/lake'
    """
    return _SHOWN.sub(r"\1\2***", address)


def _keywords(address: str) -> str:
    parts = urlsplit(address)
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    hosts = [_HOST.fullmatch(place) for place in places.split(",")]
    fields = {
        "host": ",".join(host[1].strip("[]") for host in hosts if host),
        "port": ",".join(host[2] or "" for host in hosts if host).strip(","),
        "dbname": parts.path.removeprefix("/"),
        "user": user,
        "password": password,
    }
    decoded = {name: unquote(value) for name, value in fields.items()} | dict(parse_qsl(parts.query))
    return " ".join(f"{name}={_escaped(value)}" for name, value in decoded.items() if value)


def _escaped(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
