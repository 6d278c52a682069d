"""Compare flow with its definition, played parcel by parcel."""

from graphml.features.flow import FAMILY
from graphml.window import DAY, HOUR
from tests import toy
from tests.graphml.features.cases import Past, Pay, compare

NAN = float("nan")


def of_account(past: Past, account: int, at: int) -> list[float]:
    moved = [p for p in past if p.source != p.target]
    parcels = [
        [p.time, p.value, p.value, 0.0] for p in moved if p.target == account
    ]  # time, value, left, value x hours
    for p in moved:
        wanted = p.value if p.source == account else 0.0
        for parcel in parcels:
            if p.time - 4 * DAY <= parcel[0] < p.time and wanted > 0:
                take = min(wanted, parcel[2])
                wanted -= take
                parcel[2] -= take
                parcel[3] += take * (p.time - parcel[0]) / HOUR
    recent = [parcel for parcel in parcels if parcel[0] >= at - 8 * DAY]
    came, left = sum(p[1] for p in recent), sum(p[1] - p[2] for p in recent)
    received, paid = sum(p[1] for p in parcels), sum(p.value for p in moved if p.source == account)
    return [
        left / came if came else NAN,
        sum(p[3] for p in recent) / left if left else NAN,
        (received - paid) / max(received, paid) if received or paid else NAN,
    ]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)


def test_equals_its_definition() -> None:
    compare(FAMILY, of_account, of_transaction, 200, n=6, rows=50, days=14)
    compare(FAMILY, of_account, of_transaction, 60, n=3, rows=40, days=30)


def test_money_that_arrives_at_the_instant_it_leaves_is_not_passed_on() -> None:
    for days, share in ((0.0, 0.0), (0.5, 0.6), (4.0, 0.6), (4.01, 0.0)):
        graph = toy.graph([(0, 1, 0.0, 100.0), (1, 2, days, 60.0), (2, 0, 5.0, 1.0)])
        import numpy as np

        found = FAMILY.accounts(graph, np.array([1], np.int32), np.array([toy.START + 6 * DAY], np.int64))
        assert found[0, 0] == share
