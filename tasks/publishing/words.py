"""Segments in words, and moves between them as a diagram: what terminal, artifacts and pages say in the same way."""

from collections.abc import Sequence

from model.vocabulary import GONE, INSUFFICIENT, LETTERS, NEW, OTHER, TRAITS, UNASSIGNED, UNDETERMINED, WITHHELD

# Customers without a segment, and without a row on one of two dates.
_WITHOUT = {
    INSUFFICIENT: "too little spending to tell",
    UNDETERMINED: "no direction yet",
    WITHHELD: "groups too small to be shown",
    UNASSIGNED: "in no segment",
    NEW: "new customers",
    GONE: "no longer there",
    OTHER: "kept back: too few customers",
}
# Of a name that is not ours nothing may end a label, or begin another statement of the diagram.
_INERT = str.maketrans(dict.fromkeys('"[]{}()<>|&;`\\%#', " "))


def trait(letter: str) -> str:
    """Return the name of a trait.

    >>> trait("E")
    'extraversion'
    """
    return TRAITS[LETTERS.index(letter)]


def in_words(segment: str) -> str:
    """Return a segment's traits in words, or why its customers have none.

    >>> in_words("E.A"), in_words("insufficient_data")
    ('extraversion, then agreeableness', 'too little spending to tell')
    """
    letters = segment.split(".")
    if segment in _WITHOUT or not set(letters) <= set(LETTERS):
        return _WITHOUT.get(segment, segment)
    return ", then ".join(trait(letter) for letter in letters)


def moves_diagram(moves: Sequence[tuple[str, str, int]]) -> str:
    """Return moves as a Mermaid diagram in a fence, which the Prefect UI draws; empty where nobody moved.

    Args:
        moves: From, to and customers of each move.

    >>> print(moves_diagram([("E", "O", 1200)]))
    ```mermaid
    flowchart LR
      from0["E: extraversion"] -->|"1,200"| to0["O: openness"]
    ```
    """
    if not moves:
        return ""
    left = {name: f"from{number}" for number, name in enumerate(dict.fromkeys(move[0] for move in moves))}
    right = {name: f"to{number}" for number, name in enumerate(dict.fromkeys(move[1] for move in moves))}
    arrows = [f'  {left[a]}["{_label(a)}"] -->|"{size:,}"| {right[b]}["{_label(b)}"]' for a, b, size in moves]
    return "\n".join(["```mermaid", "flowchart LR", *arrows, "```"])


def _label(segment: str) -> str:
    words = in_words(segment)
    told = words if segment in _WITHOUT or words == segment else f"{segment}: {words}"
    return " ".join(told.translate(_INERT).split())
