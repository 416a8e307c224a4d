"""Ways in which a file breaks."""

from pathlib import Path
from random import Random


def flip(path: Path, seed: int) -> None:
    """Turn one bit round, anywhere in the file."""
    chance = Random(seed)  # noqa: S311 - a place, not a secret
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Leave the first half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
