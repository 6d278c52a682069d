"""Ask of every typology what the port promises."""

import pytest

from graphml import registry
from graphml.ring import ROLES
from graphml.typology import Typology
from graphml.window import DAY
from tests import toy

NAMES = registry.names("graphml.typologies")


@pytest.mark.parametrize("name", NAMES)
def test_instances_keep_to_the_view_and_do_not_see_the_future(name: str) -> None:
    typology = registry.plugin("graphml.typologies", name, "TYPOLOGY")
    assert isinstance(typology, Typology)
    assert typology.name == name
    seen = 0
    for seed in range(40):
        whole = toy.graph(toy.random_rows(seed, n=12, rows=120, days=20))
        found = list(typology.find(whole).rings)
        assert found == sorted(found, key=lambda ring: (ring.start, ring.rows))
        for ring in found:
            assert list(ring.rows) == sorted(set(ring.rows))
            assert {role for _, role in ring.roles} <= set(ROLES)
            assert set(ring.accounts) == {int(a) for r in ring.rows for a in (whole.source[r], whole.target[r])}
            assert all(reason.sentence.endswith(".") for reason in ring.reasons)
            assert ring.reasons
        cut = toy.START + 12 * DAY
        past = whole.before(cut)
        early = list(typology.find(past).rings)
        assert all(ring.rows[-1] < past.hi for ring in early)
        settled = [ring.rows for ring in found if ring.start + typology.window < cut]
        assert [ring.rows for ring in early if ring.start + typology.window < cut] == settled
        late = type(past)(**{f: getattr(whole, f) for f in whole.__slots__ if f != "lo"}, lo=past.hi)
        assert all(ring.rows[0] >= past.hi for ring in typology.find(late).rings)
        seen += len(settled)
    assert seen
