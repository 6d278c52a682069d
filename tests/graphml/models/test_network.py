import numpy as np
import pytest

from graphml.models._network import Encoding, batches, ports
from graphml.scorer import Examples
from graphml.window import DAY, HOUR
from tests import toy


@pytest.mark.parametrize("seed", range(10))
def test_ports_equal_a_walk_over_the_rows_and_never_change_later(seed: int) -> None:
    graph = toy.graph(toy.random_rows(seed))
    met: dict[int, list[int]] = {}
    expected = []
    for a, b in zip(graph.target.tolist(), graph.source.tolist(), strict=True):
        known = met.setdefault(a, [])
        if b not in known:
            known.append(b)
        expected.append(known.index(b))
    assert ports(graph.target, graph.source).tolist() == expected
    assert ports(graph.target[:20], graph.source[:20]).tolist() == expected[:20]


def test_statistics_come_from_training_and_unknown_names_share_number_zero() -> None:
    graph = toy.graph([(0, 1, 0.0, 5.0), (1, 2, 1.0, 5.0)])  # ACH on day 0, Wire on day 1
    at = np.array([toy.START + DAY], np.int64)
    train = Examples(
        np.zeros(1, np.int32),
        at,
        np.ones(1, np.int8),
        np.zeros(1, np.int64),
        np.full((1, 1), 7, np.float32),
        ("x",),
        np.zeros(1, np.int32),
    )
    encoding = Encoding.of(graph, train)
    assert encoding.formats == ("ACH",)
    assert encoding.features(np.array([[7.0], [np.nan], [1e9]], np.float32)).ravel().tolist() == [0.0, -5.0, 5.0]
    late = Examples(
        np.array([2], np.int32), at + 2 * DAY, train.label, train.known, train.features, ("x",), train.group
    )
    (batch,) = batches(graph, late, np.arange(1), encoding, ((5, 5), 8))
    assert batch.format.tolist() == [0, 1, 0]  # Wire; then from account 1 ACH, and Wire backwards
    assert batch.back.tolist() == [False, False, True]
    assert batch.numbers[0, 3] == pytest.approx(np.log1p(2 * DAY / HOUR))
