"""What a reference set says about spending: classes, codes and coefficients, with the version of what counts."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.vocabulary import TRAITS


@dataclass(frozen=True)
class SpendingClass:
    """One class of spending; `class_id` is its column in every array."""

    class_id: int
    code: str
    label: str
    group: str


@dataclass(frozen=True)
class SourceCode:
    """One code of the source.

    Attributes:
        source_code: As the source writes it.
        class_id: Its class; None where the kind does not count as spending.
        kind: ``spend`` and ``fee`` count as spending; ``income``, ``transfer`` and ``other`` are kept, not counted.
        label: In words.
    """

    source_code: str
    class_id: int | None
    kind: str
    label: str


@dataclass(frozen=True, eq=False)
class ReferenceContent:
    """A reference set without its contract: what models are trained under and what the warehouse keeps whole.

    Attributes:
        name: Recorded in the warehouse; a warehouse holds one set at a time.
        primary_window: Window that the network is trained on, ``annual`` or ``bimonthly``.
        classes: C classes, ids 0 to C - 1.
        codes: Single codes, ranges expanded.
        coefficients: Traits' coefficients per class, (C, 5), openness to neuroticism; zeros where none are given.
        coefficient_sources: Where each class's coefficients come from, C texts.
    """

    name: str
    primary_window: str
    classes: tuple[SpendingClass, ...]
    codes: tuple[SourceCode, ...]
    coefficients: NDArray[np.float64] = field(repr=False)
    coefficient_sources: tuple[str, ...] = field(repr=False)

    @cached_property
    def version(self) -> str:
        """SHA-256 of what counts for a model, sorted; labels, groups, sources and the contract change nothing."""
        code_of = {row.class_id: row.code for row in self.classes}
        counts = {
            "primary_window": self.primary_window,
            "classes": sorted(code_of.items()),
            "codes": sorted((code.source_code, self.class_code(code), code.kind) for code in self.codes),
            # Adding zero makes -0.0 the same number as 0.0.
            "coefficients": sorted(zip(code_of.values(), (self.coefficients + 0.0).tolist(), strict=True)),
        }
        return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()

    def class_code(self, code: SourceCode) -> str:
        """Return the code of the class that a source's code belongs to; empty where it counts as no spending."""
        return "" if code.class_id is None else self.classes[code.class_id].code

    @property
    def class_codes(self) -> tuple[str, ...]:
        """Codes of the classes in the order of their ids: models of equal codes have inputs that mean the same."""
        return tuple(row.code for row in self.classes)

    def to_json(self) -> str:
        """Return all of it as text, from which `from_json` makes an equal one; sorted, so that equal ones are equal."""
        return json.dumps(
            {
                "name": self.name,
                "primary_window": self.primary_window,
                "classes": [[row.class_id, row.code, row.label, row.group] for row in self.classes],
                "codes": sorted([code.source_code, code.class_id, code.kind, code.label] for code in self.codes),
                "coefficients": self.coefficients.tolist(),
                "coefficient_sources": list(self.coefficient_sources),
            },
            sort_keys=True,
        )


def from_json(text: str) -> ReferenceContent:
    """Return the content that `ReferenceContent.to_json` wrote."""
    held = json.loads(text)
    return ReferenceContent(
        name=held["name"],
        primary_window=held["primary_window"],
        classes=tuple(SpendingClass(*row) for row in held["classes"]),
        codes=tuple(SourceCode(*row) for row in held["codes"]),
        coefficients=np.array(held["coefficients"], dtype=np.float64).reshape(-1, len(TRAITS)),
        coefficient_sources=tuple(held["coefficient_sources"]),
    )
