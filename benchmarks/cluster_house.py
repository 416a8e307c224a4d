"""A bank between two nights, with the servers that its nights need, each a process of its own on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg

from benchmarks.cluster_demo import Environment, checksums, microseg, object_store, prefect_server
from tasks.simulator.simulate import simulate
from tests.support.flaky_store import FlakyStore, flaky_store
from tests.support.object_store import client_of
from tests.support.postgres import Cluster, cluster
from tests.tasks.science.conftest import two_month_bank
from warehouse.engines import close_idle

CUSTOMERS = 1_000
FIRST, SECOND = date(2025, 9, 30), date(2025, 12, 31)
KNOWN = """
SELECT path FROM ducklake_data_file UNION ALL SELECT path FROM ducklake_delete_file
UNION ALL SELECT path FROM ducklake_files_scheduled_for_deletion
"""
Checksums = dict[str, tuple[int, int]]


@dataclass
class House:
    """Everything that nights share: servers, the state before the second night, and the tables after it."""

    place: Path
    common: Environment
    postgres: Cluster
    store: FlakyStore
    client: Any
    objects: dict[str, bytes] = field(default_factory=dict)
    after: Checksums = field(default_factory=dict)
    dsn: str = ""
    template: str = ""

    @property
    def environment(self) -> Environment:
        return self.common | {"MICROSEG_HOME": str(self.place / "home"), "MICROSEG_CATALOG": f"postgres:{self.dsn}"}


@contextmanager
def house(place: Path) -> Iterator[House]:
    """Start the servers, run the first night and that of one process, and keep what the second night finds."""
    with ExitStack() as stack:
        (place / "source").mkdir()
        common = {"MICROSEG_SOURCE": f"{place}/source/transactions-*.parquet"}
        common |= {"MICROSEG_REFERENCE": str(place / "reference")}
        two_month_bank(place / "reference")
        simulate(CUSTOMERS, years=1, seed=3, out=place / "bank", last_month=SECOND.replace(day=1))
        common |= stack.enter_context(prefect_server(place))
        shared = stack.enter_context(object_store(place))
        store = stack.enter_context(flaky_store(shared["MICROSEG_S3_ENDPOINT"]))
        client = client_of(shared["MICROSEG_S3_ENDPOINT"])
        postgres = stack.enter_context(cluster(place))
        own = common | shared | {"MICROSEG_S3_ENDPOINT": store.address}
        made = House(place, own, postgres, store, client, dsn=postgres.create_database())
        deliver(place, FIRST)
        alone = common | {"MICROSEG_HOME": str(place / "alone")}
        for environment in (alone, made.environment):
            print(f"the first night of {Path(environment['MICROSEG_HOME']).name} ...", flush=True)
            run(environment, FIRST, check=True)
        deliver(place, SECOND)
        run(alone, SECOND, check=True)
        made.after = checksums(alone)
        close_idle()
        made.template = made.dsn.partition("dbname=")[2].split()[0]
        made.objects = {key: body_of(client, key) for key in keys(client)}
        shutil.copytree(place / "home", place / "template", symlinks=True)
        yield made


def deliver(place: Path, until: date) -> None:
    """Copy the months up to a date to where nights look for them."""
    for month in sorted((place / "bank").glob("transactions-*.parquet")):
        if month.stem <= f"transactions-{until:%Y-%m}":
            shutil.copy(month, place / "source")


def run(environment: Environment, as_of: date, check: bool = False) -> "subprocess.CompletedProcess[str]":
    command = [*microseg(), "run", "--as-of", as_of.isoformat()]
    return subprocess.run(command, env=os.environ | environment, check=check, capture_output=True, text=True)


def restore(house: House) -> None:
    """Put catalog, objects and home back to what they were before the second night."""
    name = f"trial_{token_hex(4)}"
    with psycopg.connect(house.postgres.dsn("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{house.template}"'.encode())
    house.dsn = house.postgres.dsn(name)
    there = keys(house.client)
    for key in there - house.objects.keys():
        house.client.delete_object(Bucket="bank", Key=key)
    for key in house.objects.keys() - there:
        house.client.put_object(Bucket="bank", Key=key, Body=house.objects[key])
    shutil.rmtree(house.place / "home")
    shutil.copytree(house.place / "template", house.place / "home", symlinks=True)


def names(house: House) -> tuple[set[str], set[str]]:
    """Return the names of the objects in the store, and of those that the catalog knows."""
    with psycopg.connect(house.dsn) as catalog:
        known = {path.rpartition("/")[2] for (path,) in catalog.execute(KNOWN).fetchall()}
    # An empty object marks the folder of all data: pyarrow leaves it when it removes a folder below (decision 027).
    return {key.rpartition("/")[2] for key in keys(house.client) if not key.endswith("/")}, known


def keys(client: Any) -> set[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="bank")
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def body_of(client: Any, key: str) -> bytes:
    return bytes(client.get_object(Bucket="bank", Key=key)["Body"].read())
