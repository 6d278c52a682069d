"""Check what becomes of a normal group when owners use several accounts in it."""

import numpy as np
import pytest

from ingest.world import normal_owners
from ingest.world.draws import stream
from ingest.world.population import Population
from ingest.world.preset import Preset


def test_a_group_keeps_its_shape_its_kinds_and_its_sleepers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normal_owners, "_AGAIN", 0.5)
    people = Population.of(Preset.of("hi-small"), 3_000, 7)
    rng = np.random.default_rng(1)
    group = np.sort(rng.integers(0, 2_000, 12_000))
    # In half of the groups members stand close together, so that the accounts of an owner are often there already.
    near, width = 20 + group * 7 % 2_500, np.where(group % 2, 12, 400)
    ends = tuple((near + rng.integers(0, width)).astype(np.int32) for _ in range(2))
    payer, payee = normal_owners.of_one_owner(people, (ends[0], ends[1]), group, stream(7, 1))
    person = people.kind[people.owner] == 0
    came = 0
    for g in np.unique(group):
        mine = group == g
        before, after = np.concatenate([e[mine] for e in ends]), np.concatenate([payer[mine], payee[mine]])
        swaps = dict(zip(before.tolist(), after.tolist(), strict=True))
        assert [swaps[a] for a in before.tolist()] == after.tolist(), "an account has two places"
        assert len(set(swaps.values())) == len(swaps), "two members became one"
        for old, new in swaps.items():
            assert person[old] == person[new]
            if old != new:
                came += 1
                assert people.weight[old] > 0
                assert people.weight[new] > 0
                assert new not in swaps, "it was in the group"
                assert people.owner[new] in people.owner[[a for a in swaps.values() if a != new]]
    assert came > 500
