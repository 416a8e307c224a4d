"""What changed between two contracts, and whether it breaks whoever relied on the first."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from expectations.contract import PII_CLASSES, Allowed, Column, Contract, version_of


class Change(NamedTuple):
    """One difference.

    Attributes:
        view: The view that changed.
        what: In words.
        breaking: Whether a reader of the old one may fail, or be misled.
    """

    view: str
    what: str
    breaking: bool


def compare(old: Sequence[Contract], new: Sequence[Contract]) -> list[Change]:
    """Return what changed between two sets of contracts; a view of another version is another view.

    Args:
        old: What readers rely on.
        new: What they are to get.
    """
    after = {contract.view: contract for contract in new}
    changes: list[Change] = []
    for contract in old:
        if contract.view in after:
            changes += changes_of(contract, after.pop(contract.view))
        else:
            changes.append(_gone(contract, new))
    return changes + [Change(view, "view added", False) for view in after]


def _gone(contract: Contract, new: Iterable[Contract]) -> Change:
    base, version = version_of(contract.view)
    versions = [version_of(other.view) for other in new]
    heirs = [f"{name}_v{number}" for name, number in versions if name == base and number > version]
    if heirs and contract.status == "deprecated":
        return Change(contract.view, f"view removed; it was deprecated, and {heirs[0]} takes its place", False)
    return Change(contract.view, "view removed, and it had not been deprecated beside a newer version", True)


def changes_of(old: Contract, new: Contract) -> list[Change]:
    """Return what changed between two contracts of one view, whatever their names.

    Args:
        old: What readers rely on.
        new: What they are to get.
    """
    told = [*_of_view(old, new), *_of_columns(old, new)]
    return [Change(new.view, what, breaking) for what, breaking in told]


def _of_view(old: Contract, new: Contract) -> Iterator[tuple[str, bool]]:
    for schema in sorted(set(old.schemas) ^ set(new.schemas)):
        gone = schema in old.schemas
        yield f"view {'removed from' if gone else 'added to'} {schema}", gone
    if old.key != new.key:
        yield f"key changed from {', '.join(old.key)} to {', '.join(new.key)}", True
    for name in sorted(set(old.promises) | set(new.promises)):
        before, after = old.promises.get(name, 0), new.promises.get(name, 0)
        if before != after:
            less = _days(after) < _days(before) if name == "retention" else _days(after) > _days(before)
            yield f"{name} changed from {_told(before)} to {_told(after)}", less or name not in new.promises
    for name in ("status", "title", "text", "grain", "owner", "policy"):
        if getattr(old, name) != getattr(new, name):
            yield f"{name} changed", False


def _days(promised: float | None) -> float:
    return float("inf") if promised is None else promised


def _told(promised: float | None) -> str:
    return "for ever" if promised is None else f"{promised:g} days"


def _of_columns(old: Contract, new: Contract) -> Iterator[tuple[str, bool]]:
    before, after = ({column.name: column for column in one.columns} for one in (old, new))
    renamed = _renamed(old, new)
    for name, column in before.items():
        if name in after:
            yield from ((f"{name}: {what}", breaking) for what, breaking in _of_column(column, after[name]))
        else:
            yield f"{name}: renamed to {renamed[name]}" if name in renamed else f"{name}: removed", True
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield "columns stand in another order", True
    last = max((place for place, name in enumerate(after) if name in before), default=-1)
    for place, name in enumerate(after):
        if name not in before and name not in renamed.values():
            yield f"{name}: added" + " before others" * (place < last), place < last


def _renamed(old: Contract, new: Contract) -> dict[str, str]:
    """Return columns that are gone and in whose place a new one of the same type stands, with its name."""
    names = [{column.name for column in one.columns} for one in (old, new)]
    pairs = zip(old.columns, new.columns, strict=False)
    return {
        one.name: other.name
        for one, other in pairs
        if one.name not in names[1] and other.name not in names[0] and one.type == other.type
    }


def _of_column(old: Column, new: Column) -> Iterator[tuple[str, bool]]:
    if old.type != new.type:
        yield f"type changed from {old.type} to {new.type}", True
    if old.required != new.required:
        yield ("may be null now", True) if old.required else ("never null now", False)
    if old.unit != new.unit:
        yield f"unit changed from {old.unit or 'none'} to {new.unit or 'none'}", True
    if old.allowed != new.allowed:
        before, after = (str(column.allowed) or "any" for column in (old, new))
        yield f"allowed values {_how(old.allowed, new.allowed)}: {before}, now {after}", True
    if old.pii != new.pii:
        lowered = PII_CLASSES.index(new.pii) < PII_CLASSES.index(old.pii)
        yield f"PII class {'lowered' if lowered else 'raised'} from {old.pii} to {new.pii}", lowered
    if old.only_in != new.only_in:
        yield f"only in {new.only_in or 'all schemas'}, was in {old.only_in or 'all schemas'}", True
    if old.meaning != new.meaning:
        yield "meaning told in other words", False


def _how(old: Allowed, new: Allowed) -> str:
    """Return whether values were taken away or added; a pattern is only ever another one.

    >>> _how(Allowed(0, 1), Allowed(0, 2)), _how(Allowed(), Allowed(0)), _how(Allowed(0, 2), Allowed(1, 3))
    ('widened', 'narrowed', 'changed')
    """
    if _within(old, new):
        return "widened"
    return "narrowed" if _within(new, old) else "changed"


def _within(inner: Allowed, outer: Allowed) -> bool:
    """Tell whether all that one allows is allowed by the other, as far as can be told."""
    lowest, highest = float("-inf"), float("inf")
    bounds = [
        (lowest if one.minimum is None else one.minimum, highest if one.maximum is None else one.maximum)
        for one in (inner, outer)
    ]
    in_bounds = bounds[0][0] >= bounds[1][0] and bounds[0][1] <= bounds[1][1]
    in_values = not outer.values or (bool(inner.values) and set(inner.values) <= set(outer.values))
    return in_bounds and in_values and outer.pattern in ("", inner.pattern)
