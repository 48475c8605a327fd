"""GraphView: `.grad` of a leaf over time, or two runs beside each other. Imported after the first paint: pyqtgraph takes 0.35 s."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg  # it has no type hints
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ..pictures.heat import blend
from ..pictures.numbers import brief, short
from ..style.theme import SMALL_PX, Theme, ui_font
from .curves import Floats, element_curves, norm_curve, per_epoch, spaced, stairs

if TYPE_CHECKING:
    from gradviz.debugger.answers import Series

    from ..bridge import Bridge

_DASHES = ((Qt.PenStyle.SolidLine, "━━"), (Qt.PenStyle.DashLine, "╍╍"), (Qt.PenStyle.DotLine, "┅┅"), (Qt.PenStyle.DashDotLine, "━╍"))
_AXIS = 58  # room for the numbers at the left
_TICK = 72  # and for the name of an epoch below
_LONGEST = 24  # letters of a name in the legend
_PADDING, _LABEL_PADDING = 0.08, 0.22  # around the curves; more where their names stand above them


def _shown(name: str) -> str:
    """A name for the legend: of a long one the ends."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 + 1 :]}"


def _last(series: Series) -> float:
    """Where a curve ends."""
    values = per_epoch(series)[1]
    fine = values[np.isfinite(values)]
    return float(fine[-1]) if len(fine) else 0.0


