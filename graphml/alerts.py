"""Say whether a ring that goes on is worth another alert, and why."""

from math import fsum

from graphml.known_ring import Known, Terms
from graphml.networks import NAME
from graphml.window import instant, to_datetime

__all__ = ["alert"]

_LIKE = "Nothing material is new since the last alert."
_DRAWN = (
    "What it has more is of the time that the run before had seen: it is drawn otherwise, and nothing new was paid."
)
_NO_MORE = "known"  # what `alert` says of a ring that needs no new alert


def alert(known: Known, past: Known, news: tuple[bool, bool, bool], terms: Terms) -> dict[str, str]:
    """Return `alert`, `why` and what the ring was at its last alert, for its lineage.

    *past* is what it was when it was told last; *news* says whether it has payments later than what was seen then, whether
    it has payments that it had not, and whether it took in another ring. It is measured against the last alert, not the last
    run, so that small steps add up. What is drawn anew is no news: only what was paid since counts, and accounts that the
    ring has from these payments alone.
    """
    told = past.ring.lineage
    since = instant(told["alerted_until"]) if "alerted_until" in told else past.until
    later = {payment: paid for payment, paid in known.payments.items() if payment[2] >= since}
    ends, earlier = (
        {end for payment in some for end in payment[:2]} for some in (later, known.payments.keys() - later.keys())
    )
    value = float(told.get("alerted_value", past.ring.value))
    accounts = int(told.get("alerted_accounts", len(past.accounts)))
    parts = set(told.get("alerted_parts", " ".join(past.ring.parts)).split())
    why, more = [], sorted(set(known.ring.parts) - parts - {NAME})  # a network has no shape of its own to show
    added, drawn, absorbs = news
    as_much = added and known.ring.value >= value
    paid, joined = fsum(later.values()), len(ends - earlier)
    if added and paid >= terms.more_value * value:
        why.append(f"{paid:,.2f} was paid in it, which held {value:,.2f} then")
    if added and joined >= terms.more_accounts:
        why.append(f"{joined} accounts joined it, which had {accounts} then")
    if as_much and more:
        why.append(f"it shows {', '.join(more)} for the first time")
    if as_much and absorbs:
        why.append("it took in another ring")
    if why:
        value, accounts, parts, since = known.ring.value, len(known.accounts), set(known.ring.parts), known.until
    state = {
        "alerted_value": repr(value), "alerted_accounts": str(accounts), "alerted_parts": " ".join(sorted(parts)),
        "alerted_until": to_datetime(since).isoformat(),
    }  # fmt: skip
    if not why:
        said = _DRAWN if drawn and not added else _LIKE
        if added:
            said = f"Since the last alert {paid:,.2f} was paid in it, which held {value:,.2f} then: too little for another."
        if added and more:
            said = f"It shows {', '.join(more)} for the first time, but holds less money than at the last alert."
        return {"alert": _NO_MORE, "why": said, **state}
    sentence = " and ".join(why)
    return {"alert": "again", "why": f"Since the last alert {sentence}.", **state}
