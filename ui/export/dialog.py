"""ExportDialog: what, from when to when, how large, and where to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressDialog,
    QSpinBox,
    QWidget,
)

from gradviz.export.cancelled import Cancelled

from ..style.theme import THEMES
from .export import ExportProblem, Wanted, export
from .kinds import BY_ENDING, FILMS, KINDS, PICTURES

if TYPE_CHECKING:
    from gradviz.debugger.session import Session

    from ..window.panels import PanelledWindow

SIZES = {"1280 x 720": (1280, 720), "1920 x 1080": (1920, 1080), "640 x 360": (640, 360)}


class ExportDialog(QDialog):
    """Asks, and exports."""

    def __init__(self, window: PanelledWindow, session: Session) -> None:
        super().__init__(window)
        self.setObjectName("export")
        self.setWindowTitle("Export")
        self._window = window
        self._session = session
        form = QFormLayout(self)
        self.kind = QComboBox(self)
        for kind in KINDS:
            self.kind.addItem(kind.text, kind.ending)
        form.addRow("What", self.kind)
        self.theme = QComboBox(self)
        for name in THEMES:
            self.theme.addItem(name, name)
        self.theme.setCurrentText(window.bridge.theme.name)
        self.scale = QDoubleSpinBox(self)
        self.scale.setRange(0.25, 8.0)
        self.scale.setSingleStep(0.5)
        self.scale.setValue(2.0)
        self.scale.setSuffix(" ×")
        self.transparent = QCheckBox("without ground", self)
        self.first, self.last = QSpinBox(self), QSpinBox(self)
        for box in (self.first, self.last):
            box.setRange(1, max(1, session.length))
            box.setGroupSeparatorShown(True)
        self.last.setValue(session.length)
        span = QWidget(self)
        row = QHBoxLayout(span)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.first)
        row.addWidget(QLabel("to", span))
        row.addWidget(self.last)
        row.addStretch(1)
        self.size_ = QComboBox(self)
        for text, size in SIZES.items():
            self.size_.addItem(text, size)
        self.leaf = QComboBox(self)
        titles = {node.id: node for node in session.graph().nodes}
        for leaf in session.leaves():
            self.leaf.addItem(f"{titles[leaf].title}.grad  (line {titles[leaf].line})", leaf)
        self._rows: dict[str, QWidget] = {}
        for name, label, widget in (
            ("theme", "Look", self.theme), ("scale", "Scale", self.scale), ("transparent", "", self.transparent), ("span", "Events", span),
            ("size", "Size", self.size_), ("leaf", "Curve", self.leaf),
        ):  # fmt: skip
            form.addRow(label, widget)
            self._rows[name] = widget
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setStyleSheet(f"color: {window.bridge.theme.error}")
        form.addRow(self.problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.write = buttons.addButton("Export…", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.rejected.connect(self.reject)
        buttons.accepted.connect(self._ask)
        form.addRow(buttons)
        self._form = form
        self.kind.currentIndexChanged.connect(self._fit)
        self.kind.setCurrentIndex(max(0, self.kind.findData(window.settings.export_ending)))
        self._fit()

    def _fit(self) -> None:
        """Only what the kind has."""
        ending = self.kind.currentData()
        picture, film = ending in PICTURES, ending in FILMS
        shown = {
            "theme": picture or film, "scale": picture, "transparent": picture, "span": film or ending == ".html", "size": film,
            "leaf": ending == ".csv",
        }  # fmt: skip
        for name, widget in self._rows.items():
            self._form.setRowVisible(widget, shown[name])
        self.problem.setText("")
        self._form.setRowVisible(self.problem, False)
        self.adjustSize()

    def _wanted(self) -> Wanted:
        size = self.size_.currentData() if self.kind.currentData() in FILMS else None
        return Wanted(
            THEMES[self.theme.currentData()], self.first.value() - 1, self.last.value() - 1, self.scale.value(), size,
            self.transparent.isChecked(), self.leaf.currentData(), self._window.canvas.direction,
        )  # fmt: skip

    def _ask(self) -> None:
        ending = self.kind.currentData()
        name = Path(self._window.bridge.path).stem or "graph"
        folder = Path(self._window.settings.export_folder)
        path, _ = QFileDialog.getSaveFileName(self, "Export", str(folder / f"{name}{ending}"), f"{BY_ENDING[ending].text} (*{ending})")
        if path:
            self.export_to(Path(path if path.lower().endswith(ending) else path + ending))

    def export_to(self, path: Path) -> bool:
        """Write the file, with a bar where it takes time; whether it is there."""
        settings = self._window.settings
        settings.export_folder, settings.export_ending = str(path.parent), path.suffix.lower()
        bar = QProgressDialog(f"Writing {path.name}", "Cancel", 0, 1, self)
        bar.setWindowModality(Qt.WindowModality.WindowModal)
        bar.setMinimumDuration(400)
        bar.rejected.connect(bar.cancel)  # Esc by itself would only hide it

        def progress(done: int, of: int) -> bool:
            bar.setMaximum(of)
            bar.setValue(done)
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            return not bar.wasCanceled()

        try:
            remark = export(self._session, path, self._wanted(), progress)
        except Cancelled:
            self._tell("Cancelled: nothing was written.")
            return False
        except ExportProblem as problem:
            self._tell(str(problem))
            return False
        finally:
            bar.reset()
            bar.deleteLater()
        self._window.tell("good", f"Wrote {path.name}. {remark}".removesuffix(". "))
        self.accept()
        return True

    def _tell(self, text: str) -> None:
        self.problem.setText(text)
        self._form.setRowVisible(self.problem, True)
        self.adjustSize()
