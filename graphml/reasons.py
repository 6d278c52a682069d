"""Say in sentences why accounts are flagged."""

import numpy as np
from numpy.typing import NDArray

from graphml.families import Families
from graphml.ring import Reason
from graphml.scorer import Examples, Fitted

__all__ = ["explain"]

_SAID = 4  # reasons an account, at most


def explain(
    examples: Examples, accounts: NDArray[np.int64], position: NDArray[np.int64], model: Fitted | None
) -> dict[int, tuple[Reason, ...]]:
    """Return the reasons of *accounts*, whose latest examples stand at *position*.

    Trees give the features that raise the score most (TreeSHAP; Lundberg et al., 2020) beside the median of all
    judged; rules give the thresholds that were reached.
    """
    from graphml.models.lightgbm import Boosted
    from graphml.models.rules import RulesScorer

    if isinstance(model, RulesScorer):
        return {int(a): model.reasons(examples, int(p)) for a, p in zip(accounts, position, strict=True)}
    if not isinstance(model, Boosted) or not len(accounts):
        return {int(a): () for a in accounts}
    values = examples.features[position]
    share = model.contributions(values)
    known = [bool(np.isfinite(column).any()) for column in examples.features.T]
    peers = [
        float(np.nanmedian(column)) if ok else float("nan")
        for column, ok in zip(examples.features.T, known, strict=True)
    ]
    text = _sentences()
    return {int(a): _top(examples.names, values[i], share[i], peers, text) for i, a in enumerate(accounts)}


def _top(
    names: tuple[str, ...],
    value: NDArray[np.float32],
    share: NDArray[np.float64],
    peers: list[float],
    text: dict[str, str],
) -> tuple[Reason, ...]:
    found = []
    for f in np.argsort(-share, kind="stable")[:_SAID]:
        if share[f] <= 0:
            break
        number = float(value[f])
        said = text.get(names[f], f"{names[f]} is {{value}}").replace("{value}", _short(number))
        found.append(Reason(f"{said} (half of the judged accounts: at most {_short(peers[f])})", number, peers[f]))
    return tuple(found)


def _short(number: float) -> str:
    return "unknown" if not np.isfinite(number) else f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _sentences() -> dict[str, str]:
    return {f.name: f.sentence for f in Families.of().of_accounts}
