"""Compare the features of snapml's Graph Feature Preprocessor with ours where both mean the same.

The peer looks at what was inserted so far, the payment itself among it, in the order of rows; ours at what is strictly
earlier. So payments get an instant of their own each, a second apart, and are inserted one by one. Then:

- vertex statistics of the end that the payment is not counted for (the payer's incoming, the payee's outgoing) are
  equal; for the other end number and sum are, once the payment itself is taken off, and the counterparties are equal
  or one more. Its memory forgets what is older than the row before less the window, so a window w of ours is w - 1.
- degree patterns are our number of payments and one, fan patterns our counterparties and none or one (window w + 1;
  it tells no pattern of the size nought).
- its variance comes from a running sum of squares, which drifts: where it differs, ours is held against the definition.
- a temporal cycle of the peer is one of accounts, ours of payments, so the shortest are equal and ours are no fewer;
  up to 6 payments.
- the peer's scatter-gather asks for no order of time, ours for ways in rising time: ours is never larger.
- length-constrained simple cycles follow no order of time: we have none.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.features.apart import answer
from experiments.features.equal import agreement, different
from experiments.features.gfp import OFF, run, save
from experiments.features.payments import load
from experiments.features.worlds import graph_of
from graphml.families import Families
from graphml.features.path import Path as Paths
from graphml.graph import TransactionGraph
from graphml.window import SECOND

__all__ = ["measure"]

_STATS = {0: "parties", 1: "count", 3: "mean", 4: "sum", 5: "smallest", 6: "largest", 8: "deviation"}
_WINDOW = 3_600  # seconds, hence payments
_SIDES = (("payer", "out"), ("payer", "in"), ("payee", "out"), ("payee", "in"))  # in the peer's order
_LONGEST = 6
_DRIFT = "drift "
Values = NDArray[np.float64]  # (E,) or (E, columns)


def measure(ledger: str, python: str, rows: int) -> dict[str, Any]:
    """Return in how many rows each feature differs, of the first *rows* that are not to oneself."""
    graph = load(ledger)
    graph = graph_of(graph, np.flatnonzero(graph.source != graph.target)[:rows])
    graph = replace(graph, time=np.arange(len(graph), dtype=np.int64) * SECOND)
    unequal: dict[str, int] = {}
    with TemporaryDirectory() as folder:
        payments, out = Path(folder) / "payments.npz", Path(folder) / "out.npy"
        save(graph, payments)

        def gfp(**params: object) -> Values:
            asked = {"payments": str(payments), "batch": 1, "limit": 1e6, "out": str(out)}
            found = run(python, {**asked, "params": {**OFF, "num_threads": 1, **params}})
            if "failed" in found:
                raise RuntimeError(found["failed"])
            return np.asarray(np.load(out), np.float64)

        for name, wrong in (*_statistics(graph, gfp), *_patterns(graph, gfp), *_ways(graph, gfp)):
            unequal[name] = int(wrong.sum())
    drift = {name.removeprefix(_DRIFT): unequal.pop(name) for name in list(unequal) if name.startswith(_DRIFT)}
    return {**agreement(unequal, len(graph)), "rows_in_which_the_peer_has_drifted": drift}


def _columns(families: Families, graph: TransactionGraph) -> dict[str, Values]:
    values = families.transactions(graph)
    return {f.name: values[:, i].astype(np.float64) for i, f in enumerate(families.of_transactions)}


def _statistics(graph: TransactionGraph, gfp: Any) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    width = _WINDOW - 1
    wanted = {"vertex_stats_cols": [4], "vertex_stats_feats": list(_STATS)}
    told = gfp(time_window=width, vertex_stats=True, vertex_stats_tw=width, **wanted)
    mine = _columns(Families.of(["activity"]), graph)
    for i, (end, side) in enumerate(_SIDES):
        itself = (end == "payer") == (side == "out")
        for j, kind in enumerate(_STATS.values()):
            name, value = f"{end}_{side}_{kind}_1h", told[:, i * len(_STATS) + j]
            if itself and kind in ("mean", "smallest", "largest", "deviation"):
                continue
            if itself and kind == "parties":
                yield f"vertex {name} (or one more)", ~np.isin(value - mine[name], (0, 1))
            elif kind == "deviation":
                variance = np.nan_to_num(mine[name]) ** 2
                wrong = _far(variance, value, mine[f"{end}_{side}_mean_1h"])
                yield from _drifted(graph, name, (end, side), wrong, variance)
            else:
                less = (graph.value if kind == "sum" else 1.0) if itself else 0.0
                wrong = different(kind, np.nan_to_num(mine[name]), value - less)
                if kind == "sum":
                    yield from _drifted(graph, name, (end, side), wrong, np.nan_to_num(mine[name]))
                else:
                    yield f"vertex {name}", wrong


def _far(one: Values, other: Values, mean: Values) -> NDArray[np.bool_]:
    return np.asarray(np.abs(one - other) > 1e-5 * np.abs(other) + 1e-9 * np.nan_to_num(mean) ** 2 + 1e-6)


def _drifted(
    graph: TransactionGraph, name: str, at: tuple[str, str], wrong: NDArray[np.bool_], told: Values
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    # The peer keeps running sums, which drift and fall below nought; so where it is *wrong*, ask the definition.
    off = np.zeros(len(graph), np.bool_)
    mine = graph.source if at[0] == "payer" else graph.target
    other = graph.source if at[1] == "out" else graph.target
    for row in np.flatnonzero(wrong).tolist():
        since = max(0, row - _WINDOW)
        values = graph.value[since:row][other[since:row] == mine[row]]
        exact = float(np.var(values) if name.endswith("deviation_1h") and len(values) else values.sum())
        off[row] = _far(told[row : row + 1], np.array([exact]), np.zeros(1))[0]
    yield f"vertex {name}, where ours is off its definition", off
    yield f"{_DRIFT}{name}", wrong & ~off


def _patterns(graph: TransactionGraph, gfp: Any) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    sizes = list(range(1, len(graph) + 1))
    mine = _columns(Families.of(["activity"]), graph)
    for pattern, kind, room in (("degree", "count", (1,)), ("fan", "parties", (0, 1))):
        most = sizes[: int(max(mine[f"payee_in_{kind}_1h"].max(), mine[f"payer_out_{kind}_1h"].max())) + 2]
        wanted = {pattern: True, f"{pattern}_tw": _WINDOW + 1, f"{pattern}_bins": most}
        told = gfp(time_window=2 * _WINDOW, **wanted)
        for i, side in enumerate(("payee_in", "payer_out")):
            size = _largest(told[:, i * len(most) : (i + 1) * len(most)], 1)
            # It calls one counterparty no fan and one payment no degree.
            yield f"{pattern} {side}", (size > 0) & ~np.isin(size - mine[f"{side}_{kind}_1h"], room)


def _ways(graph: TransactionGraph, gfp: Any) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    every, bins = 10 * len(graph), list(range(2, len(graph) + 2))[:500]
    span = every * SECOND
    mine = _columns(Families((Paths(window=span, gap=span, hub_limit=len(graph)),)), graph)
    cycles = gfp(**{"time_window": every, "temp-cycle": True, "temp-cycle_tw": every, "temp-cycle_bins": bins})
    near = cycles[:, : _LONGEST - 1]
    shortest = np.where(near.any(1), (near > 0).argmax(1) + 2, 0)
    yield "shortest temporal cycle", shortest != mine["closes_return_length"]
    yield "temporal cycles (ours no fewer)", near.sum(1) > mine["closes_return"]
    wanted = {"scatter-gather": True, "scatter-gather_tw": every, "scatter-gather_bins": bins}
    gather = _largest(gfp(time_window=every, **wanted), 2)
    yield "scatter-gather (ours no larger)", mine["closes_scatter_gather"] > gather


def _largest(histogram: Values, first: int) -> Values:
    last = histogram.shape[1] - 1 - (histogram[:, ::-1] > 0).argmax(1)
    return np.where(histogram.any(1), last + first, 0).astype(np.float64)


if __name__ == "__main__":
    answer(measure)
