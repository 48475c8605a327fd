"""Colours, sizes, durations and fonts: a change of look is a change here and nowhere else.

The same quantity keeps its colour in canvas, inspector, timeline and plots: value teal, gradient orange,
parameter violet, no_grad grey, error red (always with an icon). People with any of the common colour blindnesses
tell them apart (`tests/ui/style/test_colours.py` measures it); in a grey print words, shapes and the signs of numbers do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

UI_FAMILIES = ["Inter", "DejaVu Sans"]
MONO_FAMILIES = ["JetBrains Mono", "DejaVu Sans Mono"]
FONT_PX = 13
SMALL_PX = 11
TITLE_PX = 15

CARD_WIDTH = 184.0
CARD_HEIGHT = 116.0
CARD_RADIUS = 8.0
BAR_WIDTH = 5.0
GRID_STEP = 24.0

PULSE_MS = 450  # a pulse along one edge at speed 1
SETTLE_MS = 250  # cards glide to their new place
FLASH_MS = 160


class Theme(NamedTuple):
    """One look. Colours are "#rrggbb" strings, named by meaning."""

    name: str
    window: str  # background of the canvas
    surface: str  # panels and cards
    raised: str  # chips, inputs, hovered rows
    border: str
    text: str
    muted: str  # second line of a card, axis labels (contrast at least 4.5:1)
    value: str
    gradient: str
    parameter: str
    op: str
    no_grad: str
    loss: str
    error: str
    warning: str
    success: str
    current: str  # ring around the current node, current line
    selection: str
    edge: str
    heat_zero: str  # the middle of the diverging scales
    heats: dict[str, tuple[str, str]]  # quantity -> their ends: most negative, most positive
    lanes: tuple[str, str, str]  # timeline: forward, backward, update
    passes: tuple[str, ...]  # one colour a backward pass, in the ledger; neighbours are told apart whatever somebody's eyes are
    syntax: dict[str, str]  # keyword, string, number, comment, name, builtin
    hidden: frozenset[str] = frozenset()  # what the cards of nodes leave out: "shapes", "values", "grads"

    @property
    def dark(self) -> bool:
        """Whether text is lighter than the ground."""
        return self.name == "dark"


DARK = Theme(
    name="dark", window="#0f1218", surface="#1a1f29", raised="#262d3a", border="#353d4d",
    text="#eef1f6", muted="#a3adbd",
    value="#2dd4bf", gradient="#fb923c", parameter="#9f84fd", op="#8aa6f2", no_grad="#7a91a2",
    loss="#fcd34d", error="#f66e6e", warning="#fbbf24", success="#4ade80", current="#fde047", selection="#60a5fa",
    edge="#566074", heat_zero="#20262f",
    heats={"value": ("#c79a6b", "#2dd4bf"), "gradient": ("#9d8cf5", "#ff9d3f")},
    lanes=("#2dd4bf", "#fb923c", "#9f84fd"),
    passes=("#fb923c", "#38bdf8", "#fb7185", "#a3e635", "#f472b6", "#facc15", "#34d399", "#c084fc"),
    syntax={"keyword": "#c4a5ff", "string": "#9ece6a", "number": "#ff9e64", "comment": "#8590a6", "name": "#eef1f6", "builtin": "#7dcfff"},
)  # fmt: skip

LIGHT = Theme(
    name="light", window="#f4f6fa", surface="#ffffff", raised="#e9edf4", border="#cbd3e0",
    text="#141a24", muted="#556174",
    value="#167368", gradient="#c2410c", parameter="#6d28d9", op="#3a60ce", no_grad="#61708e",
    loss="#8c6939", error="#a20007", warning="#a16207", success="#15803d", current="#a97f00", selection="#1d4ed8",
    edge="#a3aebf", heat_zero="#f3f5f9",
    heats={"value": ("#a0703a", "#0f8f80"), "gradient": ("#6a4fc4", "#d9660a")},
    lanes=("#167368", "#c2410c", "#6d28d9"),
    passes=("#c2410c", "#047857", "#a16207", "#be185d", "#4d7c0f", "#7e22ce", "#be123c", "#0369a1"),
    syntax={"keyword": "#6d28d9", "string": "#3f6f14", "number": "#b4440a", "comment": "#5d6879", "name": "#141a24", "builtin": "#0369a1"},
)  # fmt: skip

THEMES = {"dark": DARK, "light": LIGHT}


def ui_font(px: int = FONT_PX, bold: bool = False) -> QFont:
    """The font of labels and cards."""
    return QFont(_font(px, bold, mono=False))


def mono_font(px: int = FONT_PX) -> QFont:
    """The font of source text and numbers."""
    return QFont(_font(px, bold=False, mono=True))


@lru_cache(maxsize=64)
def _font(px: int, bold: bool, *, mono: bool) -> QFont:
    """Made once: a copy shares what Qt has found for its families, which a card would look up twenty times a frame."""
    font = QFont()
    font.setFamilies(MONO_FAMILIES if mono else UI_FAMILIES)
    font.setPixelSize(px)
    font.setBold(bold)
    return font


def heat_ends(theme: Theme, quantity: str) -> tuple[str, str]:
    """The colours of the most negative and the most positive number of a quantity ("value", "gradient", ...)."""
    return theme.heats.get(quantity, theme.heats["value"])


def heat_colours(theme: Theme, quantity: str = "value", levels: int = 256) -> np.ndarray:
    """The diverging scale of a quantity as Qt's 32-bit colours: index 0 is -max, the middle 0, the last +max."""
    return _scale(*heat_ends(theme, quantity), theme.heat_zero, levels)


