"""Put pseudonyms in the place of accounts, banks and owners, so that a ring can be shown without naming anyone."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import polars as pl

from graphml.evidence import Evidence

__all__ = ["masked"]

_HOLDERS = ("owner", "controlled_by")  # columns of names of parties
_SHORTEST = 6  # characters; a shorter bare number could be any count in a sentence


def masked(evidence: Evidence) -> Evidence:
    """Return the same evidence with pseudonyms for accounts, banks, account numbers and owners.

    A pseudonym is an HMAC-SHA256 under the digest of the unmasked evidence: the same account has the same one
    everywhere in the package and another one in any other, and who lacks the unmasked evidence cannot compute it.
    Amounts, times and transaction ids stay, except that an id that holds an account's name is replaced too; names of
    at least six characters are also replaced in sentences, shorter bare numbers only after the word account.
    """
    key = evidence.digest.encode()
    table, paid = evidence.accounts, evidence.transactions
    named = {row["account"]: row for row in table.to_dicts()}
    cut = [c["account"] for c in evidence.ring["cut"]]
    every = sorted({*named, *paid["from"], *paid["to"], *cut})
    banks = {name: (named[name]["bank"] if name in named else name.rpartition(":")[0]) for name in every}
    bank = _pseudonyms(key, "B", {b for b in banks.values() if b})
    plain = _pseudonyms(key, "A", every)
    account = {name: f"{bank[banks[name]]}:{plain[name]}" if banks[name] else plain[name] for name in every}
    owner = _pseudonyms(
        key, "P", {o for held in _HOLDERS for text in table[held].drop_nulls() for o in text.split("; ")}
    )
    numbers = {row["number"]: plain[name] for name, row in named.items() if row["number"]}
    hide = _replacer({**owner, **bank, **numbers, **account}, bank, key)
    ring = _ring(evidence.ring, account, bank, hide)
    return replace(
        evidence,
        ring=ring,
        transactions=paid.with_columns(
            pl.col("from", "to").replace_strict(account), pl.col("id").map_elements(hide, return_dtype=pl.String)
        ),
        accounts=_accounts(table, account, plain, bank, owner),
    )


def _accounts(
    table: pl.DataFrame,
    account: Mapping[str, str],
    plain: Mapping[str, str],
    bank: Mapping[str, str],
    owner: Mapping[str, str],
) -> pl.DataFrame:
    holders = {
        held: [None if text is None else "; ".join(owner[o] for o in text.split("; ")) for text in table[held]]
        for held in _HOLDERS
    }
    return table.with_columns(
        pl.col("account").replace_strict(account),
        pl.Series("number", [plain[name] for name in table["account"]], dtype=pl.String),
        pl.Series("bank", [bank.get(b, "") for b in table["bank"]], dtype=pl.String),
        *(pl.Series(held, names, dtype=pl.String) for held, names in holders.items()),
    ).sort("account")


def _ring(
    ring: Mapping[str, Any], account: Mapping[str, str], bank: Mapping[str, str], hide: Callable[[str], str]
) -> dict[str, Any]:
    members = [
        {"account": account[m["account"]], "bank": bank.get(m["bank"], ""), "role": m["role"]} for m in ring["accounts"]
    ]
    return {
        **ring,
        "accounts": sorted(members, key=lambda m: m["account"]),
        "transactions": [hide(name) for name in ring["transactions"]],
        "reasons": [{**reason, "sentence": hide(reason["sentence"])} for reason in ring["reasons"]],
        "cut": [{**c, "account": account[c["account"]]} for c in ring["cut"]],
    }


def _pseudonyms(key: bytes, letter: str, names: Iterable[str]) -> dict[str, str]:
    every = sorted(names)
    code = {name: hmac.new(key, f"{letter}\0{name}".encode(), sha256).hexdigest().upper() for name in every}
    length = 6
    while len({c[:length] for c in code.values()}) < len(every):
        length += 1
    return {name: f"{letter}-{c[:length]}" for name, c in code.items()}


def _replacer(to: Mapping[str, str], bank: Mapping[str, str], key: bytes) -> Callable[[str], str]:
    def shown(match: re.Match[str]) -> str:
        if match[0] in to:
            return to[match[0]]
        # BANK:ACCOUNT of an account that is no member, named in a sentence only
        name, _, number = match[0].partition(":")
        return f"{bank[name]}:{_pseudonyms(key, 'A', [match[0]])[match[0]]}" if number else match[0]

    def sure(name: str) -> bool:
        return len(name) >= _SHORTEST or not name.isdecimal()

    longest_first = sorted(to, key=lambda name: (-len(name), name))
    others = [rf"{re.escape(name)}:\w[\w-]*" for name in sorted(bank, key=lambda name: (-len(name), name))]
    free = "|".join(re.escape(name) for name in longest_first if sure(name))
    short = "|".join(re.escape(name) for name in longest_first if not sure(name))
    patterns = [rf"(?<![^\W_])(?:{free})(?![^\W_]|:\w)"] if free else []
    patterns += [rf"(?<![^\W_])(?:{'|'.join(others)})"] if others else []
    patterns += [rf"(?<=\baccount )(?:{short})(?!\w)"] if short else []
    if not patterns:
        return lambda text: text
    found = re.compile("|".join(patterns))
    return lambda text: found.sub(shown, text)
