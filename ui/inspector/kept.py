"""KeptSection: what an optimizer keeps for the inspected parameter, momentum and averages, each with its writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ..pictures.array_view import ArrayView
from .link import LinkButton
from .section import Section

if TYPE_CHECKING:
    from gradviz.debugger.answers import Kept

    from ..bridge import Bridge


class KeptSection(Section):
    """For each tensor of the optimizer's state its name, which leads to who wrote it, above its numbers."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, "Optimizer state", "parameter", parent)
        self._bridge = bridge
        self.names: list[LinkButton] = []
        self.arrays: list[ArrayView] = []
        self._shown: tuple[Kept, ...] = ()

    def show_kept(self, kept: tuple[Kept, ...]) -> None:
        """Show these; nothing where there is none."""
        self.setVisible(bool(kept))
        if [one.key for one in kept] != [one.key for one in self._shown]:
            self._make(kept)
        self._shown = kept
        for one, name, array in zip(kept, self.names, self.arrays, strict=True):
            name.set_text(one.title)
            written = one.picture is not None
            name.setToolTip(f"{'Go to where it was written' if written else 'Go to where it is written first'}: {one.sentence}")
            name.setProperty("event", one.event)
            name.setEnabled(one.event >= 0)
            array.set_picture(one.picture, "not there before the first step")

    def _make(self, kept: tuple[Kept, ...]) -> None:
        for widget in (*self.names, *self.arrays):
            self.rows.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.names = [LinkButton(self._bridge, one.title, f"state {one.key}", "link", self) for one in kept]
        self.arrays = [ArrayView(self._bridge, f"state {one.key} numbers", self, "parameter") for one in kept]
        for name, array in zip(self.names, self.arrays, strict=True):
            name.clicked.connect(self._go)
            self.rows.addWidget(name)
            self.rows.addWidget(array)

    def _go(self) -> None:
        sender = self.sender()
        if sender is not None:
            self._bridge.seek(int(sender.property("event")))
