"""What tells two versions of a reference set apart, change by change, each with the source codes that it concerns."""

from collections.abc import Iterator
from dataclasses import dataclass

from model.vocabulary import TRAITS
from warehouse.reference.content import ReferenceContent

ABSENT = "-"


@dataclass(frozen=True)
class Difference:
    """One change of what counts.

    Attributes:
        kind: ``window``, ``class``, ``code`` or ``coefficient``.
        subject: The code of the class or of the source, or the trait beside the code of its class.
        before: In the version that is held; ``-`` where it has none.
        after: In the other version; ``-`` where it has none.
        source_codes: Codes of the source whose rows the change concerns, sorted.
    """

    kind: str
    subject: str
    before: str
    after: str
    source_codes: tuple[str, ...] = ()

    @property
    def change(self) -> str:
        """What happened to the subject in one word."""
        if ABSENT in (self.before, self.after):
            return "added" if self.before == ABSENT else "dropped"
        return {"class": "renumbered", "code": "moved"}.get(self.kind, "changed")


def differences(held: ReferenceContent, other: ReferenceContent) -> list[Difference]:
    """Return what differs in what counts, in the order window, classes, codes, coefficients; nothing if nothing does.

    A class is known by its code: one with another code is another class. The coefficients of a class that is added or
    dropped come and go with it.
    """
    windows = [
        Difference("window", "primary_window", held.primary_window, other.primary_window, _spending(held, other))
    ]
    return [
        *(window for window in windows if window.before != window.after),
        *_classes(held, other),
        *_codes(held, other),
        *_coefficients(held, other),
    ]


def _classes(held: ReferenceContent, other: ReferenceContent) -> Iterator[Difference]:
    before, after = (
        {code: str(number) for number, code in enumerate(content.class_codes)} for content in (held, other)
    )
    for code in dict.fromkeys((*held.class_codes, *other.class_codes)):
        was, becomes = before.get(code, ABSENT), after.get(code, ABSENT)
        if was != becomes:
            yield Difference("class", code, was, becomes, _codes_of(code, held, other))


def _codes(held: ReferenceContent, other: ReferenceContent) -> Iterator[Difference]:
    before, after = (_meanings(held), _meanings(other))
    for code in sorted({*before, *after}):
        was, becomes = before.get(code, ABSENT), after.get(code, ABSENT)
        if was != becomes:
            yield Difference("code", code, was, becomes, (code,))


def _coefficients(held: ReferenceContent, other: ReferenceContent) -> Iterator[Difference]:
    before, after = (dict(zip(content.class_codes, content.coefficients, strict=True)) for content in (held, other))
    for code in (shared for shared in held.class_codes if shared in after):
        for trait, was, becomes in zip(TRAITS, before[code], after[code], strict=True):
            if was != becomes:
                yield Difference(
                    "coefficient", f"{code}, {trait}", f"{was:g}", f"{becomes:g}", _codes_of(code, held, other)
                )


def _meanings(content: ReferenceContent) -> dict[str, str]:
    """Return kind and class of code code of the source, such as ``spend: food`` or ``income``."""
    return {
        code.source_code: ": ".join(part for part in (code.kind, content.class_code(code)) if part)
        for code in content.codes
    }


def _codes_of(class_code: str, *contents: ReferenceContent) -> tuple[str, ...]:
    codes = {
        code.source_code for content in contents for code in content.codes if content.class_code(code) == class_code
    }
    return tuple(sorted(codes))


def _spending(*contents: ReferenceContent) -> tuple[str, ...]:
    return tuple(
        sorted({code.source_code for content in contents for code in content.codes if code.class_id is not None})
    )
