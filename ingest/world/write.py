"""Write a world in the file layout of AMLworld, with an answer key that leads to lines of the file."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ingest.world.clock import Clock
from ingest.world.laundering import Attempt, Crime
from ingest.world.money import BITCOIN, COUNTRIES, CURRENCIES, FORMATS, RATES
from ingest.world.payments import Payments
from ingest.world.population import ENTITY_KINDS, Ints, Population

__all__ = ["World", "write"]

_HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering\n"
)
_NUMBER = 0x800000000  # account and entity ids are nine hex digits that begin with 8 and end with 0


@dataclass(frozen=True, slots=True)
class World:
    """Hold everything that is written; rows of payments are normal ones first, then the crime's."""

    title: str
    people: Population
    clock: Clock
    payments: Payments
    paid: Ints  # (E,) place in CURRENCIES
    received: Ints  # (E,) place in CURRENCIES
    crime: Crime
    about: dict[str, object]  # what was asked, for the answer key


def write(world: World, folder: Path, rng: np.random.Generator) -> None:
    """Write the transactions, patterns and accounts files and `answers.json` into *folder*; lines are mixed in time."""
    when = world.payments.minute
    order = np.argsort(when + rng.integers(0, 720, len(when)), kind="stable")
    line = np.empty(len(order), np.int64)
    line[order] = np.arange(len(order)) + 2  # the header is line 1
    table = _table(world, order)
    name = f"{world.title}_Trans.csv"
    with (folder / name).open("wb") as file:
        file.write(_HEADER.encode())
        table.write_csv(file, include_header=False)
    _write_patterns(world, table, line, folder / f"{world.title}_Patterns.txt")
    _accounts(world.people).write_csv(folder / f"{world.title}_accounts.csv")
    answers = _answers(world, [f"{name}:{n}" for n in line[len(line) - len(world.crime.payments) :]])
    (folder / "answers.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


def _table(world: World, order: Ints) -> pl.DataFrame:
    pay = world.payments
    bank, number = _bank_codes(world.people).gather(world.people.bank), _hex(world.people.number)
    payer, payee = pay.payer[order], pay.payee[order]
    paid, received, usd = world.paid[order], world.received[order], pay.usd[order]
    laundering = order >= len(pay) - len(world.crime.payments)
    money = pl.Series(CURRENCIES)
    return pl.DataFrame(
        {
            "time": pl.Series(world.clock.text()).gather(pay.minute[order]),
            "from": bank.gather(payer),
            "payer": number.gather(payer),
            "to": bank.gather(payee),
            "payee": number.gather(payee),
            "got": _amount(usd, received),
            "in": money.gather(received),
            "gave": _amount(usd, paid),
            "of": money.gather(paid),
            "by": pl.Series(FORMATS).gather(pay.format[order]),
            "label": laundering.astype(np.int8),
        }
    )


def _amount(usd: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", currency: Ints) -> pl.Series:
    # Two decimals, Bitcoin six; written from whole numbers, so that no digit depends on how a float prints.
    places = np.where(currency == BITCOIN, 6, 2)
    units = np.maximum(np.rint(usd / RATES[currency] * 10.0**places), 1).astype(np.int64)
    table = pl.DataFrame({"whole": units // 10**places, "part": units % 10**places, "bitcoin": currency == BITCOIN})
    part = pl.col("part").cast(pl.String)
    part = pl.when("bitcoin").then(part.str.zfill(6)).otherwise(part.str.zfill(2))
    return table.select(pl.concat_str(pl.col("whole").cast(pl.String), pl.lit("."), part).alias("amount"))["amount"]


def _hex(number: Ints) -> pl.Series:
    return pl.Series([f"{_NUMBER + 16 * int(n):X}" for n in number])


def _bank_codes(people: Population) -> pl.Series:
    # Zero-padded text of different lengths, as in the real files; the numbers behind differ, so zeros may be lost.
    return pl.Series([f"{'0' * (1 + b % 2)}{10 + b * 7}" for b in range(len(people.home))], dtype=pl.String)


def _accounts(people: Population) -> pl.DataFrame:
    owner = people.owner
    names = [f"{ENTITY_KINDS[k]} #{i + 1}" for i, k in enumerate(people.kind)]
    banks = [f"{COUNTRIES[c]} Bank #{b}" for b, c in enumerate(people.home)]
    return pl.DataFrame(
        {
            "Bank Name": pl.Series(banks).gather(people.bank),
            "Bank ID": _bank_codes(people).gather(people.bank),
            "Account Number": _hex(people.number),
            "Entity ID": _hex(np.arange(len(people.kind)) * 14 + 0x30001).gather(owner),
            "Entity Name": pl.Series(names).gather(owner),
        }
    )


def _write_patterns(world: World, table: pl.DataFrame, line: Ints, path: Path) -> None:
    first = len(line) - len(world.crime.payments)
    blocks = []
    for attempt in _by_start(world.crime):
        rows = first + attempt.first + _in_time(world.crime, attempt)
        text = table[line[rows] - 2].write_csv(include_header=False)
        title = attempt.shape.title
        name = title.split(":")[0]
        blocks.append(f"BEGIN LAUNDERING ATTEMPT - {title}\n{text}END LAUNDERING ATTEMPT - {name}\n\n")
    path.write_text("".join(blocks), encoding="utf-8")


def _answers(world: World, ids: list[str]) -> dict[str, object]:
    # *ids* are FILE:LINE of the crime's payments.
    crime, text = world.crime, world.clock.text()
    bank, number = _bank_codes(world.people).gather(world.people.bank), _hex(world.people.number)
    attempts = []
    for place, attempt in enumerate(_by_start(crime)):
        rows = _in_time(crime, attempt)
        phase = [attempt.shape.edges[i][2] for i in rows]
        mine = [ids[attempt.first + i] for i in rows]
        minute = crime.payments.minute[attempt.first + rows]
        attempts.append(
            {
                "id": str(place + 1),
                "typology": attempt.typology,
                "start": text[int(minute.min())],
                "end": text[int(minute.max())],
                "accounts": [
                    {"account": f"{bank[int(a)]}:{number[int(a)]}", "role": role}
                    for a, role in zip(attempt.accounts, attempt.shape.roles, strict=True)
                ],
                "phases": [
                    {"name": name, "transactions": [t for t, q in zip(mine, phase, strict=True) if q == p]}
                    for p, name in enumerate(attempt.shape.phases)
                ],
                "transactions": mine,
            }
        )
    return {**world.about, "attempts": attempts, "lone": ids[len(ids) - crime.lone :]}


def _in_time(crime: Crime, attempt: Attempt) -> Ints:
    minute = crime.payments.minute[attempt.first : attempt.first + len(attempt.shape.edges)]
    return np.argsort(minute, kind="stable")


def _by_start(crime: Crime) -> list[Attempt]:
    minute = crime.payments.minute
    return sorted(crime.attempts, key=lambda a: (int(minute[a.first : a.first + len(a.shape.edges)].min()), a.first))
