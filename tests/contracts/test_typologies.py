"""Ask of every typology what the port promises."""

from dataclasses import replace

import numpy as np
import pytest

from graphml import registry
from graphml.people import Contact, People
from graphml.ring import ROLES
from graphml.typology import Typology
from graphml.window import DAY
from tests import toy

NAMES = registry.names("graphml.typologies")
N = 14
PEOPLE = People(
    np.arange(N, dtype=np.int32) % 4, np.arange(N, dtype=np.int32), np.ones(N, np.bool_),
    (Contact("device", (1, 2, 3, 4, 5), (1, 2, 3, 4, 5)),),
)  # fmt: skip


def _rows(seed: int) -> list[toy.Row]:
    """Return random rows, and among them shapes that chance hardly makes; seeds take turns."""
    rng = np.random.default_rng(seed)
    rows = toy.random_rows(seed, n=12, rows=40 if seed % 2 else 120, days=20)
    day, a, b, c, d = float(rng.integers(6, 9)), *(int(i) for i in rng.permutation(12)[:4])
    shapes = (
        [
            *((b, a, day, 9000.0), (c, a, day + 0.2, 9500.0), (d, a, day + 0.4, 9900.0)),  # just below a limit
            *((a, 12, day + 2, 800.0), (12, 13, day + 2.5, 700.0), (13, b, day + 2.9, 600.0)),  # 12, 13 do nothing else
        ],
        [(12, a, day, 900.0), (12, b, day, 900.0), (a, 13, day + 1, 890.0), (b, 13, day + 1, 880.0)],
        [(b, 12, day, 500.0), (12, c, day + 0.5, 250.0), (12, d, day + 0.6, 240.0)],  # 12 was silent
        [(x, y, day + z, 800.0) for x, y, z in ((a, 12, 0.0), (a, 13, 0.1), (b, 12, 0.2), (b, 13, 0.3))]
        + [(x, y, day + 1 + z, 800.0) for x, y, z in ((12, c, 0.0), (13, c, 0.1), (12, d, 0.2), (13, d, 0.3))],
        [(x, y, day + i / 10, 5000.0) for i, (x, y) in enumerate(((a, 12), (b, 12), (c, 13), (d, 13)))]
        + [(12, a if a < 12 else 0, day + 1, 9900.0), (13, a, day + 1.1, 9800.0)],
        [(x, y, day - i / 10, 5000.0) for i, (x, y) in enumerate(((12, a), (12, b), (13, c), (13, d)))]
        + [(a, 12, day - 1, 9900.0), (a, 13, day - 1.1, 9800.0)],
    )
    return rows + list(shapes[seed % len(shapes)])


@pytest.mark.parametrize("name", NAMES)
def test_instances_keep_to_the_view_and_do_not_see_the_future(name: str) -> None:
    typology = registry.plugin("graphml.typologies", name, "TYPOLOGY")
    assert isinstance(typology, Typology)
    assert typology.name == name
    assert isinstance(typology.find(toy.graph([(0, 1, 0.0, 1.0)])).rings, tuple)
    assert typology.find(toy.graph([(0, 1, 0.0, 1.0)]).before(toy.START)).rings == ()
    typology = replace(typology, window=min(typology.window, 8 * DAY))  # the toy world has 20 days
    more = {"people": PEOPLE, "deposits": ("ach",)} if name != "structuring" else {}  # what toy ledgers can show
    typology = replace(typology, **{field: value for field, value in more.items() if hasattr(typology, field)})
    longest = typology.window + getattr(typology, "gap", 0)
    seen = 0
    for seed in range(40):
        whole = toy.graph(_rows(seed), n=N)
        columns = typology.find(whole)
        found = list(columns.rings)
        assert [tuple(one.tolist()) for one in columns.rows] == [ring.rows for ring in found]
        assert [tuple(one.tolist()) for one in columns.accounts] == [ring.accounts for ring in found]
        assert found == sorted(found, key=lambda ring: (ring.start, ring.rows))
        for ring in found:
            assert list(ring.rows) == sorted(set(ring.rows))
            assert {role for _, role in ring.roles} <= set(ROLES)
            assert set(ring.accounts) == {int(a) for r in ring.rows for a in (whole.source[r], whole.target[r])}
            assert all(reason.sentence.endswith(".") for reason in ring.reasons)
            assert ring.reasons
        cut = toy.START + 16 * DAY
        past = whole.before(cut)
        early = list(typology.find(past).rings)
        assert all(ring.rows[-1] < past.hi for ring in early)
        settled = [ring.rows for ring in found if ring.start + longest < cut]
        assert [ring.rows for ring in early if ring.start + longest < cut] == settled
        late = replace(whole, lo=past.hi)
        assert all(ring.rows[0] >= past.hi for ring in typology.find(late).rings)
        seen += len(settled)
    assert seen
