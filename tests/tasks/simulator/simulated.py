"""Reads what the simulator wrote."""

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.simulator.simulate import SimulationSummary

CUSTOMERS = 40


def rows_of(summary: SimulationSummary) -> pa.Table:
    files = sorted(summary.out.glob("*.parquet"))
    return pa.concat_tables([pq.read_table(file) for file in files])
