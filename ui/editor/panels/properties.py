"""What is set at the selected node: name, value, parameters, inputs; everything can be typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.document import edits, values
from gradviz.document.model import DRAWN, DTYPES, REROUTE, TENSOR, Block, Document, Param, Value
from gradviz.document.number_files import SUFFIXES
from gradviz.document.palette.catalogue import MISSING, Entry, entry
from gradviz.document.palette.sizing import misfit, told, words_of
from gradviz.document.params import read_param
from gradviz.document.pictures import SUFFIXES as PICTURES
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import array_of
from gradviz.document.run.inference import show as shape_text
from gradviz.document.sharing import share

from ..asking.inline import widened
from ..asking.pictures import numbers_of
from ..desk import Desk
from ..layout.shape import is_number
from .grid import Grid, with_cell
from .letters import Chooser

FILLED = {
    "data": "written here", "zeros": "zeros", "ones": "ones", "randn": "randn: mean 0, deviation 1", "rand": "rand: even, 0 to 1",
    "normal": "normal: mean, deviation", "uniform": "uniform: even, low to high", "randint": "randint: whole numbers",
}  # fmt: skip
GRID = 64  # rows and columns that the grid shows


class Properties(QScrollArea):
    """A form for the first selected block."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("properties")
        self.setAccessibleName("What is set at the selected node")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._desk = desk
        self._shown: tuple[str, str] = ("", "")
        self._fields: dict[str, QWidget] = {}
        self._grid: Grid | None = None
        self._facts: QLabel | None = None
        self._fit: QPushButton | None = None
        self._filling = False
        desk.selection_changed.connect(self.refresh)
        desk.rested.connect(self.refresh)
        desk.changed.connect(self._follow)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(270, 400)

    @property
    def block(self) -> Block | None:
        """The block that the form is about."""
        return self._desk.document.blocks.get(self._desk.selected[0]) if self._desk.selected else None

    def field(self, name: str) -> QWidget | None:
        """An input of the form by its name ("name", "value", a parameter, a port)."""
        return self._fields.get(name)

    def needed(self) -> QWidget | None:
        """The first input that the node waits for."""
        block = self.block
        known = self._desk.known.get(block.id) if block is not None else None
        return next((self._fields[name] for name in known.waiting if name in self._fields), None) if known is not None else None

    def forget(self) -> None:
        """What is typed and not taken yet goes."""
        for line in self._fields.values():
            if isinstance(line, QLineEdit) and line.isModified():
                line.setModified(False)
        self._follow()

    def refresh(self) -> None:
        """Show the selected block; where it is the same one, only what changed."""
        block = self.block
        wired = ",".join(sorted(self._desk.document.inputs(block.id))) if block is not None else ""
        shown = (block.id, f"{block.op} {wired} {is_number(block)} {bool(block.state)}") if block is not None else ("", "")
        if shown != self._shown or block is None:
            self._shown = shown
            self._build(block)
        self._follow()

    def _build(self, block: Block | None) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 10, 10, 10)
        form = QFormLayout()
        column.addLayout(form)
        column.addStretch(1)
        form.setSpacing(7)
        self._form = form
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._fields, self._grid, self._facts, self._fit = {}, None, None, None
        if block is None:
            words = QLabel(
                "Select a node to see and change what is set at it.\n\nTab adds a node, = an expression, W connects the selected one."
            )
            words.setWordWrap(True)
            form.addRow(words)
        else:
            found = entry(block.op)
            title = QLabel(f"<b>{found.op if found is not None and block.op != TENSOR else block.op}</b>")
            title.setToolTip(found.doc if found is not None else "")
            form.addRow(title)
            if block.op != REROUTE:
                self._line(form, "name", "Name", lambda text: edits.rename(self._desk.document, block.id, text))
            if block.op == TENSOR:
                self._tensor(form, block)
            elif found is not None:
                self._settings(form, block, found)
            self._facts = QLabel()
            self._facts.setWordWrap(True)
            self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(self._facts)
        self.setWidget(body)

    def _line(self, form: QFormLayout, key: str, label: str, commit: Callable[[str], Document], hint: str = "") -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(label)
        line.setPlaceholderText(hint)
        line.setObjectName(f"field {key}")

        def take() -> None:
            if line.isModified() and not self._filling:
                line.setModified(False)
                if not self._desk.attempt(f"Set {key} of {self._name()}", lambda: commit(line.text())):
                    self._follow()

        line.editingFinished.connect(take)
        form.addRow(label, line)
        self._fields[key] = line
        return line

    def _name(self) -> str:
        return self.block.name if self.block is not None else ""

    def _tensor(self, form: QFormLayout, block: Block) -> None:
        def value() -> Value:
            now = self.block
            return (now.value if now is not None else None) or Value()

        def set_value(made: Value) -> Document:
            return self._desk.follow(edits.set_value(self._desk.document, block.id, widened(made)), block.id)

        def typed(text: str) -> Document:
            return set_value(values.typed(text, value(), edits.seeds(self._desk.document)))

        self._line(form, "value", "Value", typed, "[1, 2, 3] or linspace(-1, 1, 9)")
        source = Chooser()
        for name, words in FILLED.items():
            source.addItem(words, name)
        source.setAccessibleName("Where the numbers come from")

        def filled() -> Document:
            own = values.own_seed(value(), edits.seeds(self._desk.document))
            made = _filled(own, str(source.currentData()))
            return set_value(made if made.source in DRAWN else replace(made, seed=value().seed))

        source.activated.connect(lambda _: self._desk.attempt(f"Fill {self._name()}", filled))
        form.addRow("Numbers", source)
        self._fields["source"] = source
        self._line(form, "seed", "Seed", lambda text: set_value(_with_seed(value(), text)), "0")
        anew = Chooser()
        anew.addItem("once", False)
        anew.addItem("anew in each step", True)
        anew.setAccessibleName("How often it is drawn")
        anew.activated.connect(
            lambda _: self._desk.do(
                f"Draw {self._name()} {anew.currentText()}",
                edits.set_value(self._desk.document, block.id, replace(value(), anew=bool(anew.currentData()))),
            )
        )
        form.addRow("Drawn", anew)
        self._fields["anew"] = anew
        dtype = Chooser()
        dtype.addItems(DTYPES)
        dtype.setAccessibleName("dtype")
        dtype.textActivated.connect(
            lambda text: self._desk.attempt(f"Set dtype of {self._name()}", lambda: self._with_dtype(block.id, text))
        )
        form.addRow("dtype", dtype)
        self._fields["dtype"] = dtype
        self._flag(form, "requires_grad", "requires_grad")
        if is_number(block):
            self._line(form, "slider", "Slider", lambda text: set_value(values.with_ends(value(), text)), "-5 … 5")
        from_file = QPushButton("Load .csv, .npy, a picture…")
        from_file.clicked.connect(lambda: self._load(block.id))
        form.addRow(from_file)
        self._grid = Grid(lambda text: self._paste(block.id, text), lambda: self._clear(block.id), self)
        self._grid.cellChanged.connect(self._cell)
        form.addRow(self._grid)

    def _with_dtype(self, block_id: str, dtype: str) -> Document:
        block = self._desk.document.blocks[block_id]
        value = replace(block.value or Value(), dtype=dtype)
        if value.source in DRAWN and value.source != "randint" and not dtype.startswith("float"):
            raise DocumentProblem(f"{value.source} draws floats; write numbers to have {dtype}")
        if dtype == "int64" and any(v != v or abs(v) == float("inf") for v in value.data):
            raise DocumentProblem("int64 has no nan and no inf")
        if dtype in ("int64", "bool"):
            value = replace(value, data=tuple(float(int(v) if dtype == "int64" else bool(v)) for v in value.data))
        return edits.set_value(self._desk.document, block_id, value)

    def _settings(self, form: QFormLayout, block: Block, found: Entry) -> None:
        wired = self._desk.document.inputs(block.id)
        for port in found.ports:
            if port.many:
                continue
            if port.name in wired:
                source = self._desk.document.blocks[wired[port.name].source].name
                form.addRow(port.name, QLabel(f"← {source}"))
            else:
                hint = "a wire, or a number" + ("" if not port.optional else " (may stay empty)")
                self._line(form, port.name, port.name, partial(self._with_param, block.id, port.name), hint)
        for setting in found.settings:
            hint = "needed" if setting.default == MISSING else _show(setting.default)
            self._line(form, setting.name, setting.name, partial(self._with_param, block.id, setting.name), hint)
        if found.layer:
            self._weights(form, block)
            self._fit = QPushButton()
            self._fit.setObjectName("fit sizes")
            self._fit.clicked.connect(self._set_sizes)
            form.addRow(self._fit)
        if block.state:
            again = QPushButton("Draw its parameters again")
            again.setToolTip("Forget what the training made of them")
            again.clicked.connect(lambda: self._desk.do(f"Draw {block.name} again", edits.forget_training(self._desk.document, block.id)))
            form.addRow(again)
        if block.op != REROUTE:
            self._flag(form, "retain_grad", "retain_grad")
            self._flag(form, "muted", "muted: pass the first input on")

    def _weights(self, form: QFormLayout, block: Block) -> None:
        """Whose parameters a layer has: its own, or those of another one of its kind."""
        field = Chooser()
        field.setAccessibleName("Whose weights it has")
        field.setToolTip("Two nodes with the same weights are one layer that is called twice, as D(real) and D(fake) are")
        field.activated.connect(
            lambda _: self._desk.attempt(
                f"Give {self._name()} the weights {field.currentText()}",
                lambda: share(self._desk.document, block.id, str(field.currentData())),
            )
        )
        form.addRow("Weights", field)
        self._fields["weights"] = field

    def _follow_weights(self, block: Block) -> None:
        field = self._fields.get("weights")
        if not isinstance(field, QComboBox):
            return
        blocks = self._desk.document.blocks.values()
        others = [b for b in blocks if b.op == block.op and b.id != block.id and not b.layer]
        wanted = [("", "of its own"), *((b.id, f"of {b.name}") for b in others)]
        if [(field.itemData(k), field.itemText(k)) for k in range(field.count())] != wanted:
            field.clear()
            for key, text in wanted:
                field.addItem(text, key)
        field.setCurrentIndex(max(0, field.findData(block.layer)))
        self._form.setRowVisible(field, len(wanted) > 1)

    def _flag(self, form: QFormLayout, flag: str, text: str) -> None:
        box = QCheckBox(text)
        box.clicked.connect(
            lambda: self._desk.do(f"Turn {flag} of {self._name()}", edits.toggle(self._desk.document, self._desk.selected[:1], flag))
        )
        form.addRow(box)
        self._fields[flag] = box

    def _with_param(self, block_id: str, name: str, text: str) -> Document:
        if not text.strip():
            return edits.clear_param(self._desk.document, block_id, name)
        return edits.set_param(self._desk.document, block_id, name, read_param(text))

    def _load(self, block_id: str) -> None:
        wanted = " ".join(f"*{suffix}" for suffix in SUFFIXES + PICTURES)
        path, _ = QFileDialog.getOpenFileName(self, "Load numbers", "", f"Numbers ({wanted});;All files (*)")
        block = self._desk.document.blocks.get(block_id)
        if path and block is not None and block.value is not None:
            value, said = block.value, list[str]()

            def edit() -> Document:
                numbers = numbers_of(path, value)
                if len(numbers) > 1:
                    names = ", ".join(one.name for one in numbers)
                    raise DocumentProblem(f"{Path(path).name} holds {names}: drop it on the canvas, and each becomes a tensor")
                said.append(numbers[0].told(block.name))
                return self._desk.follow(edits.set_value(self._desk.document, block_id, numbers[0].value), block_id)

            if self._desk.attempt(f"Load {block.name}", edit) and said[-1]:
                self._desk.note.emit("info", said[-1])

    def _paste(self, block_id: str, text: str) -> None:
        block = self._desk.document.blocks.get(block_id)
        if block is not None and block.value is not None:
            value = block.value

            def pasted() -> Document:
                return self._desk.follow(edits.set_value(self._desk.document, block_id, values.parse(text, value)), block_id)

            self._desk.attempt(f"Paste into {block.name}", pasted)
            self.refresh()

    def _cell(self, row: int, column: int) -> None:
        block = self.block
        if self._filling or self._grid is None or block is None or block.value is None:
            return
        item, value = self._grid.item(row, column), block.value
        text = item.text() if item is not None else ""
        place = row * (value.shape[-1] if value.shape else 1) + column
        if not self._desk.attempt(
            f"Set {block.name}", lambda: edits.set_value(self._desk.document, block.id, with_cell(value, place, text))
        ):
            self._fill_grid(value)

    def _clear(self, block_id: str) -> None:
        """The selected cells as zeros."""
        block = self._desk.document.blocks[block_id]
        if self._grid is not None and block.value is not None:
            width, data = self._grid.columnCount(), list(block.value.data)
            for index in self._grid.selectedIndexes():
                data[index.row() * width + index.column()] = 0.0
            self._desk.do(
                f"Clear cells of {block.name}", edits.set_value(self._desk.document, block_id, replace(block.value, data=tuple(data)))
            )

    # -- filling ---------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Numbers and words of the block as it is now."""
        block = self.block
        if block is None or block.id != self._shown[0]:
            return
        self._filling = True
        self._set("name", block.name)
        if block.value is not None:
            self._set("value", values.show(block.value))
            self._set("slider", f"{block.value.low:g} … {block.value.high:g}")
            dtype = self._fields.get("dtype")
            if isinstance(dtype, QComboBox):
                dtype.setCurrentText(block.value.dtype)
            source = self._fields.get("source")
            if isinstance(source, QComboBox):
                source.setCurrentIndex(source.findData(block.value.source))
            self._set("seed", str(block.value.seed))
            anew = self._fields.get("anew")
            if isinstance(anew, QComboBox):
                anew.setCurrentIndex(anew.findData(block.value.anew))
            for name in ("seed", "anew"):
                if (field := self._fields.get(name)) is not None:
                    self._form.setRowVisible(field, block.value.source in DRAWN)
            self._fill_grid(block.value)
        for name in self._fields:
            if name not in ("name", "value", "slider", "dtype", "source", "seed", "anew", "weights"):
                self._set(name, _show(block.params[name]) if name in block.params else "")
        self._follow_weights(block)
        for flag in ("requires_grad", "retain_grad", "muted"):
            box = self._fields.get(flag)
            if isinstance(box, QCheckBox):
                box.setChecked(getattr(block, flag))
        if self._facts is not None:
            self._facts.setText(self._words(block))
        if self._fit is not None:
            sizes = misfit(block, self._desk.document.inputs(block.id), self._desk.known)
            self._fit.setText(f"Set {words_of(sizes)}")
            self._form.setRowVisible(self._fit, bool(sizes))
        self._filling = False

    def _set_sizes(self) -> None:
        """What the layer reads says how large it is."""
        block = self.block
        if block is not None:
            sizes = misfit(block, self._desk.document.inputs(block.id), self._desk.known)
            self._desk.do(f"Set {words_of(sizes)} of {block.name}", told(self._desk.document, block.id, sizes))

    def _set(self, name: str, text: str) -> None:
        line = self._fields.get(name)
        if isinstance(line, QLineEdit) and not (line.hasFocus() and line.isModified()) and line.text() != text:
            line.setText(text)

    def _words(self, block: Block) -> str:
        known, ran = self._desk.known.get(block.id), self._desk.ran
        rows = []
        if known is not None and known.spec is not None:
            rows.append(
                f"gives {shape_text(known.spec.shape)} {known.spec.dtype}"
                + (f", {len(known.outputs)} outputs" if len(known.outputs) > 1 else "")
            )
        if known is not None and known.waiting:
            rows.append("waits for " + ", ".join(known.waiting))
        if block.state:
            rows.append("trained: " + ", ".join(f"{name} {shape_text(value.shape)}" for name, value in block.state.items()))
        if block.id == ran.loss:
            rows.append("backward begins here")
        for label, array in (("value", ran.values.get(block.id)), ("gradient", ran.grads.get(block.id))):
            if array is not None:
                known_ones = array[~np.isnan(array)] if array.dtype.kind in "fc" else array
                ends = f", {known_ones.min():.4g} … {known_ones.max():.4g}" if known_ones.size else ""
                ends += f", {array.size - known_ones.size} nan" if known_ones.size < array.size else ""
                rows.append(f"{label} {array.item():.6g}" if array.size == 1 else f"{label}: {array.size} numbers{ends}")
        problem = self._desk.words_at(block.id)
        return "\n".join(rows + ([problem] if problem else []))

    def _fill_grid(self, value: Value) -> None:
        grid = self._grid
        if grid is None:
            return
        fits = value.source == "data" and 1 <= len(value.shape) <= 2 and value.size > 0 and max(value.shape) <= GRID
        grid.setVisible(fits)
        if not fits:
            return
        rows, columns = (1, value.shape[0]) if len(value.shape) == 1 else value.shape
        before, self._filling = self._filling, True
        grid.setRowCount(rows)
        grid.setColumnCount(columns)
        grid.setFixedHeight(min(rows, 12) * 24 + 44)
        for k, number in enumerate(value.data):
            text = f"{number:.6g}"
            item = grid.item(k // columns, k % columns)
            if item is None:
                grid.setItem(k // columns, k % columns, QTableWidgetItem(text))
            elif item.text() != text:
                item.setText(text)
        self._filling = before


def _filled(value: Value, source: str) -> Value:
    """The numbers from somewhere else, in the same shape."""
    if source == value.source:
        return value
    if source == "data":
        return values.checked(replace(value, source="data", data=tuple(map(float, array_of(value).reshape(-1).tolist()))))
    dtype = "int64" if source == "randint" else value.dtype if value.dtype.startswith("float") else "float32"
    ends = {"uniform": (-1.0, 1.0), "randint": (0.0, 10.0)}.get(source, (0.0, 1.0))
    return values.checked(replace(value, source=source, data=(), dtype=dtype, ends=ends))


def _with_seed(value: Value, text: str) -> Value:
    if not text.strip().isdigit() or len(text.strip()) > 18:
        raise DocumentProblem("a seed is a whole number from 0 on")
    return replace(value, seed=int(text))


def _show(value: Param) -> str:
    return value if isinstance(value, str) else repr(value)
