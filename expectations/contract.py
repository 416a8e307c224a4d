"""Contracts of what is published: ODCS 3.1 files, read into types; whoever speaks of a published column asks them."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from warehouse.errors import MicrosegError

ENDING = ".odcs.yaml"
# What a column tells of a person, least first: nothing, something, under which key, under which name.
PII_CLASSES = ("none", "personal", "pseudonym", "identifier")
_VIEW = re.compile(r"(?P<base>\w+)_v(?P<version>\d+)")


@dataclass(frozen=True)
class Allowed:
    """Values that a column may have, beside null where it may be null; empty: any of its type."""

    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return them in words.

        >>> str(Allowed(0, 1)), str(Allowed(1)), str(Allowed(values=("for", "against"))), str(Allowed())
        ('0 to 1', 'from 1', 'for, against', '')
        """
        if self.values:
            return ", ".join(self.values)
        if self.pattern:
            return self.pattern
        if self.minimum is None:
            return "" if self.maximum is None else f"up to {self.maximum:g}"
        return f"from {self.minimum:g}" if self.maximum is None else f"{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True)
class Column:
    """A published column.

    Attributes:
        name: As in the view.
        type: As DuckDB has it.
        meaning: What it says, in a sentence.
        unit: Empty where it has none.
        allowed: Values that it may have.
        pii: One of `PII_CLASSES`.
        required: Never null.
        key: Place in the key of the view, from 1; 0 outside of it.
        only_in: The one schema that has it; empty: all.
    """

    name: str
    type: str
    meaning: str
    unit: str
    allowed: Allowed
    pii: str
    required: bool
    key: int
    only_in: str

    @property
    def told(self) -> str:
        """What a catalog says of it: meaning, unit and what it may hold."""
        return "; ".join(filter(None, (self.meaning, self.unit, str(self.allowed))))


@dataclass(frozen=True)
class Contract:
    """What readers of a published view can rely on.

    Attributes:
        view: Its name, with the version: segments_v1.
        status: active or deprecated.
        version: Of the contract.
        title: Name in words.
        text: What the view holds, in a sentence.
        grain: What one row is.
        schemas: Those that hold a view of the name.
        promises: Days by the name of a service level: frequency, latency, retention; None: for ever.
        owner: The team that answers for it.
        policy: How it may change.
        columns: In the order of the view.
    """

    view: str
    status: str
    version: str
    title: str
    text: str
    grain: str
    schemas: tuple[str, ...]
    promises: Mapping[str, float | None]
    owner: str
    policy: str
    columns: tuple[Column, ...]

    def columns_in(self, schema: str) -> tuple[Column, ...]:
        """Return the columns of the view in one of its schemas."""
        return tuple(column for column in self.columns if column.only_in in ("", schema))

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that tell one row from all others, in order."""
        return tuple(column.name for column in sorted(self.columns, key=lambda one: one.key) if column.key)

    @property
    def comment(self) -> str:
        """What the catalog says of the view."""
        return f"{self.text} Grain: {self.grain}"


def version_of(view: str) -> tuple[str, int]:
    """Return the name of a view without its version, and the version.

    >>> version_of("segments_v12")
    ('segments', 12)
    """
    match = _VIEW.fullmatch(view)
    return (match["base"], int(match["version"])) if match else (view, 0)


@cache
def contracts() -> tuple[Contract, ...]:
    """Return the contracts of this release of microseg, by the name of the view."""
    entries = (entry for entry in files("expectations").joinpath("contracts").iterdir() if entry.name.endswith(ENDING))
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in entries}
    return tuple(parse(texts[name], name) for name in sorted(texts))


@cache
def digest() -> str:
    """Return a hash of the contracts: it changes with any word of them."""
    return hashlib.sha256(repr(contracts()).encode()).hexdigest()


def contract_of(view: str) -> Contract:
    """Return the contract of one view."""
    return next(contract for contract in contracts() if contract.view == view)


def read_contracts(place: Path) -> tuple[Contract, ...]:
    """Return the contracts in a folder, or the one in a file.

    Raises:
        MicrosegError: There is none, or it cannot be read as one.
    """
    paths: Iterable[Path] = sorted(place.glob(f"*{ENDING}")) if place.is_dir() else [place]
    try:
        found = tuple(parse(path.read_text(encoding="utf-8"), str(path)) for path in paths)
    except (OSError, UnicodeDecodeError) as error:
        raise MicrosegError(f"{place} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
    if not found:
        raise MicrosegError(f"there is no contract in {place}: its name ends with {ENDING}")
    return found


def parse(text: str, name: str) -> Contract:
    """Return a contract from its text.

    Args:
        text: YAML, as the Open Data Contract Standard has it.
        name: Of the file; for messages.

    Raises:
        MicrosegError: It is no YAML, or lacks what is needed here.
    """
    import yaml

    try:
        return _contract(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506 - safe both
    except yaml.YAMLError as error:
        raise MicrosegError(f"{name} is no YAML: {' '.join(str(error).split())}") from error
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise MicrosegError(f"{name} is no contract of a view: {error!r}") from error


def _contract(document: dict[str, Any]) -> Contract:
    (view,) = document["schema"]
    custom = _custom(document)
    return Contract(
        view=view["name"],
        status=document["status"],
        version=document["version"],
        title=document["name"],
        text=view["description"],
        grain=view["dataGranularityDescription"],
        schemas=tuple(role["role"] for role in document["roles"]),
        promises={one["property"]: one["value"] for one in document["slaProperties"]},
        owner=document["team"]["name"],
        policy=custom["changePolicy"],
        columns=tuple(map(_column, view["properties"])),
    )


def _column(document: dict[str, Any]) -> Column:
    options, custom = document.get("logicalTypeOptions", {}), _custom(document)
    rules = [rule for rule in document.get("quality", []) if rule.get("metric") == "invalidValues"]
    values = rules[0]["arguments"]["validValues"] if rules else ()
    if document["classification"] not in PII_CLASSES:
        raise ValueError(f"classification {document['classification']}")
    return Column(
        name=document["name"],
        type=document["physicalType"],
        meaning=document["description"],
        unit=custom.get("unit", ""),
        allowed=Allowed(options.get("minimum"), options.get("maximum"), options.get("pattern", ""), tuple(values)),
        pii=document["classification"],
        required=document.get("required", False),
        key=document.get("primaryKeyPosition", 0),
        only_in=custom.get("onlyIn", ""),
    )


def _custom(document: dict[str, Any]) -> dict[str, str]:
    return {one["property"]: one["value"] for one in document.get("customProperties", [])}
