"""Prefect's server for tests: what it would do later of its own accord it leaves, and does not look for it either."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from docket import Worker
from prefect.server.api import server
from prefect.settings import get_current_settings

ROOT = Path(__file__).parents[2]


def create_app() -> Any:
    """Return the server's app, whose worker for the background sleeps instead of asking four times a second."""

    async def sleep(self: Worker) -> None:
        await asyncio.Event().wait()

    Worker.run_forever = sleep  # type: ignore[method-assign]
    return server.create_app()


def start(harness: server.SubprocessASGIServer) -> subprocess.Popen[bytes]:
    """Start it in the place of the harness's own server."""
    app = ["--app-dir", str(ROOT), "--factory", f"{__name__}:{create_app.__name__}"]
    address = ["--host", "127.0.0.1", "--port", str(harness.port)]
    given = get_current_settings().to_environment_variables(exclude_unset=True)
    return subprocess.Popen(
        [sys.executable, "-m", "uvicorn", *app, *address, "--log-level", "error", "--lifespan", "on"],
        env=os.environ | {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"} | given,
    )
