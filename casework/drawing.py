"""Draw a ring as an SVG that needs nothing else: money runs from left to right, each transaction is an arrow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree import ElementTree as ET  # only written here, never parsed

from casework.layout import NODE_WIDTH, Layout
from casework.palette import Shape, shape_of
from casework.routes import Box, Curve, Labels, routes
from casework.strokes import PALE, clean, draw_legend, draw_outline, shorten, write
from graphml.evidence import Evidence

__all__ = ["draw"]

_MARGIN = 24.0
_HEAD = 64.0  # pixels above the accounts, for the title
_LETTER = 6.3  # pixels, mean width of a letter at 11 px
_NARROW = 96.0  # pixels between layers where arrows carry numbers
_WIDE = 170.0  # pixels between layers where arrows carry amount and time
_CROWD = 14  # arrows at one account, or a fifth of all arrows, beyond which all arrows carry numbers
_MANY = 6  # arrows at one account beyond which labels move to the other end
_KEY_ROW, _KEY_WIDTH = 18.0, 540.0  # pixels of a line in the list of numbered arrows
_FONT = "'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_INK = "#1A1A1A"


@dataclass(frozen=True, slots=True)
class _Arrow:
    number: int
    row: dict[str, Any]
    curve: Curve
    at: tuple[float, float]
    width: float


def draw(evidence: Evidence) -> str:
    """Return the ring as SVG text; equal evidence gives equal text.

    Arrows carry amount and time. Where these would hide each other, they carry numbers, and a list below the
    drawing says what each number is.
    """
    with_words = () if _crowded(evidence) else ((_WIDE, True), (_WIDE * 1.35, True))
    for channel, full in (*with_words, (_NARROW, False)):
        layout = Layout.of(evidence, channel)
        arrows, missed = _arrows(evidence, layout, full)
        if not missed:
            break
    return _picture(evidence, layout, arrows, full)


def _arrows(evidence: Evidence, layout: Layout, full: bool) -> tuple[list[_Arrow], int]:
    rows = evidence.transactions.to_dicts()
    roles = _roles(evidence, layout)
    outline = {account: shape_of(role).name for account, role in roles.items()}
    ends = Counter((way, row[way]) for row in rows for way in ("from", "to"))
    curves = routes(layout, [(row["from"], row["to"]) for row in rows], outline)
    labels = Labels([_box(layout, account) for account in layout.places])
    plain = len(set(evidence.transactions["currency"])) == 1
    arrows = []
    for number, (row, curve) in enumerate(zip(rows, curves, strict=True), 1):
        width = max(len(text) for text in _lines(row, plain)) * _LETTER + 8 if full else 12 + 7.0 * len(str(number))
        at = labels.put(curve, (width, 27.0 if full else 17.0), _share(row, ends, full))
        arrows.append(_Arrow(number, row, curve, at, width))
    return arrows, labels.missed


def _crowded(evidence: Evidence) -> bool:
    table = evidence.transactions
    return (
        max([*Counter(table["from"]).values(), *Counter(table["to"]).values(), table.height // 5], default=0) > _CROWD
    )


def _share(row: dict[str, Any], ends: Counter[tuple[str, str]], full: bool) -> float:
    # Where many arrows meet at one account, a label is clearer near the other end.
    pays, gets = ends["from", row["from"]], ends["to", row["to"]]
    if max(pays, gets) <= _MANY or pays == gets:
        return 0.5
    near = 0.36 if full else 0.22
    return near if pays < gets else 1 - near


def _roles(evidence: Evidence, layout: Layout) -> dict[str, str]:
    known = dict(evidence.accounts.select("account", "role").iter_rows())
    return {account: known.get(account, "") for account in layout.places}


def _box(layout: Layout, account: str) -> Box:
    (x, y), half = layout.places[account], layout.heights[account] / 2
    return x - NODE_WIDTH / 2 - 4, y - half - 2, x + NODE_WIDTH / 2 + 4, y + half + 2


def _lines(row: dict[str, Any], plain: bool) -> tuple[str, str]:
    return _amount(row, plain), f"{datetime.fromisoformat(row['time']):%d %b %Y %H:%M}"


def _amount(row: dict[str, Any], plain: bool) -> str:
    try:
        text = f"{Decimal(row['amount']):,f}"
    except InvalidOperation:
        text = row["amount"]
    return text if plain or not row["currency"] else f"{text} {row['currency']}"


def _picture(evidence: Evidence, layout: Layout, arrows: Sequence[_Arrow], full: bool) -> str:
    used = _used(_roles(evidence, layout))
    legend = 22.0 * len(used) + 16
    title, about = _words(evidence)
    inner = max(layout.width, 1.12 * _LETTER * len(about))
    columns = max(1, int(inner // _KEY_WIDTH))
    rows = 0 if full else -(-len(arrows) // columns)
    width = inner + 2 * _MARGIN
    height = _HEAD + layout.height + legend + rows * _KEY_ROW + (24 if rows else 0) + 2 * _MARGIN
    name = f"ring-{evidence.digest[:12]}"
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "width": f"{width:.0f}", "height": f"{height:.0f}", "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc", "font-family": _FONT, "font-size": "11", "fill": _INK,
        },
    )  # fmt: skip
    ET.SubElement(svg, "title", {"id": f"{name}-title"}).text = title
    ET.SubElement(svg, "desc", {"id": f"{name}-desc"}).text = about + " " + _sentence(evidence)
    _tip(svg, name)
    ET.SubElement(svg, "rect", {"width": "100%", "height": "100%", "fill": "#FFFFFF"})
    write(svg, (_MARGIN, _MARGIN + 12), title, font_size="16", font_weight="600")
    write(svg, (_MARGIN, _MARGIN + 32), about, font_size="12", fill=PALE)
    left = _MARGIN + max(0.0, (inner - layout.width) / 2)
    body = ET.SubElement(svg, "g", {"transform": f"translate({left:.1f} {_MARGIN + _HEAD - 8:.1f})"})
    plain = len(set(evidence.transactions["currency"])) == 1
    for arrow in arrows:
        _draw_arrow(body, arrow, name)
    for account, role in _roles(evidence, layout).items():
        _draw_account(body, layout, account, shape_of(role))
    for arrow in arrows:
        _draw_label(body, arrow, plain, full)
    below = _MARGIN + _HEAD + layout.height + 20
    draw_legend(svg, used, (_MARGIN, below))
    if rows:
        _draw_key(svg, arrows, below + legend + 8, rows)
    return ET.tostring(svg, encoding="unicode")


def _words(evidence: Evidence) -> tuple[str, str]:
    ring = evidence.ring
    start, end = (datetime.fromisoformat(ring[k]) for k in ("start", "end"))
    amount = f"{Decimal(ring['amount']):,f} {ring['currency']}".strip()
    count, many = evidence.accounts.height, evidence.transactions.height
    title = clean(f"{ring['typology'].capitalize()} ring {ring['id']}".strip())
    about = (
        f"{count} accounts, {many} transactions, {amount} in all, {start:%d %b %Y %H:%M} to {end:%d %b %Y %H:%M} UTC"
    )
    return title, clean(about)


def _sentence(evidence: Evidence) -> str:
    roles = evidence.accounts.group_by("role", maintain_order=True).agg("account").sort("role")
    return clean(" ".join(f"{role}: {', '.join(names)}." for role, names in roles.iter_rows()))


def _used(roles: dict[str, str]) -> list[Shape]:
    order = ("victim", "source", "distributor", "mule", "collector", "cash-out", "controller", "")
    present = {shape_of(role).role for role in roles.values()}
    return [shape_of(role) for role in order if role in present]


def _tip(svg: ET.Element, name: str) -> None:
    marker = {"id": f"{name}-tip", "viewBox": "0 0 10 10", "refX": "9", "refY": "5", "markerWidth": "9",
              "markerHeight": "9", "markerUnits": "userSpaceOnUse", "orient": "auto-start-reverse"}  # fmt: skip
    tip = ET.SubElement(ET.SubElement(svg, "defs"), "marker", marker)
    ET.SubElement(tip, "path", {"d": "M0 0.8L10 5L0 9.2z", "fill": "#3C3C3C"})


def _draw_arrow(body: ET.Element, arrow: _Arrow, name: str) -> None:
    row = arrow.row
    group = ET.SubElement(body, "g", {"class": "transaction", "data-transaction": clean(row["id"])})
    money = _amount(row, False)
    ET.SubElement(group, "title").text = clean(f"{row['id']}: {money}, {row['from']} to {row['to']}, {row['time']}")
    style = {"fill": "none", "stroke": "#3C3C3C", "stroke-width": "1.3", "marker-end": f"url(#{name}-tip)"}
    ET.SubElement(group, "path", {"d": arrow.curve.path, **style})


def _draw_label(body: ET.Element, arrow: _Arrow, plain: bool, full: bool) -> None:
    x, y = arrow.at
    high = 27.0 if full else 17.0
    box = {"x": f"{x - arrow.width / 2:.1f}", "y": f"{y - high / 2:.1f}", "width": f"{arrow.width:.1f}",
           "height": f"{high:.1f}", "rx": "3" if full else "8.5", "fill": "#FFFFFF"}  # fmt: skip
    if not full:
        box |= {"stroke": "#3C3C3C"}
    else:
        box |= {"fill-opacity": "0.9"}
    ET.SubElement(body, "rect", box)
    if not full:
        write(body, (x, y + 4), str(arrow.number), text_anchor="middle")
        return
    money, when = _lines(arrow.row, plain)
    write(body, (x, y - 2), money, text_anchor="middle", font_weight="600")
    write(body, (x, y + 10), when, text_anchor="middle", fill=PALE, font_size="10")


def _draw_account(body: ET.Element, layout: Layout, account: str, shape: Shape) -> None:
    x, y = layout.places[account]
    half = layout.heights[account] / 2
    group = ET.SubElement(body, "g", {"class": "account", "data-account": clean(account)})
    ET.SubElement(group, "title").text = clean(f"{account}, {shape.role or 'outside the ring'}")
    draw_outline(group, shape, (x, y), (NODE_WIDTH / 2, half))
    write(group, (x, y - 2), shorten(account), text_anchor="middle", font_weight="600")
    write(group, (x, y + 13), shape.role or "outside", text_anchor="middle", fill="#333333")


def _draw_key(svg: ET.Element, arrows: Sequence[_Arrow], top: float, rows: int) -> None:
    for k, arrow in enumerate(arrows):
        x, y = _MARGIN + k // rows * _KEY_WIDTH, top + (k % rows + 1) * _KEY_ROW
        row = arrow.row
        write(svg, (x + 22, y), str(arrow.number), text_anchor="end", font_weight="600")
        write(svg, (x + 30, y), f"{datetime.fromisoformat(row['time']):%d %b %Y %H:%M}", fill=PALE)
        write(svg, (x + 272, y), clean(_amount(row, False)), text_anchor="end")
        write(svg, (x + 284, y), f"{shorten(row['from'])} → {shorten(row['to'])}")
