"""What `microseg verify` does: the data files against what they were when they were written, and their repair."""

from argparse import ArgumentParser, Namespace

from flows.terminal import say, show
from tasks.operation.watching import counting, under_way
from warehouse.settings import Settings


def verify(options: Namespace) -> int:
    """Print what is damaged and what restores it, of the tables and of the exports; 1 when anything is."""
    from tasks.operation.exported import exports_table, read_export_problems
    from tasks.operation.verify import problems_table, read_report

    settings = Settings()
    if options.repair:
        return _repair(settings)
    with under_way("verify"):
        report = read_report(settings, options.quick, counting("verify", "Files read"))
    if report.problems:
        show(problems_table(report.problems))
        return 1  # the exports are made of these
    say(report.line)
    with under_way("verify the exports"):
        exports = read_export_problems(settings, options.quick)
    if exports:
        say()
        show(exports_table(exports))
    return 1 if exports else 0


def _repair(settings: Settings) -> int:
    from tasks.operation.repair import repair
    from tasks.operation.verify import problems_table

    with under_way("repair"):
        done = repair(settings)
    if not done.problems:
        say("Nothing to repair: all files are as they were written.")
        return 0
    show(problems_table(done.problems))
    say(f"\n{len(done.problems)} damaged files are out of the catalog. What they held is made again by:")
    for command in done.commands:
        say(f"  {command}")
    for table in done.lost:
        say(f"{table} lost lines that nothing makes again; they are in the backup.")
    return 0


def add_verify(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="only whether each file is there and as long as it was")
    how.add_argument(
        "--repair",
        action="store_true",
        help="take damaged files out of the tables that raw rows can make again; refused for all others",
    )
