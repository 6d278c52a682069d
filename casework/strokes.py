"""Set the single marks of a drawing: words, outlines, legend."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET  # only written here, never parsed

from casework.layout import NODE_WIDTH, Point
from casework.palette import Shape

__all__ = ["PALE", "clean", "draw_legend", "draw_outline", "shorten", "write"]

PALE = "#555555"
_FORBIDDEN = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_LETTERS = 18  # letters of a name that fit into an account's outline at 11 px


def clean(text: str) -> str:
    """Return *text* with what XML cannot hold replaced."""
    return _FORBIDDEN.sub("\ufffd", text)


def shorten(name: str) -> str:
    """Return *name*, its middle left out where it is too long for an account's outline."""
    name = clean(name)
    return name if len(name) <= _LETTERS else f"{name[:6]}…{name[-11:]}"


def write(parent: ET.Element, at: Point, text: str, **style: str) -> None:
    """Add *text* with its baseline at *at*; *style* are SVG attributes with _ for -."""
    place = {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}"}
    ET.SubElement(parent, "text", {**place, **{k.replace("_", "-"): v for k, v in style.items()}}).text = text


def draw_legend(svg: ET.Element, shapes: Sequence[Shape], at: Point) -> None:
    """Add one line for each of *shapes*, from *at* downwards; 22 pixels a line."""
    for k, shape in enumerate(shapes):
        x, y = at[0], at[1] + 22 * k
        draw_outline(svg, shape, (x + 17, y + 8), (17.0, 8.0))
        write(svg, (x + 44, y + 12), shape.role or "outside", font_weight="600", font_size="12")
        write(svg, (x + 130, y + 12), shape.sentence, fill=PALE, font_size="12")


def draw_outline(group: ET.Element, shape: Shape, centre: Point, size: Point = (NODE_WIDTH / 2, 22.0)) -> None:
    """Add the outline of *shape* around *centre*; *size* is half its width and half its height."""
    (x, y), (wide, half) = centre, size
    slant = min(14.0, half)
    look = {"fill": shape.fill, "stroke": shape.line, "stroke-width": "2"}
    if shape.name in ("hexagon", "arrow"):
        corners = [
            (-wide + slant, -half),
            (wide - slant, -half),
            (wide, 0),
            (wide - slant, half),
            (-wide + slant, half),
            (-wide, 0),
        ]
        if shape.name == "arrow":
            corners = [(-wide, -half), (wide - slant, -half), (wide, 0), (wide - slant, half), (-wide, half)]
        points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
        ET.SubElement(group, "polygon", {"points": points, **look})
        return
    *kind, outline = shape.name.split()
    if "dashed" in kind:
        look["stroke-dasharray"] = "5 3"
    radius = min(22.0, half) if outline == "pill" else 0.0 if "double" in kind else 3.0
    for inset in (0.0, min(4.0, half / 3)) if "double" in kind else (0.0,):
        extent = {"width": f"{2 * (wide - inset):.1f}", "height": f"{2 * (half - inset):.1f}", "rx": f"{radius:.1f}"}
        place = {"x": f"{x - wide + inset:.1f}", "y": f"{y - half + inset:.1f}"}
        ET.SubElement(group, "rect", {**place, **extent, **look})
