"""Performs steps in processes that may be killed: a parent that has imported everything forks one for each order.

``python -m tests.flows.performers`` reads orders, one line of JSON each, and writes what the child says.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.processes import ROOT


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
    import warehouse.engines
    from tests.flows.below_prefect import go_below
    from tests.flows.moments import Moments

    go_below()
    moments = Moments()
    moments.watch(vars(warehouse.engines))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _perform(moments, json.loads(line))
        _, status = os.waitpid(child, 0)
        _say({"ended": os.waitstatus_to_exitcode(status)})


def _perform(moments: Any, order: dict[str, Any]) -> None:
    from tests.flows.invariants import check_exports, check_published
    from tests.flows.steps import Step, perform
    from warehouse.engines import close_idle
    from warehouse.settings import Settings

    os.environ["MICROSEG_HOME"] = order["home"]
    code = 1
    try:
        for number, (step, kill) in enumerate(_in_order(order), start=order["first"]):
            moments.count(Path(order["home"]), *kill)
            said = perform(Step(*step), number)
            _say({"step": number, "said": said, "moments": dict(moments.reached)})
            check_published(Settings())
            check_exports(Settings())
        close_idle()
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must not go on as its parent, whatever happens
        import traceback

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