class _Values(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no type hints
    """An axis whose numbers are written as everywhere else in the window."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Large and small numbers are short; between them pyqtgraph knows how many digits tell them apart."""
        if any(value and not 1e-3 <= abs(value) < 1e6 for value in values) and not self.logMode:
            return [brief(float(f"{value * scale:.12g}")) for value in values]
        found: list[str] = super().tickStrings(values, scale, spacing)
        return found


class GraphView(QWidget):
    """A pyqtgraph plot in the theme's colours; a click on a point goes to its event."""

    seeked = Signal(int)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grad_plot")
        self.setAccessibleName("Plot of .grad")
        self._bridge = bridge
        self._series: Series | None = None
        self._ticks: tuple[tuple[int, str], ...] = ()
        self._comparison: tuple[Series, Series] | None = None
        self._position = -1
        self.shows_elements = self.shows_norm = True
        self.logarithmic = False
        self.labels: list[str] = []  # what the legend or the direct labels say
        self.plot = pg.PlotWidget(self, axisItems={"left": _Values("left")})
        self.plot.setObjectName("grad_plot_view")
        self.plot.setAccessibleName("Plot of .grad: drag pans, the wheel zooms, A shows all")
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # else Tab stops at the plot twice
        self.item = self.plot.getPlotItem()
        self.item.setMenuEnabled(False)
        self.item.hideButtons()
        self.legend = QLabel(self)
        self.legend.setObjectName("grad_plot_legend")
        self.legend.setFont(ui_font(SMALL_PX))
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setMinimumWidth(60)
        self.cursor_line = pg.InfiniteLine(angle=90, movable=False)
        self.points: list[Any] = []
        self.bad: tuple[int, ...] = ()  # the events after which `.grad` has a nan or inf
        self._keys: list[str] = []
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.legend)
        rows.addWidget(self.plot, 1)
        bridge.theme_changed.connect(self.redraw)
        self.redraw()

    # What is shown.

    def set_series(self, series: Series | None, ticks: tuple[tuple[int, str], ...] = ()) -> None:
        """Show the series of a leaf; `ticks` are the events where its epochs begin, with their names."""
        self._series, self._ticks, self._comparison = series, ticks, None
        self.redraw()

    def set_comparison(self, with_: Series, without: Series) -> None:
        """Show two runs in one plot: with and without zero_grad."""
        self._comparison = (with_, without)
        self.redraw()

    def show_parts(self, elements: bool, norm: bool, logarithmic: bool) -> None:
        """Which curves, and on which scale."""
        self.shows_elements, self.shows_norm, self.logarithmic = elements, norm, logarithmic
        self.redraw()

    def set_position(self, position: int) -> None:
        """Put the cursor line on an event."""
        self._position = position
        series = self._series
        inside = self._comparison is None and series is not None and bool(series.events)
        self.cursor_line.setVisible(inside and position >= 0)
        self.cursor_line.setValue(position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many names of epochs as there is room for now."""
        super().resizeEvent(event)
        if self._comparison is None and self._ticks:
            self._draw_ticks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A shows all."""
        if event.key() == Qt.Key.Key_A:
            self.item.enableAutoRange()
        else:
            super().keyPressEvent(event)

    # Drawing.

    def redraw(self) -> None:
        """Draw everything again."""
        theme = self._bridge.theme
        self.item.clear()
        self.points, self.labels, self._keys, self.bad = [], [], [], ()
        self._restyle(theme)
        self.item.setLogMode(False, self.logarithmic)
        if self._comparison is not None:
            self._draw_comparison(theme, *self._comparison)
        elif self._series is not None and self._series.events:
            self._draw_series(theme, self._series)
        self.item.addItem(self.cursor_line, ignoreBounds=True)
        self.item.vb.setDefaultPadding(_PADDING if self._comparison is None else _LABEL_PADDING)
        self.item.enableAutoRange()
        self.legend.setText("&nbsp;&nbsp;&nbsp;".join(self._keys))
        self.legend.setAccessibleName(f"Curves: {', '.join(self.labels)}")
        self.set_position(self._position)
        self.setAccessibleDescription("; ".join(self.labels))

    def _restyle(self, theme: Theme) -> None:
        self.plot.setBackground(theme.surface)
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(ui_font(SMALL_PX))
            axis.enableAutoSIPrefix(False)
        self.item.getAxis("left").setWidth(_AXIS)
        self.item.showGrid(x=False, y=True, alpha=0.18)
        self.legend.setStyleSheet(f"color: {theme.text}; padding-left: {_AXIS + 2}px")
        self.cursor_line.setPen(pg.mkPen(theme.current, width=2))

    def _draw_series(self, theme: Theme, series: Series) -> None:
        """Elements thin, the norm thick, as stairs: a value holds until the next write."""
        if self.shows_norm:  # first: the elements are drawn over it where both fall together
            colour = QColor(theme.text)  # as the line of the norm in the ledger
            self._add(series, "norm", norm_curve(series).values, pg.mkPen(colour, width=2.5), colour, 8)
            self._keys.append(f'<span style="color:{colour.name()}">━━</span> norm of {_shown(series.name)}.grad')
        curves = element_curves(series) if self.shows_elements else ()
        for k, curve in enumerate(curves):
            share = 0.0 if len(curves) == 1 else 0.7 * k / (len(curves) - 1)
            colour = blend(QColor(theme.gradient), QColor(theme.loss), share)
            style, sign = _DASHES[k % len(_DASHES)]
            self._add(series, curve.name, curve.values, pg.mkPen(colour, width=2, style=style), colour, 7)
            name = f"{_shown(series.name)}.grad{curve.name}" if curve.name.startswith("[") else f"{_shown(series.name)}.grad, {curve.name}"
            self._keys.append(f'<span style="color:{colour.name()}">{sign}</span> {name}')
        self._draw_ticks()

    def _draw_ticks(self) -> None:
        self.item.getAxis("bottom").setTicks([spaced(self._ticks, max(2, (self.width() - _AXIS) // _TICK)), []])

    def _add(self, series: Series, name: str, values: Floats, pen: Any, colour: QColor, size: float) -> None:
        values = np.where((values > 0) & np.isfinite(values) if self.logarithmic else np.isfinite(values), values, np.nan)
        x, y = stairs(series.events, values)
        line = pg.PlotDataItem(x, y, pen=pen, connect="finite", name=name, logMode=(False, self.logarithmic))
        self.item.addItem(line)
        fine = np.isfinite(values)
        at = np.array(series.events, np.float64)[fine]
        shown = np.log10(values[fine]) if self.logarithmic else values[fine]

        def tip(*, y: float, data: int, **_: float) -> str:
            return f"{name} {short(10**y if self.logarithmic else y)} at event {int(data) + 1}"

        points = pg.ScatterPlotItem(
            at, shown, size=size, brush=pg.mkBrush(colour), pen=pg.mkPen(self._bridge.theme.surface), hoverable=True, hoverSize=size + 4,
            data=at.astype(np.int64), tip=tip,
        )  # fmt: skip
        points.sigClicked.connect(self._clicked)
        self.item.addItem(points)
        self.points.append(points)
        if name == "norm":
            self._mark_bad(series, values)
        self.labels.append(f"{name}: {', '.join(short(float(v)) for v in values[:12])}")

    def _mark_bad(self, series: Series, norms: Floats) -> None:
        """Where `.grad` has a nan or inf no curve can go: a cross says so."""
        there = np.array(series.kinds) == "accumulate"
        bad = np.flatnonzero(there & ~np.isfinite(np.array(series.norms)))
        fine = norms[np.isfinite(norms)]
        low = (float(np.log10(fine.min())) if self.logarithmic else min(0.0, float(fine.min()))) if fine.size else 0.0
        colour = pg.mkColor(self._bridge.theme.error)
        crosses = pg.ScatterPlotItem(
            np.array(series.events, np.float64)[bad], np.full(len(bad), low), symbol="x", size=11, brush=colour, pen=colour, hoverable=True,
            data=np.array(series.events, np.int64)[bad],
            tip=lambda *, data, **_: f"norm {short(series.norms[series.events.index(int(data))])} at event {int(data) + 1}",
        )  # fmt: skip
        crosses.sigClicked.connect(self._clicked)
        self.item.addItem(crosses)
        self.bad = tuple(int(series.events[k]) for k in bad)
        if len(bad):
            self._keys.append(f'<span style="color:{self._bridge.theme.error}">✕</span> nan or inf')

    def _draw_comparison(self, theme: Theme, with_: Series, without: Series) -> None:
        """Two curves with their names at their ends."""
        unit = ""
        ends = {name: _last(series) for series, name in ((with_, "with zero_grad"), (without, "without zero_grad"))}
        below = min(ends, key=lambda name: ends[name])  # its name stands under its curve: the curves begin at the same point
        runs = ((without, "without zero_grad", theme.error, "t1"), (with_, "with zero_grad", theme.success, "o"))
        for series, name, role, symbol in runs:
            x, y, unit = per_epoch(series)
            y = np.where(y > 0, y, np.nan) if self.logarithmic else y
            self.item.addItem(pg.PlotDataItem(
                x, y, pen=pg.mkPen(role, width=2.5), symbol=symbol, symbolSize=9, symbolBrush=role, symbolPen=None, connect="finite"
            ))  # fmt: skip
            text = f"{name}: {', '.join(short(float(v)) for v in y[:6])}{' …' if len(y) > 6 else ''}"
            self.labels.append(text)
            fine = np.flatnonzero(np.isfinite(y))
            if len(fine):
                ends_only = f"{name}: {short(float(y[fine[0]]))} … {short(float(y[fine[-1]]))}"
                room = (self.plot.width() - _AXIS) * (1 - _LABEL_PADDING)  # it ends at the last point
                wide = QFontMetrics(ui_font(12, bold=True)).horizontalAdvance
                shown = next((told for told in (text, ends_only) if wide(told) <= room), name)
                label = pg.TextItem(shown, color=role, anchor=(1, -0.15 if name == below else 1.15))
                label.setFont(ui_font(12, bold=True))
                last = float(y[fine[-1]])
                self.item.addItem(label)
                label.setPos(float(x[fine[-1]]), float(np.log10(last)) if self.logarithmic else last)
        epochs = sorted({int(k) for series in (with_, without) for k in per_epoch(series)[0]})
        self.item.getAxis("bottom").setTicks([[(k, f"epoch {k}") for k in epochs[:: max(1, -(-len(epochs) // 8))]], []])
        self._keys.append(f"<b>{with_.name}.grad</b> after each epoch's backward ({unit})")

    def _clicked(self, points: Any, spots: Any, event: Any) -> None:
        if len(spots):
            self.seeked.emit(int(spots[0].data()))

    def screen_point(self, event: int) -> QPointF:
        """Where the first point of an event is drawn, in coordinates of `plot.viewport()`."""
        for points in self.points:
            for spot in points.points():
                if int(spot.data()) == event:
                    scene = self.item.vb.mapViewToScene(spot.pos())
                    return QPointF(self.plot.mapFromScene(scene))
        raise LookupError(f"event {event} has no point")
