"""QuantitySection: a value or a gradient with its numbers, statistics, histogram and writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QWidget

from ..pictures.array_view import ArrayView
from ..pictures.histogram import Histogram
from ..pictures.numbers import shape_text
from ..pictures.statistics import StatisticsRow
from ..style.breakable import breakable
from .link import LinkButton
from .section import Section

if TYPE_CHECKING:
    from gradviz.debugger.answers import Writer
    from gradviz.debugger.scene import Picture

    from ..bridge import Bridge


class QuantitySection(Section):
    """One quantity of the inspected node, in its colour."""

    def __init__(self, bridge: Bridge, title: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(bridge, title, role, parent)
        word = title.lower()
        self._bridge = bridge
        self._writer: Writer | None = None
        self.array = ArrayView(bridge, f"{word} numbers", self, role)
        self.statistics = StatisticsRow(bridge, f"{word} statistics", self)
        self.histogram = Histogram(bridge, f"{word} histogram", role, self)
        self.written = QLabel(self)
        self.written.setObjectName(f"{word}_written")
        self.written.setAccessibleName(f"Who wrote the {word}")
        self.written.setWordWrap(True)
        self.go = LinkButton(bridge, "Go to where it was written", f"{word} writer", "link", self)
        self.go.clicked.connect(self._go)
        for widget in (self.array, self.statistics, self.histogram, self.written, self.go):
            self.rows.addWidget(widget)
        bridge.theme_changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.written.setStyleSheet(f"color: {self._bridge.theme.muted}")

    def show_quantity(self, picture: Picture | None, note: str, writer: Writer | None, none: str) -> None:
        """Show the picture, what it is, and who wrote it; `none` where there is no picture."""
        self.array.set_picture(picture, none)
        self.statistics.set_picture(picture)
        self.histogram.set_picture(picture)
        self._writer = writer
        for widget in (self.written, self.go):
            widget.setVisible(writer is not None)
        if writer is not None:
            self.written.setText(breakable(writer.sentence))
            here = self._bridge.session is not None and self._bridge.session.position == writer.event
            place = f" (line {writer.line})" if writer.line else ""
            self.go.set_text("Written by this very event" if here else f"Go to where it was written{place}")
            self.go.setEnabled(not here)
        bad = picture is not None and (picture.stats.nans > 0 or picture.stats.infs > 0)
        shape = shape_text(picture.stats.shape) if picture is not None else ""
        self.set_note("nan or inf inside" if bad else note if picture is not None and note else shape, alarm=bad)

    def _go(self) -> None:
        if self._writer is not None:
            self._bridge.seek(self._writer.event)
