"""The same network in plain PyTorch; runs in any environment with torch and numpy, and imports nothing of ours."""

from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]

from benchmarks.measure import Case, timed

EPOCHS = 10


class Network(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    def __init__(self, classes: int, units: int, traits: int) -> None:
        super().__init__()
        self.lstm = torch.nn.LSTM(classes, units, batch_first=True)
        self.readout = torch.nn.Linear(units, traits, bias=False)

    def forward(self, x: Any) -> Any:
        states, _ = self.lstm(x)
        return torch.sigmoid(self.readout(states))


def loaded(case: Case) -> tuple[Network, Any, Any]:
    arrays = np.load(Path(case.scratch) / "network.npz")
    given = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
    network = Network(given["x"].shape[2], *given["readout"].shape)
    with torch.no_grad():
        network.lstm.weight_ih_l0.copy_(given["kernel"].T)
        network.lstm.weight_hh_l0.copy_(given["recurrent"].T)
        network.readout.weight.copy_(given["readout"].T)
        network.lstm.bias_ih_l0.zero_()
        network.lstm.bias_hh_l0.zero_()
    return network, given["x"], given["y"]


def inference(case: Case) -> dict[str, Any]:
    network, x, _ = loaded(case)
    with torch.no_grad():
        network(x[:4096])
        return timed(lambda: float(network(x).mean()))


def training(case: Case) -> dict[str, Any]:
    """Adam, batches of 256, the penalty of the input weights: the steps of ours, for a fixed number of epochs."""
    network, x, y = loaded(case)
    optimizer, loss = torch.optim.Adam(network.parameters(), lr=0.01), torch.nn.BCELoss()
    scaled = x / x.std(dim=(0, 1))

    def work() -> int:
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(x)).split(256):
                optimizer.zero_grad()
                penalty = 1e-3 * network.lstm.weight_ih_l0.square().sum()
                (loss(network(scaled[rows]), y[rows]) + penalty).backward()
                optimizer.step()
        return EPOCHS

    return timed(work)
