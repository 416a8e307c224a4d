"""What `microseg maintain` does: let go of old daily rows, merge small files, remove what no snapshot needs."""

from argparse import Namespace

from flows.temporary_server import with_prefect
from flows.terminal import say, show


@with_prefect("flows.maintain", "maintain")
def maintain(_options: Namespace) -> int:
    """Maintain the warehouse in this process, and print what it took before and takes now."""
    from flows.maintain import maintain as run

    done = run()
    show(done.table())
    say(f"\n{done.headline}")
    return 0
