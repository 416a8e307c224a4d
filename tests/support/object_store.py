"""An object store of the tests' own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

KEY, SECRET, REGION = "AKIAMICROSEG", "a/secret+key", "us-east-1"


@contextmanager
def object_store() -> Iterator[str]:
    """Run an empty store for the length of a ``with`` block; yield its host and port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # All stores of a process share what they hold, also those that were stopped before this one.
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    try:
        yield f"{host}:{port}"
    finally:
        server.stop()


def client_of(address: str) -> Any:
    """Return a client of the store at an address."""
    access = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
    return boto3.client("s3", endpoint_url=f"http://{address}", region_name=REGION, **access)


def settings_of(address: str) -> dict[str, Any]:
    """Return the settings of a warehouse that reads and writes there."""
    return {
        "s3_endpoint": address,
        "s3_region": REGION,
        "s3_key_id": KEY,
        "s3_secret": SECRET,
        "s3_use_ssl": False,
    }
