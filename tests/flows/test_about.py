"""`microseg --version` and completion: a blink, without anything heavy, and what the shells say to it."""

import shutil
import subprocess
import sys

import duckdb
import pytest

from flows.cli import WITH_JSON, build_parser, main
from tests.flows.test_cli import HEAVY

PRINT_MODULES = """
import sys
from flows.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""
ASK = """
source {script}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_shtab_microseg; printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def test_versions_in_a_blink() -> None:
    command = [sys.executable, "-c", PRINT_MODULES, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = dict(line.split() for line in done.stdout.splitlines())
    assert list(lines) == ["microseg", "duckdb", "ducklake"]
    assert lines["duckdb"] == duckdb.__version__
    assert all(version[0].isdigit() for version in lines.values())
    assert {*HEAVY, "numpy", "rich", "shtab"} & set(done.stderr.split()) == set()


def script_of(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_every_command_is_completed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = script_of(shell, capsys)
    (commands,) = [action for action in build_parser()._actions if action.dest == "command"]
    assert commands.choices is not None
    assert [name for name in commands.choices if name not in script] == []
    if found := shutil.which(shell):
        subprocess.run([found, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("microseg back", {"backfill"}),
        ("microseg backfill --every ''", {"month", "week", "day"}),
        ("microseg explain --j", {"--json"}),
        ("microseg backfill --wh", {"--which"}),
    ],
)
def test_bash_completes(words: str, wanted: set[str], tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    script = f"{tmp_path}/completion.bash"
    with open(script, "w", encoding="utf-8") as file:
        file.write(script_of("bash", capsys))
    asked = ASK.format(script=script, words=words)
    done = subprocess.run(["bash", "--norc", "-c", asked], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == wanted


@pytest.mark.parametrize("command", WITH_JSON)
def test_who_prints_json_can_be_quiet(command: str) -> None:
    required = {"explain": ["anna"]}.get(command, [])
    options = build_parser().parse_args([command, *required, "--json", "--quiet"])
    assert options.json
    assert options.quiet
