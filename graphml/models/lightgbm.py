"""Score by boosted trees on as-of features (LightGBM: Ke et al., 2017)."""

from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from graphml.graph import TransactionGraph
from graphml.scorer import Examples

__all__ = ["SCORER", "Boosted", "LightGBMScorer", "train_trees"]


@dataclass(frozen=True, slots=True)
class LightGBMScorer:
    """Fit trees on train.

    Their number is fixed: where few launder, average precision on a short time jumps, and to stop by it is chance.
    """

    rounds: int = 150  # trees, at most where `train_trees` may stop earlier
    patience: int = 60  # rounds without gain until it does
    rate: float = 0.03  # learning rate
    leaves: int = 15
    least: int = 20  # examples in a leaf
    features: float = 0.5  # share of the features that a tree sees
    ridge: float = 10.0  # penalty on the squares of leaf values
    weight: float = 3.0  # of a positive; a middle between worlds, not the inverse frequency
    categories: tuple[str, ...] = ()  # features whose numbers have no order
    threads: int = 2

    name = "lightgbm"
    needs_labels = True
    chooses = False

    def fit(self, graph: TransactionGraph, train: Examples, choose: Examples, seed: int) -> "Boosted":  # noqa: ARG002
        """Return the trees."""
        return Boosted(train_trees(self, (train.features, train.label), None, train.names, seed), train.names)

    def load(self, folder: Path) -> "Boosted":
        """Return the trees saved in *folder*."""
        booster = lightgbm.Booster(model_str=(folder / "model.txt").read_text(encoding="utf-8"))
        return Boosted(booster, tuple(booster.feature_name()))


def train_trees(
    how: LightGBMScorer,
    train: tuple[NDArray[np.float32], NDArray[np.int8]],
    choose: tuple[NDArray[np.float32], NDArray[np.int8]] | None,
    names: tuple[str, ...],
    seed: int,
) -> lightgbm.Booster:
    """Return a booster fitted on *train* (features, labels), cut at its best round on *choose*; same seed, same text.

    Without *choose* it has all its rounds.
    """
    parameters = {
        "objective": "binary", "metric": "average_precision", "learning_rate": how.rate, "num_leaves": how.leaves,
        "min_data_in_leaf": how.least, "scale_pos_weight": how.weight, "feature_fraction": how.features, "lambda_l2": how.ridge,
        "bagging_fraction": 0.8, "bagging_freq": 1, "num_threads": how.threads, "deterministic": True,
        "force_row_wise": True, "seed": seed, "verbose": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(
        train[0], train[1], feature_name=list(names), categorical_feature=list(how.categories), params=parameters,
        free_raw_data=False,
    )  # fmt: skip
    if choose is None:
        booster = lightgbm.train(parameters, data, how.rounds)
    else:
        valid = lightgbm.Dataset(choose[0], choose[1], reference=data, params=parameters)
        stop = lightgbm.early_stopping(how.patience, verbose=False)
        booster = lightgbm.train(parameters, data, how.rounds, valid_sets=[valid], callbacks=[stop])
    # Read back from text, so that a fitted and a loaded model are the same thing to the byte.
    return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=booster.best_iteration))


@dataclass(frozen=True, slots=True, eq=False)
class Boosted:
    """Hold fitted trees."""

    booster: lightgbm.Booster
    names: tuple[str, ...]  # F features, in order

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:  # noqa: ARG002
        """Return (M,) probabilities; the features carry all that is used of the graph.

        Raises:
            ParameterError: the features are not those that the trees know.
        """
        if examples.names != self.names:
            missing = sorted(set(self.names) ^ set(examples.names))
            raise ParameterError(f"The features differ from those of training: {missing}. Compute the same families.")
        return self.predict(examples.features)

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability (M,) of each row of features (M, F)."""
        if not len(features):
            return np.zeros(0)
        return np.asarray(self.booster.predict(features, num_threads=2), np.float64)

    def raw(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the log odds (M,) of each row of features (M, F)."""
        if not len(features):
            return np.zeros(0)
        return np.asarray(self.booster.predict(features, raw_score=True, num_threads=2), np.float64)

    def contributions(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return TreeSHAP values (M, F) in log odds, without the base value (Lundberg et al., 2020)."""
        return np.asarray(self.booster.predict(features, pred_contrib=True, num_threads=2), np.float64)[:, :-1]

    def save(self, folder: Path) -> None:
        """Write LightGBM's own text."""
        (folder / "model.txt").write_text(self.booster.model_to_string(), encoding="utf-8")


SCORER = LightGBMScorer()
