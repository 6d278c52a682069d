"""Score by a graph neural network over the directed multigraph (ideas: Egressy et al., 2024; reverse messages, ports)."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from graphml.elementary import logistic
from graphml.graph import TransactionGraph
from graphml.metrics import average_precision
from graphml.models._network import Batch, Encoding, Network, batches
from graphml.scorer import Examples

__all__ = ["SCORER", "GNNScorer", "Trained"]

_LOG = logging.getLogger(__name__)
_THREADS = 2  # as many as trees have


@dataclass(frozen=True, slots=True)
class GNNScorer:
    """Fit on seeded samples of train, keep the epoch with the best average precision on choose."""

    hidden: int = 64
    fan_out: tuple[int, ...] = (5, 3)  # latest neighbours per hop, in each direction
    epochs: int = 8  # at most
    patience: int = 2  # epochs without gain
    batch: int = 1_024  # accounts
    rate: float = 3e-3  # learning rate, Adam
    weight: float = 6.0  # of a positive
    negatives: float = 10.0  # for each positive, drawn again each epoch
    least: int = 4_000  # negatives an epoch, where there are that many
    most: int = 10_000  # choose examples looked at for stopping: all positives, negatives by seed
    device: str = "auto"  # auto, cpu, cuda

    name = "gnn"
    needs_labels = True
    chooses = True

    def fit(self, graph: TransactionGraph, train: Examples, choose: Examples, seed: int) -> "Trained":
        """Return the network of the best epoch; the same seed gives the same bytes on any CPU (docs/adr/0026)."""
        encoding = Encoding.of(graph, train)
        device, rng = _device(self.device), np.random.default_rng(seed)
        told = torch.backends.cpu.get_cpu_capability(), os.environ["MKL_CBWR"]
        if device.type == "cpu" and told != ("DEFAULT", "COMPATIBLE"):
            _LOG.warning(
                "The network's weights depend on this processor. For the same weights on every one import graphml.models "
                "before torch, and set neither ATEN_CPU_CAPABILITY nor MKL_CBWR."
            )
        watch = choose.take(_some(choose.label, self.most, rng))
        with torch.random.fork_rng(), _repeatable(device):
            torch.manual_seed(seed)
            net = Network(encoding.shape, self.hidden, len(self.fan_out)).to(device)
            optimiser = torch.optim.Adam(net.parameters(), lr=self.rate)
            best, kept, waited = -1.0, _state(net), 0
            for epoch in range(self.epochs):
                count = max(self.least, round(self.negatives * int((train.label == 1).sum())))
                chosen = rng.permutation(_some(train.label, count, rng))
                self._epoch(net, optimiser, batches(graph, train, chosen, encoding, (self.fan_out, self.batch)))
                ap = average_precision(watch.label, Trained(self, encoding, _state(net)).score(graph, watch))
                _LOG.info("epoch %d: average precision %.4f on choose", epoch + 1, ap)
                waited += 1
                if ap > best:
                    best, kept, waited = ap, _state(net), 0
                if waited >= self.patience:
                    break
        return Trained(self, encoding, kept)

    def _epoch(self, net: Network, optimiser: torch.optim.Optimizer, stream: Iterator[Batch]) -> None:
        device = next(net.parameters()).device
        loss_of = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(self.weight, device=device))
        net.train()
        for batch in stream:
            optimiser.zero_grad()
            there = batch.to(device)
            loss_of(net(there), there.label).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()

    def load(self, folder: Path) -> "Trained":
        """Return the network saved in *folder*."""
        note = json.loads((folder / "gnn.json").read_text(encoding="utf-8"))
        how = GNNScorer(**{**note["how"], "fan_out": tuple(note["how"]["fan_out"])})
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            weights = {key: arrays[key] for key in arrays.files}
        mean, scale = weights.pop("feature_mean"), weights.pop("feature_scale")
        encoding = Encoding(tuple(note["names"]), mean, scale, tuple(note["currencies"]), tuple(note["formats"]))
        return Trained(how, encoding, weights)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """Hold the weights of a network and how its input is encoded."""

    how: GNNScorer
    encoding: Encoding
    weights: dict[str, NDArray[np.float32]]

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:
        """Return (M,) probabilities from neighbourhoods strictly before each example's instant."""
        device = _device(self.how.device)
        with torch.random.fork_rng():
            net = Network(self.encoding.shape, self.how.hidden, len(self.how.fan_out)).to(device)
        net.load_state_dict({key: torch.from_numpy(value) for key, value in self.weights.items()})
        net.eval()
        order = np.arange(len(examples))
        size = self.how.fan_out, self.how.batch
        with torch.no_grad(), _repeatable(device):
            stream = batches(graph, examples, order, self.encoding, size)
            odds = np.concatenate([np.zeros(0), *(net(b.to(device)).double().cpu().numpy() for b in stream)])
        return logistic(odds)

    def save(self, folder: Path) -> None:
        """Write weights as npz without pickle, the rest as JSON."""
        e = self.encoding
        arrays: dict[str, Any] = {"feature_mean": e.mean, "feature_scale": e.scale, **self.weights}
        np.savez(folder / "weights.npz", **arrays)
        note = {"how": asdict(self.how), "names": e.names, "currencies": e.currencies, "formats": e.formats}
        (folder / "gnn.json").write_text(json.dumps(note, sort_keys=True), encoding="utf-8")


def _some(label: NDArray[np.int8], negatives: int, rng: np.random.Generator) -> NDArray[np.int64]:
    clean = np.flatnonzero(label == 0)
    clean = rng.choice(clean, min(negatives, len(clean)), replace=False)
    return np.sort(np.concatenate([np.flatnonzero(label == 1), clean]))


def _state(net: Network) -> dict[str, NDArray[np.float32]]:
    return {key: value.detach().cpu().numpy().copy() for key, value in net.state_dict().items()}


@contextmanager
def _repeatable(device: torch.device) -> Iterator[None]:
    # Gradients of indexed rows are added by several threads at once, in any order, unless torch is told otherwise; and
    # sums are split among threads, so there are as many on every machine.
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    threads = torch.get_num_threads()
    torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
    torch.set_num_threads(_THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(before, warn_only=warned)


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


SCORER = GNNScorer()
