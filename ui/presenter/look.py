"""How a presented picture looks: letters for the last row of a lecture hall, and colours of at least 7:1 on their ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QColor

from ..pictures.heat import blend
from ..style.theme import Theme

POINTS = 24.0  # no letter is smaller
BASE_HEIGHT = 720.0  # the screen on which these letters are right; on a larger one they grow
EDGE_PX = 4.0  # no line that means something is thinner
CONTRAST = 7.0
LINE_CONTRAST = 3.0  # of lines against the ground (WCAG's number for graphics)
UNIT_FONT = 18.0  # letters of a card, in units of the graph
LETTERS = (
    "text",
    "muted",
    "value",
    "gradient",
    "parameter",
    "op",
    "no_grad",
    "loss",
    "error",
    "warning",
    "success",
    "current",
    "selection",
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes in pixels for one screen."""

    text: int
    edge: float

    @property
    def card_scale(self) -> float:
        """The smallest scale of the graph at which the letters of a card are large enough."""
        return self.text / UNIT_FONT


def sizes(height: float, dots_per_inch: float) -> Sizes:
    """Letters of 24 points at least, and of a fixed share of the height on larger screens."""
    least = POINTS * dots_per_inch / 72.0
    grown = least * max(1.0, height / BASE_HEIGHT)
    return Sizes(int(-(-grown // 1)), EDGE_PX * max(1.0, height / BASE_HEIGHT))


def luminance(colour: QColor | str) -> float:
    """WCAG's relative luminance."""
    made = QColor(colour)
    parts = (made.redF(), made.greenF(), made.blueF())
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: QColor | str, other: QColor | str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lifted(colour: str, grounds: tuple[str, ...], wanted: float, towards: str) -> str:
    """The colour, mixed with `towards` as far as it needs to stand out from every ground."""
    for share in range(0, 101, 4):
        made = blend(QColor(colour), QColor(towards), share / 100)
        if all(contrast(made, ground) >= wanted for ground in grounds):
            return made.name()
    return towards


def stage_theme(theme: Theme) -> Theme:
    """The theme with the same hues at a contrast that a beamer in daylight needs."""
    made = _made.get(theme.name)
    if made is None:
        far = "#ffffff" if theme.dark else "#000000"
        grounds = (theme.window, theme.surface, theme.raised)
        wanted: dict[str, Any] = {role: lifted(getattr(theme, role), grounds, CONTRAST, far) for role in LETTERS}
        wanted |= {role: lifted(getattr(theme, role), grounds[:2], LINE_CONTRAST, far) for role in ("edge", "border")}
        made = _made[theme.name] = theme._replace(**wanted)
    return made._replace(hidden=theme.hidden)


_made: dict[str, Theme] = {}
