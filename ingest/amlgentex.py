"""Read AMLGentex (AI Sweden, 2025): a log in Parquet, with sources and sinks outside the banks."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graphml.errors import InputError
from graphml.source import UNITS, Beside, Clock, Columns, Delivery, Head, Number, Options, Table
from graphml.window import instant
from ingest import _parse, _roles, _rows

__all__ = ["SOURCE", "AmlGentex"]

_LOG = ("step", "type", "amount", "nameOrig", "nameDest", "bankOrig", "bankDest", "isSAR", "patternID", "modelType")
_ACCOUNTS = ("ACCOUNT_ID", "CUSTOMER_ID", "INIT_BALANCE", "IS_SAR", "BANK_ID")
_MODELS = ("modelID", "type", "accountID", "isMain")
_SHAPES = ("fan-out", "fan-in", "cycle", "bipartite", "stack", "random", "scatter-gather", "gather-scatter")
_TYPES = {str(i): name for i, name in enumerate(_SHAPES, 1)}  # modelType of AMLSim's patterns; 10 and more: normal
_MAIN = {
    "fan-out": "distributor",
    "fan-in": "collector",
    "cycle": "source",
    "scatter-gather": "source",
    "gather-scatter": "collector",
}
_OPENING = "INITALBALANCE"  # as spelled in the log
_OUTSIDE = ("-1", "-2")  # where money is spent, and the world that pays salaries
_CURRENCY = "AMLGentex unit"
_ORIGIN = "2017-01-01"


@dataclass(frozen=True, slots=True)
class AmlGentex:
    """Read `tx_log.parquet` (or CSV), with `accounts.csv` and `alert_models.csv` beside it."""

    name: str = "amlgentex"

    def recognises(self, head: Head) -> bool:
        """Return whether the file is a log, an accounts file or a list of pattern members of AMLGentex."""
        return any(head.has(*columns) for columns in (_LOG, _ACCOUNTS, _MODELS))

    def deliver(self, heads: Sequence[Head], _: Options) -> Delivery:
        """Return the transactions; rows of opening balances become balances, -1 and -2 are parties outside.

        Raises:
            InputError: there is no log.
        """
        logs = [h for h in heads if h.has(*_LOG)]
        if not logs:
            raise InputError(f"There is no log of AMLGentex; a file with the columns {', '.join(_LOG)} was expected.")
        seen = pl.concat(_accounts(h) for h in logs).unique(maintain_order=True)
        opening = seen.filter(pl.col("opening_balance").is_not_null())
        # An account's first opening balance counts; its bank is the one that the log names.
        accounts = pl.concat([opening, seen]).unique("name", keep="first", maintain_order=True)
        told = [_rows.whole(h, _ACCOUNTS) for h in heads if h.has(*_ACCOUNTS)]
        members = [_rows.whole(h, _MODELS) for h in heads if h.has(*_MODELS)]
        notes = [
            f"The source counts days and has no dates; day 0 is written as {_ORIGIN}.",
            f"{opening.height} {_OPENING} rows are no transactions; they became opening balances.",
        ]
        if members:
            notes.append(
                "alert_models.csv numbers its patterns by itself: attempt 'model N' is not pattern N of the log."
            )
        return Delivery(
            tuple(Table(h, _columns()) for h in logs), reference=_CURRENCY, notes=tuple(notes),
            kind=pl.when(pl.col("number").is_in(_OUTSIDE)).then(pl.lit("external")),
            beside=Beside(accounts, **_described(told), **_attempts(members)),
        )  # fmt: skip


def _columns() -> Columns:
    sar = pl.col("isSAR").is_in(["1", "true"])
    typology = pl.col("modelType").replace_strict(_TYPES, default=None, return_dtype=pl.String)
    return Columns(
        time=pl.col("step"), clock=Clock(resolution="day", step=UNITS["day"], origin=instant(_ORIGIN)),
        payer=(pl.col("nameOrig"),), payee=(pl.col("nameDest"),),
        amount=pl.col("amount"), number=Number(exponent=True), currency=pl.lit(_CURRENCY), format=pl.col("type"),
        laundering=pl.col("isSAR"), typology=pl.when(sar).then(typology),
        attempt=pl.when(sar & (pl.col("patternID") != "-1")).then(pl.col("patternID")), skip=pl.col("type") == _OPENING,
    )  # fmt: skip


def _accounts(head: Head) -> pl.DataFrame:
    """Return name, bank and opening_balance of the accounts that the log names."""
    opens = pl.col("type") == _OPENING
    balance = pl.when(opens).then(pl.col("amount").cast(pl.Float64, strict=False))
    none = pl.lit(None, pl.Float64)
    found = [
        pl.concat(
            [
                raw.frame.select(name="nameDest", bank="bankDest", opening_balance=balance),
                raw.frame.filter(~opens).select(name="nameOrig", bank="bankOrig", opening_balance=none),
            ]
        ).unique(maintain_order=True)
        for raw in _rows.rows(head, ("type", "amount", "nameOrig", "nameDest", "bankOrig", "bankDest"))
    ]
    outside = pl.col("name").is_in(_OUTSIDE)
    bank = pl.when(outside).then(pl.lit("")).otherwise(pl.col("bank"))
    return pl.concat(found).drop_nulls(["name", "bank"]).with_columns(bank.alias("bank"))


def _described(frames: Sequence[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    if not frames:
        return {}
    told = pl.concat(frames).drop_nulls("ACCOUNT_ID")
    owned = told.drop_nulls("CUSTOMER_ID")
    return {
        "parties": owned.select(party="CUSTOMER_ID", name="CUSTOMER_ID", kind=pl.lit("person")),
        "ownership": owned.select(party="CUSTOMER_ID", account="ACCOUNT_ID", role=pl.lit("owner")),
        "account_labels": told.select(
            account="ACCOUNT_ID", laundering=_parse.laundering(pl.col("IS_SAR"))
        ).drop_nulls(),
    }


def _attempts(frames: Sequence[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    if not frames:
        return {}
    members = pl.concat(frames)
    typology = _roles.spelled(pl.col("type"))
    main = typology.replace_strict(_MAIN, default=_roles.OTHER, return_dtype=pl.String)
    shaped = pl.when(typology.is_in(list(_MAIN))).then(pl.lit("mule")).otherwise(pl.lit(_roles.OTHER))
    return {
        "attempts": members.drop_nulls(["modelID", "accountID"]).select(
            attempt=pl.format("model {}", "modelID"), typology=typology, laundering=pl.lit(True), account="accountID",
            role=pl.when(_parse.laundering(pl.col("isMain"))).then(main).otherwise(shaped),
        )
    }  # fmt: skip


SOURCE = AmlGentex()
