"""Draw a flow by hop: accounts in columns, bands as wide as the money that is traced."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

__all__ = ["sankey"]

_MOST = 45  # accounts that are drawn by name; the rest of a column is drawn as one
_COLUMN, _BAR, _LEAST, _GAP, _HEIGHT, _TOP = 230, 14, 2, 16, 560, 64  # pixels
_COLOURS = {"held": "#8A6D00", "left": "#B64A00", "returned": "#A03D7C", "on": "#0072B2"}
_ENDS = ("held", "left", "returned")
_LEGEND = 250  # pixels of an entry
_WORDS = {
    "on": "passed on", "held": "held when the window ends", "left": "left the books",
    "returned": "returned to a payer of a seed",
}  # fmt: skip
_BACK = {
    "on": "passed on", "held": "had it when the window begins", "left": "from outside the books",
    "returned": "from a payee of a seed",
}  # fmt: skip


@dataclass(slots=True)
class _Node:
    column: int
    label: str
    others: bool = False  # it stands for many accounts
    came: float = 0.0
    went: float = 0.0
    ended: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_ENDS, 0.0))  # traced money by how it ended
    top: float = 0.0
    height: float = 0.0
    filled: float = 0.0  # of the left side, from the top
    emptied: float = 0.0  # of the right side
    size: float = 0.0  # money as high as the bar

    @property
    def moved(self) -> float:
        return max(self.came, self.went)

    def fit(self, backward: bool) -> None:
        # What ended here is beside what went on from here, and part of what came (backward: the other way round).
        ended = sum(self.ended.values())
        self.size = max(self.came + backward * ended, self.went + (not backward) * ended)


def sankey(content: Mapping[str, Any], currency: str, page: bool = False, backward: bool = False) -> str:
    """Return the flow *content* (as `flow_json` makes it) as SVG, or as an HTML page that holds it.

    An account stands in the column of the fewest payments that brought it traced money; payers of seeds in the first.
    Of a flow that was followed *backward* the payees of seeds stand in the last, and where the money came from before
    them, so that money always runs to the right. The lower part of an account's bar is the money that ended there.
    """
    nodes, links = _nodes(content, backward)
    columns = 1 + max((node.column for node in nodes.values()), default=0)
    for node in nodes.values():
        node.fit(backward)
    inner = _place(nodes, columns)
    width, height = 40 + max(columns * _COLUMN, len(_WORDS) * _LEGEND), _TOP + inner + 60
    way, many = "back from" if backward else "from", "s" if len(content["seeds"]) > 1 else ""
    title = (
        f"{content['traced']:,.2f} {currency} traced by {content['rule']} {way} {len(content['seeds'])} payment{many}"
        + (": amounts are upper bounds and do not add up" if content["rule"] == "poison" else "")
    )
    parts = [f'<text x="20" y="26" font-size="17" font-weight="600">{escape(title)}</text>']
    parts += [
        f'<text x="{20 + c * _COLUMN}" y="50" fill="#555">{_head(columns - 1 - c if backward else c, backward)}</text>'
        for c in range(columns)
    ]
    links.sort(key=lambda link: (nodes[link[0]].top, nodes[link[1]].top))
    parts += [_band(nodes[a], nodes[b], amount) for a, b, amount in links]
    parts += [_bar(node) for node in nodes.values()]
    parts += _legend(height, _BACK if backward else _WORDS)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="Arial, Liberation Sans, DejaVu Sans, sans-serif" font-size="12" role="img">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>\n"
    )
    if not page:
        return svg
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="margin:0">{svg}</body></html>\n'
    )


def _head(hop: int, backward: bool) -> str:
    if hop == 0:
        return "after the seeds" if backward else "before the seeds"
    return f"hop {hop} back" if backward else f"hop {hop}"


def _nodes(
    content: Mapping[str, Any], backward: bool
) -> tuple[dict[str, _Node], list[tuple[str, str, float]]]:  # fmt: skip
    seeds = set(content["seeds"])
    first, then = ("to", "from") if backward else ("from", "to")  # as the flow was followed
    column: dict[str, int] = {leg[first]: 0 for leg in content["legs"] if leg["transaction"] in seeds}
    size: dict[str, float] = defaultdict(float)
    for leg in sorted(content["legs"], key=lambda leg: int(leg["hop"])):
        column.setdefault(leg[then], leg["hop"])
        column.setdefault(leg[first], max(leg["hop"] - 1, 0))
        size[leg["from"]] += leg["tainted"]
        size[leg["to"]] += leg["tainted"]
    if backward:
        last = max(column.values(), default=0)
        column = {account: last - hop for account, hop in column.items()}
    named = set(sorted(size, key=lambda account: (-size[account], account))[:_MOST])
    hidden: dict[int, int] = defaultdict(int)
    for account in column:
        hidden[column[account]] += account not in named
    nodes: dict[str, _Node] = {}
    flows: dict[tuple[str, str], float] = defaultdict(float)
    for leg in content["legs"]:
        ends = []
        for account in (leg["from"], leg["to"]):
            c = column[account]
            key = account if account in named else f"\0{c}"
            label = account if account in named else f"{hidden[c]} other account{'s' * (hidden[c] > 1)}"
            nodes.setdefault(key, _Node(c, label, others=account not in named))
            ends.append(key)
        nodes[ends[0]].went += leg["tainted"]
        nodes[ends[1]].came += leg["tainted"]
        flows[ends[0], ends[1]] += leg["tainted"]
    for end in content["ends"]:
        account = end["account"]
        nodes[account if account in named else f"\0{column[account]}"].ended[end["how"]] += end["amount"]
    return nodes, [(a, b, amount) for (a, b), amount in sorted(flows.items()) if a != b]


def _place(nodes: dict[str, _Node], columns: int) -> int:
    # Returns the height that all columns fit into: as much for bars as for the gaps between many.
    by_column = [[n for n in nodes.values() if n.column == c] for c in range(columns)]
    height = max([_HEIGHT, *(2 * _GAP * len(some) for some in by_column)])
    room = min(
        (height - _LEAST * len(some) - _GAP * (len(some) - 1)) / total
        for some in by_column
        if some and (total := sum(n.size for n in some)) > 0
    ) if nodes else 1.0  # fmt: skip
    for some in by_column:
        at = float(_TOP)
        for node in sorted(some, key=lambda node: (node.others, -node.size, node.label)):
            node.top, node.height = at, max(node.size * room, float(_LEAST))
            at += node.height + _GAP
    return height


def _band(one: _Node, other: _Node, amount: float) -> str:
    left, right = 20 + one.column * _COLUMN + _BAR, 20 + other.column * _COLUMN
    from_ = one.height * amount / one.size if one.size else 1.0
    to = other.height * amount / other.size if other.size else 1.0
    a, b = one.top + one.emptied, other.top + other.filled
    one.emptied += from_
    other.filled += to
    bend = max(60.0, abs(right - left) / 2)
    shape = (
        f"M{left:.1f},{a:.1f} C{left + bend:.1f},{a:.1f} {right - bend:.1f},{b:.1f} {right:.1f},{b:.1f} "
        f"L{right:.1f},{b + to:.1f} C{right - bend:.1f},{b + to:.1f} {left + bend:.1f},{a + from_:.1f} "
        f"{left:.1f},{a + from_:.1f} Z"
    )
    return f'<path d="{shape}" fill="#0072B2" fill-opacity="0.28"><title>{amount:,.2f}</title></path>'


def _bar(node: _Node) -> str:
    x, at = 20 + node.column * _COLUMN, node.top + node.height
    parts = [_box(x, node.top, node.height, "on")]
    for how, amount in node.ended.items():
        part = min(node.height * amount / node.size if node.size else 0.0, at - node.top)
        if part > 0:
            at -= part
            parts.append(_box(x, at, part, how))
    said = f"{escape(node.label)} <tspan fill='#555'>{node.moved:,.0f}</tspan>"
    return "".join(parts) + (
        f'<text x="{x + _BAR + 5}" y="{node.top + min(node.height / 2, 12) + 4:.1f}">{said}</text>'
    )


def _box(x: int, top: float, height: float, how: str) -> str:
    return f'<rect x="{x}" y="{top:.1f}" width="{_BAR}" height="{height:.1f}" fill="{_COLOURS[how]}"/>'


def _legend(height: int, said: Mapping[str, str]) -> list[str]:
    parts = []
    for place, (how, words) in enumerate(said.items()):
        x = 20 + place * _LEGEND
        parts.append(
            f'<rect x="{x}" y="{height - 30}" width="12" height="12" fill="{_COLOURS[how]}"/>'
            f'<text x="{x + 18}" y="{height - 20}">{words}</text>'
        )
    return parts
