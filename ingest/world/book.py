"""Write a world as a ledger, with what banks know of their customers and with all answers."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml import schema
from graphml.ledger import Meta
from graphml.ledger_stream import LedgerStream
from graphml.window import DAY
from ingest import _order
from ingest._rates import Rates
from ingest.world import dossiers
from ingest.world.answers import PROVENANCES
from ingest.world.crime import INTEGRATION, PLACEMENT
from ingest.world.files import Files
from ingest.world.world import Block, World

__all__ = ["Book"]

_MINUTE = 60_000_000  # microseconds


class Book:
    """Write blocks as they come into a ledger that equals what `ingest` makes of the files, and has more tables."""

    def __init__(self, world: World, files: Files, folder: Path) -> None:
        folder.mkdir()
        self._world, self._files = world, files
        self._stream = LedgerStream(folder, own_ids=False)
        self._names, self._place = dossiers.account_order(world)
        start = np.datetime64(world.calendar.first, "us").astype(np.int64)
        self._start = int(start)
        money = world.preset.money
        self._reference = money.currencies[0]  # dollars; in a world of one currency that one
        table = Rates.load()
        self._rates, factors = table, table.into(self._reference)
        self._factor = np.array([factors[name.casefold()] for name in money.currencies])

    def write(self, block: Block, got: pl.Series, gave: pl.Series) -> None:
        """Append *block* with its amounts received and paid."""
        pay, money = block.payments, self._world.preset.money
        line = block.first + np.arange(len(pay))
        currencies, formats = pl.Series(money.currencies), pl.Series(money.formats)
        rows = pl.DataFrame(
            {
                "time": self._start + pay.minute.astype(np.int64) * _MINUTE,
                "source": self._place[pay.payer],
                "target": self._place[pay.payee],
                "amount": gave,
                "currency": currencies.gather(block.paid),
                "amount_received": got,
                "currency_received": currencies.gather(block.received),
                "value": gave.cast(pl.Float64) * pl.Series(self._factor[block.paid]),
                "format": formats.gather(pay.format),
                "line": line,
                "at": np.arange(len(pay)),
            }
        )
        rows = _order.canonical(rows, ["amount", "currency", "amount_received", "currency_received", "format", "line"])
        transactions = rows.with_columns(
            pl.concat_str(pl.lit(self._files.name + ":"), pl.col("line").cast(pl.String)).alias("id"),
            pl.col("time").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            pl.lit(1).alias("payments"), pl.lit(None).alias("until"),
        )  # fmt: skip
        self._stream.append(transactions, self._labels(block, rows["at"].to_numpy()))

    def close(self, opening: NDArray[np.float64]) -> None:
        """Write the other tables; *opening* are balances (N,) in US dollars."""
        tables = dossiers.tables(self._world, opening) | {"attempts": self._attempts()}
        converted = self._world.preset.money.currencies != (self._reference,)
        self._stream.close(
            tables,
            Meta(
                format="synthetic", files=(self._files.name,), reference_currency=self._reference,
                rates_digest=self._rates.digest if converted else "", rates_date=self._rates.date if converted else "",
                zone="UTC", resolution="minute", rows_in=0, rows_kept=0, rows_quarantined=0, own_ids=False,
            ),
        )  # fmt: skip

    def _labels(self, block: Block, order: NDArray[np.int64]) -> pl.DataFrame:
        line = block.first + np.arange(len(block.payments))
        crime = block.crime[order]
        part = np.where(crime >= 0, self._world.crime.part[crime], -1)
        label = block.label[order]
        attempts = self._world.crime.attempts
        typology = pl.Series([a.typology for a in attempts], dtype=pl.String)
        inside = np.flatnonzero((part >= 0) & label)  # an attempt that nobody found is in `attempts` only
        number = np.full(len(part), len(attempts))
        number[inside] = part[inside]
        names = pl.Series([str(i + 1) for i in range(len(attempts))] + [None], dtype=pl.String)
        known = np.zeros(len(part), np.int64)
        mine = np.flatnonzero(label)
        # What comes of no attempt is found payment by payment.
        found_with = np.where(part == INTEGRATION, self._world.crime.origin[crime], part)
        found_with = np.where((crime >= 0) & (part != PLACEMENT), found_with, len(attempts) + line[order])
        known[mine] = self._world.known(found_with[mine])
        when = self._start + block.payments.minute[order].astype(np.int64) * _MINUTE + known * DAY
        told = np.where(label, found_with % len(PROVENANCES), len(PROVENANCES))
        return pl.DataFrame(
            {
                "row": self._stream.rows + np.arange(len(order)),
                "laundering": label,
                "typology": pl.concat([typology, pl.Series([None], dtype=pl.String)]).gather(number),
                "attempt": names.gather(number),
                "known": pl.Series(np.where(known > 0, when, 0)).replace(0, None).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
                "provenance": pl.Series([*PROVENANCES, None], dtype=pl.String).gather(told),
            },
        )  # fmt: skip

    def _attempts(self) -> pl.DataFrame:
        world, rows = self._world, []
        for number, attempt in enumerate(world.crime.attempts):
            for account, role in attempt.accounts.items():
                rows.append((str(number + 1), attempt.typology, True, int(self._place[account]), role))
        crime = pl.DataFrame(rows, schema=schema.ATTEMPTS, orient="row")
        alike = world.lookalikes
        group = np.concatenate([alike.group, alike.group])
        ends = np.concatenate([alike.payments.payer, alike.payments.payee])
        normal = pl.DataFrame({"group": group, "account": self._place[ends]}).unique()
        kind = pl.Series(alike.kinds, dtype=pl.String).gather(alike.kind[normal["group"].to_numpy()])
        normal = normal.select(
            pl.concat_str(pl.lit("normal "), (pl.col("group") + 1).cast(pl.String)).alias("attempt"), kind.alias("typology"),
            pl.lit(False).alias("laundering"), "account", pl.lit("member").alias("role"),
        )  # fmt: skip
        return pl.concat([crime, normal.cast(schema.ATTEMPTS)]).sort("attempt", "account")
