"""What came of the last ``make mutate``: a score by module, and every mutant that no test noticed, with its change.

Run as ``python -m benchmarks.mutants [--survivors] [PATTERN]``; patterns are of mutmut, such as ``model.drift.*``.
"""

import argparse
import subprocess
import sys
from collections import Counter, defaultdict
from fnmatch import fnmatch
from pathlib import Path

MUTMUT = Path(sys.executable).parent / "mutmut"
# A mutant is noticed by a failing test or by a test that never ends.
NOTICED = ("killed", "timeout")
UNTRIED = "not checked"


def mutmut(*arguments: str) -> list[str]:
    """Lines that a command of mutmut prints."""
    done = subprocess.run([MUTMUT, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def read_fates(lines: list[str], pattern: str) -> dict[str, str]:
    """What became of the mutants that were tried, by name, from the lines of ``mutmut results --all true``.

    >>> read_fates(["    model.drift.x_level__mutmut_1: killed", "    model.angles.x__f__mutmut_1: not checked"], "*")
    {'model.drift.x_level__mutmut_1': 'killed'}
    """
    fates = dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)
    return {name: fate for name, fate in fates.items() if fnmatch(name, pattern) and fate != UNTRIED}


def count(fates: dict[str, str]) -> dict[str, Counter[str]]:
    """Mutants by module and fate.

    >>> count({"model.drift.x_level__mutmut_1": "killed", "model.angles.xǁFrameǁ__post_init____mutmut_1": "survived"})
    {'model.drift': Counter({'killed': 1}), 'model.angles': Counter({'survived': 1})}
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, fate in fates.items():
        counts[name.rpartition(".")[0]][fate] += 1
    return dict(counts)


def table(counts: dict[str, Counter[str]]) -> list[str]:
    """A Markdown table with one row per module and one for all."""
    head = ["| module | mutants tried | noticed | survived | no test | score |", "|---|--:|--:|--:|--:|--:|"]
    return head + [row(module, fates) for module, fates in [*counts.items(), ("all", sum(counts.values(), Counter()))]]


def row(module: str, fates: Counter[str]) -> str:
    """One module's row; whatever is neither noticed nor without a test survived.

    >>> row("model.drift", Counter(killed=3, timeout=1, survived=1))
    '| model.drift | 5 | 4 | 1 | 0 | 80 % |'
    """
    tried, noticed, untested = fates.total(), sum(fates[fate] for fate in NOTICED), fates["no tests"]
    score = round(100 * noticed / tried)
    return f"| {module} | {tried} | {noticed} | {tried - noticed - untested} | {untested} | {score} % |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", nargs="?", default="*", help="of the mutants' names, such as 'model.drift.*'")
    parser.add_argument("--survivors", action="store_true", help="show the change of each that no test noticed")
    options = parser.parse_args()
    fates = read_fates(mutmut("results", "--all", "true"), options.pattern)
    if not fates:
        parser.error(f"no mutant {options.pattern} was tried; run `make mutate` first")
    print("\n".join(table(count(fates))))
    for name in [name for name, fate in fates.items() if options.survivors and fate not in NOTICED]:
        print("", *mutmut("show", name), sep="\n")


if __name__ == "__main__":
    main()
