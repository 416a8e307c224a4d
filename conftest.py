"""Which modules pytest opens for their doctests: those that have one, since opening some takes seconds."""

from pathlib import Path

ROOMS = ("expectations", "flows", "model", "tasks", "warehouse")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the modules of our rooms that hold no example."""
    parts = collection_path.relative_to(Path(__file__).parent).parts
    if collection_path.suffix != ".py" or parts[0] not in ROOMS:
        return None
    return None if ">>> " in collection_path.read_text(encoding="utf-8") else True
