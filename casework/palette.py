"""Fix how each role looks: a colour that colour-blind people can tell apart, and a shape besides."""

from dataclasses import dataclass

__all__ = ["Shape", "shape_of"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Say how an account of one role is drawn."""

    role: str
    name: str  # of the outline
    line: str  # colour of the outline, #RRGGBB
    fill: str  # pale colour under black text
    sentence: str  # for the legend

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Return red, green and blue of the outline, 0 to 255."""
        return int(self.line[1:3], 16), int(self.line[3:5], 16), int(self.line[5:7], 16)


# Colours of Okabe and Ito (2008), told apart by people with any common colour blindness.
_SHAPES = {
    "source": Shape("source", "pill", "#0072B2", "#E3F0F9", "where the money comes from"),
    "collector": Shape("collector", "hexagon", "#009E73", "#E2F5EF", "gathers from many"),
    "mule": Shape("mule", "box", "#8A6D00", "#FBF6DA", "passes the money on"),
    "distributor": Shape("distributor", "arrow", "#A03D7C", "#F8EAF2", "spreads to many"),
    "controller": Shape("controller", "double pill", "#000000", "#ECECEC", "holds the companies behind others"),
    "victim": Shape("victim", "dashed pill", "#2B7A9E", "#EAF5FB", "was defrauded"),
    "cash-out": Shape("cash-out", "double box", "#B64A00", "#FCEBDD", "where the money leaves"),
}
_OTHER = Shape("", "dashed box", "#555555", "#F4F4F4", "no role in the finding")


def shape_of(role: str | None) -> Shape:
    """Return the look of *role*; a role without one of its own looks like an outsider."""
    return _SHAPES.get(role or "", _OTHER)
