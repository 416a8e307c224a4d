"""Great Expectations as a night imports it: once a process, and without what nobody here asks for."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """Stands for a module until something of it is used.

    >>> Later("math").floor(1.5)
    1
    """

    def __getattr__(self, name: str) -> Any:
        """Import the module and return what it holds by this name."""
        return getattr(import_module(self.__name__), name)


@cache
def load() -> None:
    """Import Great Expectations, with what a suite and its page need of it.

    Many of its seconds went to scipy.stats, for three statistical expectations and metrics which no suite of ours has,
    and to looking through its half a million objects again and again for what can go: all of them stay.
    """
    with _imported_later("scipy", "stats"), _nothing_to_collect():
        for name in ("great_expectations", "expectations.lake_engine", "great_expectations.render.renderer"):
            import_module(name)


@contextmanager
def _imported_later(package: str, module: str) -> Iterator[None]:
    name = f"{package}.{module}"
    if name in sys.modules:
        yield
        return
    parent = import_module(package)
    setattr(parent, module, Later(name))
    try:
        yield
    finally:
        if isinstance(vars(parent)[module], Later):
            delattr(parent, module)


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()
