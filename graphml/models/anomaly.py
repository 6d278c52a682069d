"""Score by how easily an account is told apart from the rest (isolation forest: Liu et al., 2008); no labels."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from graphml.elementary import power
from graphml.graph import TransactionGraph
from graphml.scorer import Examples

__all__ = ["SCORER", "AnomalyScorer", "Forest"]


@dataclass(frozen=True, slots=True)
class AnomalyScorer:
    """Fit a forest on a seeded sample of the training examples."""

    trees: int = 100
    sample: int = 256  # examples a tree
    kept: int = 4_096  # training examples kept, at most

    name = "anomaly"
    needs_labels = False
    chooses = False

    def fit(self, graph: TransactionGraph, train: Examples, choose: Examples, seed: int) -> "Forest":  # noqa: ARG002
        """Return the forest."""
        rng = np.random.default_rng(seed)
        index = np.sort(rng.choice(len(train), min(self.kept, len(train)), replace=False))
        return Forest(self, _clean(train.features[index]), seed)

    def load(self, folder: Path) -> "Forest":
        """Return the forest: refitted from the kept sample and seed, for its own format is pickle."""
        note = json.loads((folder / "anomaly.json").read_text(encoding="utf-8"))
        sample = np.load(folder / "sample.npy", allow_pickle=False)
        return Forest(AnomalyScorer(**note["how"]), sample, note["seed"])


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Hold a forest with what it takes to grow it again."""

    how: AnomalyScorer
    sample: NDArray[np.float32]  # (S, F)
    seed: int
    _forest: IsolationForest = field(init=False)

    def __post_init__(self) -> None:
        size = min(self.how.sample, len(self.sample))
        forest = IsolationForest(n_estimators=self.how.trees, max_samples=size, random_state=self.seed, n_jobs=1)
        object.__setattr__(self, "_forest", forest.fit(self.sample))

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:  # noqa: ARG002
        """Return (M,) anomaly in [0, 1]; 0.5 is usual, 1 is alone."""
        if not len(examples):
            return np.zeros(0)
        values, depth = _clean(examples.features), np.zeros(len(examples))
        for grown in self._forest.estimators_:
            depth += _depths(grown.tree_)[grown.tree_.apply(values)]
        usual = len(self._forest.estimators_) * _expected(self._forest.max_samples_)
        return np.asarray(power(2.0, -depth / usual), np.float64)

    def save(self, folder: Path) -> None:
        """Write the sample and the parameters."""
        np.save(folder / "sample.npy", self.sample, allow_pickle=False)
        note = {"how": asdict(self.how), "seed": self.seed}
        (folder / "anomaly.json").write_text(json.dumps(note, sort_keys=True), encoding="utf-8")


def _depths(tree: Any) -> NDArray[np.float64]:
    # (nodes,) how deep each node lies, and how much deeper its samples would on average; a parent comes before its children.
    depth = np.zeros(tree.node_count)
    for parent, children in enumerate(zip(tree.children_left.tolist(), tree.children_right.tolist(), strict=True)):
        for child in children:
            if child >= 0:
                depth[child] = depth[parent] + 1.0
    return np.asarray(depth + [_expected(count) for count in tree.n_node_samples.tolist()], np.float64)


def _expected(count: int) -> float:
    # How deep one of so many samples lies on average, as Liu et al. have it. Scikit-learn's own takes NumPy's logarithms
    # and powers, whose last bit depends on the processor.
    if count <= 2:
        return max(count - 1.0, 0.0)
    return 2.0 * (math.log(count - 1.0) + np.euler_gamma) - 2.0 * (count - 1.0) / count


def _clean(features: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.nan_to_num(features, nan=-1.0, posinf=3e38, neginf=-3e38), np.float32)


SCORER = AnomalyScorer()
