"""Write a world in the file layout of AMLworld (Altman et al., 2023): transactions, patterns, accounts."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.world import naming
from ingest.world.shapes import EIGHT
from ingest.world.world import Block, World

__all__ = ["Files"]

_HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering\n"
)


class Files:
    """Write blocks as they come, and keep the lines of crime for the patterns and the answers."""

    def __init__(self, world: World, folder: Path, file: BinaryIO) -> None:
        people = world.people
        self.name = Files.name_of(world)
        self._world, self._folder = world, folder
        codes, numbers = naming.bank_codes(people).gather(people.bank), naming.account_numbers(people)
        self._accounts = pl.DataFrame({"bank": codes, "number": numbers})
        self._ends = codes + "," + numbers  # one text for both columns of an account
        self.names: list[str] = (codes + ":" + numbers).to_list()  # (N,) BANK:ACCOUNT
        self._text: dict[int, str] = {}  # line of each row of the crime, as written
        self.line = np.zeros(len(world.crime.payments), np.int64)  # (E of the crime,)
        self.alike = np.zeros(len(world.lookalikes.payments), np.int64)  # line of each payment of a normal group
        self.transitive: list[int] = []  # lines that launder only by commingling
        self._file = file
        self._file.write(_HEADER.encode())

    @staticmethod
    def name_of(world: World) -> str:
        """Return the name of the file of transactions."""
        return f"{world.preset.title}_Trans.csv"

    def write(self, block: Block) -> tuple[pl.Series, pl.Series]:
        """Append *block*; return the amounts received and paid as they were written."""
        pay, money = block.payments, pl.Series(self._world.preset.money.currencies)
        got, gave = (
            naming.amounts(pay.usd / self._world.worth(pay.minute, currency), currency, self._world.preset)
            for currency in (block.received, block.paid)
        )
        start, days = block.day * 1440, range(block.day, block.day + block.days)
        text = [minute for day in days for minute in self._world.calendar.text(day)]
        table = pl.DataFrame(
            {
                "time": pl.Series(text).gather(pay.minute - start),
                "from": self._ends.gather(pay.payer),
                "to": self._ends.gather(pay.payee),
                "got": got,
                "in": money.gather(block.received),
                "gave": gave,
                "of": money.gather(block.paid),
                "by": pl.Series(self._world.preset.money.formats).gather(pay.format),
                "label": block.label.astype(np.int8),
            }
        )
        table.write_csv(self._file, include_header=False, quote_style="never")
        self._remember(block, table)
        return got, gave

    def close(self) -> None:
        """Write patterns and accounts."""
        self._write_patterns()
        people, accounts = self._world.people, self._accounts
        pl.DataFrame(
            {
                "Bank Name": naming.bank_names(people, self._world.preset).gather(people.bank),
                "Bank ID": accounts["bank"],
                "Account Number": accounts["number"],
                "Entity ID": naming.entities(people).gather(people.owner),
                "Entity Name": naming.entity_names(people).gather(people.owner),
            }
        ).write_csv(self._folder / f"{self._world.preset.title}_accounts.csv")

    def account(self, row: int) -> str:
        """Return `BANK:ACCOUNT` of an account."""
        return self.names[row]

    def ids(self, lines: NDArray[np.integer]) -> list[str]:
        """Return FILE:LINE of *lines*."""
        return [f"{self.name}:{line}" for line in lines.tolist()]

    def _remember(self, block: Block, table: pl.DataFrame) -> None:
        group = np.flatnonzero(block.alike >= 0)
        self.alike[block.alike[group]] = block.first + group
        mine = np.flatnonzero(block.crime >= 0)
        self.line[block.crime[mine]] = block.first + mine
        lines = table[mine].write_csv(include_header=False, quote_style="never").splitlines()
        self._text.update(zip(block.crime[mine].tolist(), lines, strict=True))
        planned = (block.crime >= 0) & self._world.crime.dirty[block.crime]
        alone = np.flatnonzero(block.laundering & ~planned)
        self.transitive += (block.first + alone).tolist()

    def _write_patterns(self) -> None:
        first, blocks = 0, []
        for attempt in self._world.crime.attempts:
            rows = range(first, first + len(attempt.payments))
            first += len(attempt.payments)
            if attempt.typology in EIGHT:  # the layout knows no others; the answer key has them all
                title = attempt.shape.title
                lines = "".join(f"{self._text[row]}\n" for row in rows)
                blocks.append(
                    f"BEGIN LAUNDERING ATTEMPT - {title}\n{lines}END LAUNDERING ATTEMPT - {title.split(':')[0]}\n\n"
                )
        (self._folder / f"{self._world.preset.title}_Patterns.txt").write_text("".join(blocks), encoding="utf-8")
