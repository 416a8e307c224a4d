"""pytorch-lifestream: each customer's bookings as a sequence, an encoder trained with CoLES, an embedding each.

Slices, batches and learning rate are those of the library's own first example of CoLES; the network is a quarter as
wide and has fewer epochs, which is to its advantage here: with 256 units, 1,000 customers were not trained within ten
minutes on a busy machine.
"""

from functools import partial
from importlib import import_module
from importlib.metadata import version
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import THREADS, fresh_state, measured

EPOCHS, DIMENSIONS, BATCH = 3, 64, 64


def first(case: Case) -> dict[str, Any]:
    """Prepare, train and infer; return how many customers have an embedding, of how many dimensions."""
    start = perf_counter()
    import lightning_fabric
    import torch

    import_all()
    torch.set_num_threads(THREADS)
    lightning_fabric.seed_everything(0)
    place = fresh_state(case, "features-lifestream")

    def work() -> dict[str, int]:
        sequences = read_sequences(case)
        encoder = trained(sequences, place)
        embeddings = infer(encoder, sequences)
        return {"customers": len(embeddings), "dimensions": int(embeddings.shape[1])}

    return measured(work, start, version=version("pytorch-lifestream"), epochs=EPOCHS)


def import_all() -> None:
    """Import before the work what is imported in it."""
    for name in ("ptls.frames.coles", "ptls.nn", "ptls.preprocessing", "pytorch_lightning"):
        import_module(name)


def read_sequences(case: Case) -> list[dict[str, Any]]:
    """Return a dictionary of tensors for each customer: time, class and amount of the bookings."""
    import pandas as pd
    from ptls.preprocessing import PandasDataPreprocessor

    columns = ["customer_key", "booked_on", "class_id", "amount"]
    rows = pd.read_parquet(case.options["rows"], columns=columns)
    rows = rows[rows["class_id"].notna()].astype({"amount": "float32", "class_id": "int16"})
    rows["booked_on"] = pd.to_datetime(rows["booked_on"])
    preprocessor = PandasDataPreprocessor(
        col_id="customer_key",
        col_event_time="booked_on",
        event_time_transformation="dt_to_timestamp",
        cols_category=["class_id"],
        cols_numerical=["amount"],
    )
    sequences: list[dict[str, Any]] = preprocessor.fit_transform(rows)
    return sequences


def trained(sequences: list[dict[str, Any]], place: Any) -> Any:
    """Train with CoLES: slices of one customer lie close, those of others apart."""
    import pytorch_lightning as lightning
    import torch
    from ptls.data_load.datasets import MemoryMapDataset
    from ptls.frames import PtlsDataModule
    from ptls.frames.coles import ColesDataset, CoLESModule
    from ptls.frames.coles.split_strategy import SampleSlices
    from ptls.nn import RnnSeqEncoder, TrxEncoder

    classes = int(max(sequence["class_id"].max() for sequence in sequences)) + 1
    transactions = TrxEncoder(
        embeddings_noise=0.003,
        numeric_values={"amount": "log"},
        embeddings={"class_id": {"in": classes, "out": 32}},
    )
    encoder = RnnSeqEncoder(trx_encoder=transactions, hidden_size=DIMENSIONS, type="gru")
    module = CoLESModule(
        seq_encoder=encoder,
        optimizer_partial=partial(torch.optim.Adam, lr=0.001),
        lr_scheduler_partial=partial(torch.optim.lr_scheduler.StepLR, step_size=30, gamma=0.9),
    )
    slices = SampleSlices(split_count=5, cnt_min=25, cnt_max=200)
    data = ColesDataset(MemoryMapDataset(sequences), splitter=slices)
    loaded = PtlsDataModule(train_data=data, train_num_workers=0, train_batch_size=BATCH)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        default_root_dir=str(place),
    )
    trainer.fit(module, loaded)
    return module.seq_encoder


def infer(encoder: Any, sequences: list[dict[str, Any]]) -> Any:
    """Return an embedding for each customer, (n, dimensions)."""
    import torch
    from ptls.data_load.datasets import MemoryMapDataset, inference_data_loader

    encoder.eval()
    batches = inference_data_loader(MemoryMapDataset(sequences), num_workers=0, batch_size=BATCH)
    with torch.no_grad():
        return torch.cat([encoder(batch) for batch in batches])