@lru_cache(maxsize=32)
def _scale(low: str, high: str, zero: str, levels: int) -> np.ndarray:
    ends = [QColor(c) for c in (low, zero, high)]
    stops = np.array([(c.red(), c.green(), c.blue()) for c in ends], dtype=np.float64)
    at = np.linspace(0.0, 2.0, levels)
    red, green, blue = (np.interp(at, (0, 1, 2), stops[:, k]).round().astype(np.uint32) for k in range(3))
    made = 0xFF000000 | red << 16 | green << 8 | blue
    made.flags.writeable = False
    return made


def log_share(magnitude: float, low: float, high: float) -> float:
    """Where a gradient's norm stands between the smallest and largest of the picture, 0 to 1 on a log scale.

    Width and colour of pulses, edges and bars all come from this number.
    """
    if not np.isfinite(magnitude) or magnitude <= 0 or high <= 0:
        return 0.0 if magnitude <= 0 else 1.0
    if high <= low or low <= 0 or not np.isfinite(high):
        return 1.0
    return float(np.clip((np.log(magnitude) - np.log(low)) / (np.log(high) - np.log(low)), 0.0, 1.0))


def log_shares(magnitudes: np.ndarray, low: float, high: float) -> np.ndarray:
    """`log_share` of many at once."""
    if high <= low or low <= 0 or not np.isfinite(high):
        return np.where(magnitudes <= 0, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        shares: np.ndarray = np.clip((np.log(magnitudes) - np.log(low)) / (np.log(high) - np.log(low)), 0.0, 1.0)
    return shares


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a theme, so that stock widgets fit without style sheets."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.surface, role.WindowText: theme.text, role.Base: theme.window, role.AlternateBase: theme.raised,
        role.Text: theme.text, role.Button: theme.raised, role.ButtonText: theme.text, role.BrightText: theme.error,
        role.ToolTipBase: theme.raised, role.ToolTipText: theme.text, role.PlaceholderText: theme.muted,
        role.Highlight: theme.selection, role.HighlightedText: theme.window if theme.dark else theme.surface,
        role.Link: theme.selection, role.Light: theme.border, role.Midlight: theme.raised, role.Mid: theme.border,
        role.Dark: theme.border, role.Shadow: theme.window, role.Accent: theme.selection,
    }  # fmt: skip
    made = QPalette()
    for key, colour in colours.items():
        made.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.no_grad))
    return made


def primary_style(theme: Theme) -> str:
    """The style sheet of a toolbar with one button that stands out: the colour of what it sets in motion."""
    tint = QColor(theme.value)
    ground = f"rgba({tint.red()}, {tint.green()}, {tint.blue()}"
    return (
        "QToolButton#primary { border: 1px solid transparent; border-radius: 6px; padding: 2px 10px; }"
        f"QToolButton#primary:enabled {{ background: {ground}, 0.20); border-color: {theme.value}; font-weight: bold; }}"
        f"QToolButton#primary:enabled:hover {{ background: {ground}, 0.34); }}"
        f"QToolButton#primary:enabled:pressed {{ background: {ground}, 0.48); }}"
    )


def apply(app: QApplication, theme: Theme) -> None:
    """Give the whole application one look: our palette, our font (on the style of `application`)."""
    app.setPalette(palette(theme))
    boxes = palette(theme)  # Fusion draws an empty box in this colour, made darker: in that of the window nobody sees it on dark ground
    boxes.setColor(QPalette.ColorRole.Window, QColor(theme.muted).lighter(140))
    for of in ("QCheckBox", "QRadioButton"):
        app.setPalette(boxes, of)  # type: ignore[arg-type]  # the stubs say bytes, which are refused
    app.setFont(ui_font())
