"""`python -m flows.tethered PARENT SOCKET`: a Prefect server that ends when its parent is gone."""

import os
import signal
import socket
import sys
from threading import Thread
from time import sleep

LOOK_SECONDS = 0.5
GRACE_SECONDS = 10


def end_with(parent: int) -> None:
    """Wait until this process has another parent, then end it.

    A parent that is killed tells nobody, and the system gives its children to another process.

    Args:
        parent: Process id.
    """
    while os.getppid() == parent:
        sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(GRACE_SECONDS)
    os._exit(1)


def serve(listening: socket.socket) -> None:
    """Serve Prefect's API on a socket that listens already."""
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(create_app, factory=True, log_level="error", lifespan="on")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    serve(socket.socket(fileno=int(sys.argv[2])))
