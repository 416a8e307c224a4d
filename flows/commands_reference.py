"""What `microseg reference` does: the plan of a changed reference set, before anything moves."""

from argparse import ArgumentParser, Namespace

from flows.terminal import say, show
from tasks.operation.watching import under_way
from warehouse.settings import Settings


def reference(options: Namespace) -> int:
    """Print what differs between the set on disk and what the warehouse holds, and whom it touches."""
    from tasks.operation.reference_choice import read_configured
    from tasks.operation.reference_plan import read_held, read_plan
    from warehouse.errors import ReferenceSetError
    from warehouse.reference.sets import load_reference

    settings = Settings()
    try:
        on_disk = load_reference(options.reference) if options.reference else read_configured(settings)
    except ReferenceSetError:
        held = read_held(settings)
        classes, codes = len(held.classes), len(held.codes)
        say(f"The warehouse holds {held.name} {held.version[:12]}: {classes} classes, {codes} codes.")
        raise
    with under_way("compare the sets"):
        plan = read_plan(settings, on_disk)
    say(plan.headline)
    for table in plan.tables:
        say()
        show(table)
    if not plan.nothing_differs:
        given = f" --reference {options.reference}" if options.reference else ""
        say(f"\nNothing was changed. `microseg retrain{given}` trains with it and adopts it if the model is not worse;")
        say("until then nightly runs keep using the set that the warehouse holds.")
    return 0


def add_reference(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--reference", help="name or directory of another set; default MICROSEG_REFERENCE")
