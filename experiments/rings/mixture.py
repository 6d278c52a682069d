"""Lay genuine laundering attempts over the normal life of a generated world."""

from pathlib import Path

import numpy as np
import polars as pl

__all__ = ["mix"]

_BUSY = (3, 200)  # payments of an account that may get an attempt's part: it lives, and it is no hub
_ENDS = ("From Bank", "Account", "To Bank", "Account_duplicated_0")


def mix(world: Path, patterns: Path, out: Path, seed: int) -> None:
    """Write AMLworld files into *out*: rows of *world* that do not launder, and the attempts of *patterns*.

    Each account of an attempt becomes an account of the world, drawn without replacement, so attempts stand in
    accounts that also live a normal life, and attempts that share an account still share it. Times, amounts,
    currencies and formats of the attempts are as they were.
    """
    out.mkdir(parents=True)
    rows = pl.read_csv(next(world.glob("*_Trans.csv")), infer_schema=False)
    rows = rows.filter(pl.col("Is Laundering") == "0")
    lines = patterns.read_text(encoding="utf-8").splitlines()
    attempts = [line.split(",") for line in lines if line[:1].isdigit()]
    theirs = sorted({(row[1], row[2]) for row in attempts} | {(row[3], row[4]) for row in attempts})
    places = _hosts(rows, len(theirs), np.random.default_rng(seed))
    host = dict(zip(theirs, places, strict=True))
    moved = [
        [row[0], *host[row[1], row[2]], *host[row[3], row[4]], *row[5:]] for row in attempts
    ]  # fmt: skip
    added = pl.DataFrame(moved, schema=rows.columns, orient="row")
    head = ",".join(name.removesuffix("_duplicated_0") for name in rows.columns)
    body = pl.concat([rows, added]).sort("Timestamp", maintain_order=True)
    text = body.write_csv(include_header=False, quote_style="never")
    (out / "Mixture_Trans.csv").write_text(f"{head}\n{text}", encoding="utf-8")
    told = iter(moved)
    mapped = [",".join(next(told)) if line[:1].isdigit() else line for line in lines]
    (out / "Mixture_Patterns.txt").write_text("\n".join(mapped) + "\n", encoding="utf-8")


def _hosts(rows: pl.DataFrame, count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    ends = pl.concat(
        rows.select(bank=bank, account=account) for bank, account in (_ENDS[:2], _ENDS[2:])
    )  # fmt: skip
    busy = ends.group_by("bank", "account").len().filter(pl.col("len").is_between(*_BUSY)).sort("bank", "account")
    chosen = rng.choice(busy.height, count, replace=False)
    return busy.select("bank", "account")[chosen].rows()
