"""Further losses and optimizers of a training step, a few fields each: a GAN has a second loss with an optimizer of its own."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gradviz.document.model import Document, Param, Part
from gradviz.document.params import read_options
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.parts import movable, moved
from gradviz.document.run.training import BY_CLOSURE, check_options

from .letters import Chooser

SAME_BACKWARD = "none: after the backward before"
NO_STEP = "none: for the optimizer after"


class Moves(QLineEdit):
    """The names of what an optimizer moves; empty for all that no other one moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What the optimizer moves")

    def fill(self, document: Document, part: Part) -> None:
        """The names of a part."""
        names = ", ".join(document.blocks[b].name for b in moved(document, part))
        if not self.hasFocus():
            self.setText(names if part.moves else "")
            self.setCursorPosition(0)
        self.setPlaceholderText(f"the others: {names}" if names else "nothing is left: name some")
        can = ", ".join(document.blocks[b].name for b in movable(document))
        self.setToolTip(f"Names of tensors and layers: {can}" if can else "Nothing requires grad")

    def read(self, document: Document) -> tuple[str, ...]:
        """The blocks whose names stand there.

        Raises:
            DocumentProblem: one is no name of what an optimizer can move.
        """
        known = {document.blocks[b].name: b for b in movable(document)}
        names = [name for name in self.text().replace(",", " ").split() if name]
        for name in names:
            if name not in known:
                there = f"there are {', '.join(known)}" if known else "nothing requires grad"
                raise DocumentProblem(f"no tensor or layer that an optimizer can move is called {name}: {there}")
        return tuple(dict.fromkeys(known[name] for name in names))


class PartFields(QFrame):
    """One of them."""

    edited = Signal()
    gone = Signal()

    def __init__(self, known: Mapping[str, Mapping[str, Param]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("part")
        self._known = known
        self.loss, self.optimizer, self.options, self.moves = Chooser(self), Chooser(self), QLineEdit(self), Moves(self)
        self.optimizer.addItems([NO_STEP, *(name for name in known if name != BY_CLOSURE)])
        self.title = QLabel(self)
        self.remove = QPushButton("Remove", self)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.remove)
        form = QFormLayout(self)
        form.setContentsMargins(0, 6, 0, 0)
        form.setSpacing(5)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(top)
        for label, field in (("Loss", self.loss), ("Optimizer", self.optimizer), ("Options", self.options), ("Moves", self.moves)):
            form.addRow(label, field)
        self._form = form
        self.loss.activated.connect(self.edited)
        self.optimizer.activated.connect(self.edited)
        self.options.editingFinished.connect(self.edited)
        self.moves.editingFinished.connect(self.edited)
        self.remove.clicked.connect(self.gone)

    def fill(self, number: int, document: Document, part: Part, losses: list[tuple[str, str]]) -> None:
        """Show a part.

        Args:
            losses: the blocks that can go backward, with their names.
        """
        self.title.setText(f"<b>then</b> ({number})")
        self.remove.setAccessibleName(f"Remove part {number} of the step")
        for label, field in (("Loss", self.loss), ("Optimizer", self.optimizer), ("Options", self.options)):
            field.setAccessibleName(f"{label} of part {number}")
        wanted = [("", SAME_BACKWARD), *losses]
        if [(self.loss.itemData(k), self.loss.itemText(k)) for k in range(self.loss.count())] != wanted:
            self.loss.clear()
            for key, text in wanted:
                self.loss.addItem(text, key)
        self.loss.setCurrentIndex(max(0, self.loss.findData(part.loss)))
        self.optimizer.setCurrentText(part.optimizer or NO_STEP)
        if not self.options.hasFocus():
            self.options.setText(", ".join(f"{k}={v}" for k, v in part.options.items()))
        self.options.setToolTip(", ".join(f"{k}={v}" for k, v in self._known.get(part.optimizer, {}).items()))
        self.moves.fill(document, part)
        for line in (self.options, self.moves):
            self._form.setRowVisible(line, bool(part.optimizer))

    def read(self, document: Document, before: Part) -> Part:
        """What the fields say.

        Raises:
            DocumentProblem: an option or a name that there is none of.
        """
        name = self.optimizer.currentText()
        optimizer = "" if name == NO_STEP else name
        options = read_options(self.options.text()) if optimizer else {}
        if optimizer and optimizer != before.optimizer:
            options = {"lr": options.get("lr", self._known[optimizer].get("lr", 0.01))}
        elif options != before.options:
            check_options(optimizer, options, self._known.get(optimizer, {}))
        return Part(str(self.loss.currentData() or ""), optimizer, options, self.moves.read(document) if optimizer else ())


class PartsList(QWidget):
    """All further losses and optimizers, with a button for one more."""

    edited = Signal()
    more = Signal()
    removed = Signal(int)

    def __init__(self, known: Mapping[str, Mapping[str, Param]], parent: QWidget) -> None:
        super().__init__(parent)
        self._known = known
        self.rows: list[PartFields] = []
        self.add = QPushButton("Another loss or optimizer", self)
        self.add.setToolTip("A GAN has two losses, and an optimizer for each")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.add)
        self.add.clicked.connect(self.more)

    def fill(self, document: Document, losses: list[tuple[str, str]]) -> None:
        """Show the parts of a document."""
        parts = document.training.others
        while len(self.rows) > len(parts):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(parts):
            row = PartFields(self._known, self)
            row.edited.connect(self.edited)
            row.gone.connect(lambda row=row: self.removed.emit(self.rows.index(row)))
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)
            row.show()
        for k, (row, part) in enumerate(zip(self.rows, parts, strict=True)):
            row.fill(k + 2, document, part, losses)

    def read(self, document: Document) -> tuple[Part, ...]:
        """What all fields say.

        Raises:
            DocumentProblem: an option or a name that there is none of.
        """
        return tuple(row.read(document, part) for row, part in zip(self.rows, document.training.others, strict=True))
