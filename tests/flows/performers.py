"""Performs steps in processes that may be killed: a parent that has imported everything forks one for each order.

``python -m tests.flows.performers`` reads orders, one line of JSON each, and writes what the child says.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import warehouse.engines
from tests.flows.below_prefect import go_below
from tests.flows.invariants import check_exports, check_published
from tests.flows.moments import Moments
from tests.flows.steps import Step, perform
from tests.support.processes import ROOT
from warehouse.settings import Settings


class Performers:
    """The parent, seen from the test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def perform(self, order: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        """Have steps performed; return what became of each, and whether the process lived to their end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        done: list[dict[str, Any]] = []
        while "ended" not in (line := json.loads(self._process.stdout.readline())):
            done.append(line)
        assert line["ended"] in (0, -9), f"a step ended with {line['ended']}, see above"
        return done, line["ended"] == 0


def order(home: Path, steps: Sequence[Step], first: int = 0, kill: tuple[str, int] = ("", 0)) -> dict[str, Any]:
    """Return an order to take some steps.

    Args:
        home: Of the warehouse.
        steps: All of a sequence.
        first: Where to begin.
        kill: Kind and number of the moment at which the first of them is killed; none: not at all.
    """
    return {"home": str(home), "steps": [list(step) for step in steps], "first": first, "kill": list(kill)}


@contextmanager
def performers(environment: dict[str, str]) -> Iterator[Performers]:
    """Start the parent, and end it with the block."""
    command = [sys.executable, "-m", "tests.flows.performers"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Performers(process)
    finally:
        process.communicate(timeout=60)


def main() -> None:
    """Fork for every order; a fork needs no second to import, and dies without a chance to tidy up."""
    import tests.flows.steps  # noqa: F401 - before the flows become functions

    go_below()
    moments = Moments()
    moments.watch(vars(warehouse.engines))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _perform(moments, json.loads(line))
        _, status = os.waitpid(child, 0)
        _say({"ended": os.waitstatus_to_exitcode(status)})


def _perform(moments: Moments, order: dict[str, Any]) -> None:
    os.environ["MICROSEG_HOME"] = order["home"]
    code = 1
    try:
        for number, (step, kill) in enumerate(_in_order(order), start=order["first"]):
            moments.count(Path(order["home"]), *kill)
            said = perform(Step(*step), number).replace(order["home"], "HOME")
            _say({"step": number, "said": said, "moments": dict(moments.reached)})
            check_published(Settings())
            check_exports(Settings())
        warehouse.engines.close_idle()
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must not go on as its parent, whatever happens
        traceback.print_exc()
    finally:
        os._exit(code)


def _in_order(order: dict[str, Any]) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
    """The steps still to take; the kill is meant for the first."""
    steps = order["steps"][order["first"] :]
    return zip(steps, [order["kill"], *[("", 0)] * len(steps)], strict=False)


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
