"""Training by hand: optimizer, epochs, what happens to the gradients, and the curve of the loss while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.document import edits
from gradviz.document.model import Document, Part, Training
from gradviz.document.params import read_options
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.training import BY_CLOSURE, TOLD, Epoch, Trainer, batched, check_options, optimizers, schedulers
from gradviz.document.run.troubles import cut_off

from ...bridge import Bridge
from ...pictures.numbers import short
from ..desk import Desk
from .curve import Curve
from .letters import Chooser
from .parts import Moves, PartsList

Array = np.ndarray[Any, Any]
FRAME_SECONDS = 0.012  # how long the training may keep the window from drawing
NONE = "none: gradients only"
STEADY = "none: the same rate throughout"
NAMES = {  # of what is set, where it is not a word
    "scheduler_options": "the scheduler's options",
    "zero_grad": "when .grad is cleared",
    "every": "how often .grad is cleared",
    "to_none": "what .grad is cleared to",
    "clip": "how long .grad may be",
    "moves": "what the optimizer moves",
    "others": "the further losses and optimizers",
}
POLICIES = {
    "each": "after each step",
    "never": "never (they add up)",
    "every": "every … steps",
    "accumulate": "every … steps, and step then only",
}


HEAD_PX = 14  # around the words at the head of a column
FAR = 20.0  # numbers of the data above this are told of where the loss grows
LEAST_PX = 160  # of height; in less room than all of it needs the panel is scrolled, and the window may be low


class TrainingPanel(QScrollArea):
    """The settings are part of the document; training is an edit that can be taken back."""

    finished = Signal()

    def __init__(self, desk: Desk, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training")
        self._desk = desk
        self._trainer: Trainer | None = None
        self._run: Iterator[Epoch] | None = None
        self._begun: Document | None = None
        self.epochs_done: list[Epoch] = []
        self._known, self._rates = optimizers(), schedulers()
        self._names: dict[str, str] = {}
        self._filling = False
        self.loss = Chooser(self)
        self.optimizer = Chooser(self)
        self.optimizer.addItems([NONE, *self._known])
        self.options = QLineEdit(self)
        self.moves = Moves(self)
        self.parts = PartsList(self._known, self)
        self.scheduler = Chooser(self)
        self.scheduler.addItems([STEADY, *self._rates])
        self.scheduler_options = QLineEdit(self)
        self.batch = QSpinBox(self)
        self.batch.setRange(0, 1_000_000)
        self.batch.setSpecialValueText("all rows")
        self.shuffle = QCheckBox("rows in another order each epoch", self)
        self.epochs = QSpinBox(self)
        self.epochs.setRange(1, 1_000_000)
        self.clip = QDoubleSpinBox(self)
        self.clip.setRange(0.0, 1e6)
        self.clip.setDecimals(3)
        self.clip.setSpecialValueText("no")
        self.clip.setToolTip("The longest that the gradients of all parameters together may be when the optimizer steps")
        self.policy = Chooser(self)
        for key, words in POLICIES.items():
            self.policy.addItem(words, key)
        self.every = QSpinBox(self)
        self.every.setRange(1, 1_000_000)
        self.to_none = Chooser(self)
        self.to_none.addItem("to None", True)
        self.to_none.addItem("to zeros", False)
        form = QFormLayout()
        form.setSpacing(5)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field in (
            ("Loss", self.loss), ("Optimizer", self.optimizer), ("Options", self.options), ("Moves", self.moves), ("", self.parts),
            ("Scheduler", self.scheduler), ("its options", self.scheduler_options), ("Epochs", self.epochs), ("Batch", self.batch),
            ("Shuffle", self.shuffle),
            ("Clip .grad", self.clip), ("Clear .grad", self.policy),
            ("every", self.every), ("set .grad", self.to_none),
        ):  # fmt: skip
            if label:
                field.setAccessibleName(label)
                form.addRow(label, field)
            else:
                form.addRow(field)
        self._form = form
        self.train = QPushButton("Train", self)
        self.pause = QPushButton("Pause", self)
        self.pause.setEnabled(False)
        self.stop = QPushButton("Stop", self)
        self.stop.setEnabled(False)
        self.words = QLabel("", self)
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(36)
        row = QHBoxLayout()
        row.addWidget(self.train)
        row.addWidget(self.pause)
        row.addWidget(self.stop)
        self.curve = Curve(bridge, self)
        self.table = QTableWidget(0, 0, self)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName("Loss and gradients of each epoch")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setStretchLastSection(True)
        self._content = QWidget(self)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(form)
        column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.curve, 1)
        column.addWidget(self.table, 1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(self._content)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)
        self.train.clicked.connect(self.begin)
        self.pause.clicked.connect(self.toggle_pause)
        self.stop.clicked.connect(self.end)
        for box in (self.loss, self.optimizer, self.scheduler, self.policy, self.to_none):
            box.activated.connect(self._store)
        self.shuffle.toggled.connect(self._store)
        self.options.editingFinished.connect(self._store)
        self.scheduler_options.editingFinished.connect(self._store)
        self.moves.editingFinished.connect(self._store)
        self.parts.edited.connect(self._store)
        self.parts.more.connect(self._one_more)
        self.parts.removed.connect(self._one_less)
        for spin in (self.epochs, self.batch, self.every, self.clip):
            spin.valueChanged.connect(self._store)
        desk.rested.connect(self.refresh)
        desk.file_changed.connect(self.refresh)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(270, 400)

    def minimumSizeHint(self) -> QSize:
        """As wide as its fields, with the scroll bar that stands beside them in a low window."""
        return QSize(self._content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width(), LEAST_PX)

    @property
    def running(self) -> bool:
        """Whether it trains now."""
        return self._run is not None

    def refresh(self) -> None:
        """The settings of the document."""
        self._filling = True
        document, plan = self._desk.document, self._desk.document.training
        wanted = [("", "by itself" + (f": {document.blocks[self._desk.ran.loss].name}" if self._desk.ran.loss in document.blocks else ""))]
        wanted += [(b.id, b.name) for b in document.blocks.values() if self._desk.ran.requires_grad.get(b.id) and b.op != "tensor"]
        if [(self.loss.itemData(k), self.loss.itemText(k)) for k in range(self.loss.count())] != wanted:
            self.loss.clear()
            for key, text in wanted:
                self.loss.addItem(text, key)
        self.loss.setCurrentIndex(max(0, self.loss.findData(plan.loss)))
        self.optimizer.setCurrentText(plan.optimizer or NONE)
        if not self.options.hasFocus():
            self.options.setText(", ".join(f"{k}={v}" for k, v in plan.options.items()))
            self.options.setCursorPosition(0)  # lr stands in front
        self.options.setToolTip(", ".join(f"{k}={v}" for k, v in self._known.get(plan.optimizer, {}).items()))
        self.scheduler.setCurrentText(plan.scheduler or STEADY)
        if not self.scheduler_options.hasFocus():
            self.scheduler_options.setText(", ".join(f"{k}={v}" for k, v in plan.scheduler_options.items()))
        cut = [document.blocks[b].name for b in batched(document, plan.loss or self._desk.ran.loss)]
        self.moves.fill(document, plan.parts[0])
        self.parts.fill(document, wanted[1:])
        self.batch.setToolTip(f"Rows of {', '.join(cut)} in a step")
        self.batch.setValue(plan.batch)
        self.shuffle.setChecked(plan.shuffle)
        self.epochs.setValue(plan.epochs)
        self.policy.setCurrentIndex(self.policy.findData(plan.zero_grad))
        self.every.setValue(plan.every)
        self.clip.setValue(plan.clip)
        self.to_none.setCurrentIndex(0 if plan.to_none else 1)
        for field, shown in (
            (self.options, bool(plan.optimizer)),
            (self.moves, bool(plan.optimizer and plan.others)),
            (self.parts, plan.optimizer != BY_CLOSURE or bool(plan.others)),
            (self.scheduler, any(part.optimizer for part in plan.parts)),
            (self.scheduler_options, bool(plan.scheduler) and any(part.optimizer for part in plan.parts)),
            (self.batch, bool(cut)),
            (self.shuffle, bool(cut and plan.batch)),
            (self.clip, plan.optimizer != BY_CLOSURE and any(part.optimizer for part in plan.parts)),
            (self.policy, plan.optimizer != BY_CLOSURE),
            (self.every, plan.zero_grad in ("every", "accumulate") and plan.optimizer != BY_CLOSURE),
            (self.to_none, plan.zero_grad != "never" or plan.optimizer == BY_CLOSURE),
        ):
            self._form.setRowVisible(field, shown)
        self._filling = False

    def _store(self, *_: object) -> None:
        if self._filling:
            return
        plan = self._desk.document.training
        name = self.optimizer.currentText()
        optimizer = "" if name == NONE else name
        try:
            options = dict(plan.options) if not optimizer else read_options(self.options.text())
            rate_options = read_options(self.scheduler_options.text())
            if optimizer == plan.optimizer and options != plan.options:
                check_options(optimizer, options, self._known.get(optimizer, {}))
            if plan.scheduler == self.scheduler.currentText() and rate_options != plan.scheduler_options:
                check_options(plan.scheduler, rate_options, self._rates.get(plan.scheduler, {}))
            moves, others = self.moves.read(self._desk.document), self.parts.read(self._desk.document)
        except DocumentProblem as problem:
            self._desk.note.emit("refused", str(problem))
            self.refresh()
            return
        if optimizer and optimizer != plan.optimizer:
            usual = self._known[optimizer].get("lr", 0.01)
            options = {"lr": options.get("lr", usual)}
        scheduler = "" if self.scheduler.currentText() == STEADY else self.scheduler.currentText()
        if scheduler != plan.scheduler:
            rate_options = dict(self._rates.get(scheduler, {}))
        loss, policy, to_none = str(self.loss.currentData() or ""), str(self.policy.currentData()), bool(self.to_none.currentData())
        epochs, every, batch = self.epochs.value(), self.every.value(), self.batch.value()
        made = Training(
            loss,
            optimizer,
            options,
            epochs,
            policy,
            every,
            to_none,
            scheduler,
            rate_options,
            batch,
            moves,
            others,
            self._clip(plan),
            self.shuffle.isChecked(),
        )
        if made != plan:
            changed = [f.name for f in fields(Training) if getattr(made, f.name) != getattr(plan, f.name)]
            label = f"Set {NAMES.get(changed[0], changed[0])} of the training"
            self._desk.do(label, edits.set_training(self._desk.document, made), f"training {' '.join(changed)}")
            self.refresh()

    def _clip(self, plan: Training) -> float:
        """What was chosen; a file's own number where the field shows that one, rounded."""
        return plan.clip if round(plan.clip, self.clip.decimals()) == self.clip.value() else self.clip.value()

    def _one_more(self) -> None:
        """Another loss, or an optimizer beside the first one."""
        plan, document = self._desk.document.training, self._desk.document
        taken = {plan.loss or self._desk.ran.loss, *(p.loss for p in plan.others)}
        read = {w.source for w in document.wires.values()}
        ran = self._desk.ran
        free = [
            b
            for b in document.blocks
            if ran.requires_grad.get(b) and b not in taken and b not in read and document.blocks[b].op != "tensor"
        ]
        optimizer = plan.optimizer if plan.optimizer != BY_CLOSURE else ""
        part = Part(free[-1] if free else "", optimizer, dict(plan.options) if optimizer else {})
        made = replace(plan, loss=plan.loss or ran.loss, others=(*plan.others, part))
        self._desk.do("Add a loss or an optimizer", edits.set_training(document, made))
        self.refresh()
        if free:
            self.words.setText("Say at each optimizer what it moves." if optimizer else "")

    def _one_less(self, number: int) -> None:
        plan = self._desk.document.training
        others = plan.others[:number] + plan.others[number + 1 :]
        moves = plan.moves if others else ()
        self._desk.do("Remove a loss or an optimizer", edits.set_training(self._desk.document, replace(plan, others=others, moves=moves)))
        self.refresh()

    # -- running ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Train."""
        if self.running:
            return
        try:
            self._ask_for_a_loss()
            self._trainer = Trainer(self._desk.document)
        except DocumentProblem as problem:
            cut = cut_off(self._desk.document, self._desk.ran) if not self._desk.ran.loss and not self._desk.ran.problems else ""
            self.words.setText(cut or str(problem))
            self._desk.note.emit("refused", cut or str(problem))
            return
        self._begun = self._desk.document
        self._run = self._trainer.epochs()
        self.epochs_done = []
        self.curve.losses, self.curve.others, self.curve.epochs = [], {}, self._begun.training.epochs
        self.curve.name = self._begun.blocks[self._trainer.loss].name
        self._names = {b: block.name for b, block in self._begun.blocks.items()}
        self.table.setRowCount(0)
        self.train.setEnabled(False)
        self.stop.setEnabled(True)
        self.pause.setEnabled(True)
        self._timer.start()

    def _ask_for_a_loss(self) -> None:
        """Refuse to go back from what is only left over while the loss that is meant cannot be computed yet.

        Raises:
            DocumentProblem: with what is in its way.
        """
        document, ran = self._desk.document, self._desk.ran
        if document.training.loss or not ran.loss or ran.values[ran.loss].ndim == 0:
            return
        for block in self._desk.troubled():
            problem, other = self._desk.problem_of(block), document.blocks[ran.loss].name
            name = document.blocks[block].name
            raise DocumentProblem(f"{name}: {problem}. Until then only {other} could be trained; choose it as the Loss if that is meant.")

    def toggle_pause(self) -> None:
        """Wait, or go on."""
        if not self.running:
            return
        if self._timer.isActive():
            self._timer.stop()
            self.pause.setText("Go on")
        else:
            self._timer.start()
            self.pause.setText("Pause")

    def _work(self) -> None:
        """Some epochs, as many as fit into a frame."""
        until = perf_counter() + FRAME_SECONDS
        run = self._run
        while run is not None and perf_counter() < until:
            try:
                epoch = next(run, None)
            except DocumentProblem as problem:
                self._desk.note.emit("error", str(problem))
                epoch = None
            if epoch is None:
                self.end()
                return
            self.epochs_done.append(epoch)
            self.curve.losses.append(epoch.loss)
            for block, loss in epoch.others.items():
                self.curve.others.setdefault(self._names[block], []).append(loss)
            if len(self.epochs_done) <= TOLD:
                self._add_row(epoch)
        self.words.setText(f"Epoch {len(self.epochs_done):,} of {self.curve.epochs:,}, {self._losses()}")
        self.curve.update()

    def _add_row(self, epoch: Epoch) -> None:
        told = {"epoch": str(epoch.number), self.curve.name if epoch.others else "loss": short(epoch.loss)}
        told.update((self._names[b], short(loss)) for b, loss in epoch.others.items())
        if epoch.rate is not None:
            told["lr"] = short(epoch.rate)
        told.update((f"{self._names[b]}.grad", _numbers(g)) for b, g in epoch.grads.items())
        told.update((f"‖{self._names[b]}.grad‖", short(norm)) for b, norm in epoch.norms.items())
        if self.table.columnCount() != len(told):
            self.table.setColumnCount(len(told))
            self.table.setHorizontalHeaderLabels(list(told))
            letters = self.table.horizontalHeader().fontMetrics()
            for k, name in enumerate(told):
                least = {"epoch": 48, "loss": 70, "lr": 64}.get(name, 92)
                self.table.setColumnWidth(k, max(least, letters.horizontalAdvance(name) + HEAD_PX))
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate(told.values()):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def end(self) -> None:
        """Over, or stopped: the trained values are an edit of the document."""
        self._timer.stop()
        trainer, begun = self._trainer, self._begun
        self._run = self._trainer = self._begun = None
        self.train.setEnabled(True)
        self.stop.setEnabled(False)
        self.pause.setEnabled(False)
        self.pause.setText("Pause")
        self.curve.update()
        if trainer is None or not self.epochs_done:
            self.finished.emit()
            return
        done = len(self.epochs_done)
        if self._desk.document is begun:
            self._desk.do(f"Train {done:,} epochs", trainer.trained())
            kept = "" if trainer.optimizer is None else " Undo takes the new values back."
        else:
            kept = " The graph was changed meanwhile, so its values stayed."
        self.words.setText(f"{done:,} epochs, {self._losses()}.{self._growth()}{kept}")
        self.finished.emit()

    def _losses(self) -> str:
        """The losses of the last epoch."""
        last = self.epochs_done[-1]
        if not last.others:
            return f"loss {short(last.loss)}"
        return ", ".join(
            f"{name} {short(loss)}" for name, loss in ((self.curve.name, last.loss), *((self._names[b], v) for b, v in last.others.items()))
        )

    def _growth(self) -> str:
        """What to say of a loss that ended larger than it began."""
        losses = self.curve.losses
        plan = self._desk.document.training
        rate = f" A smaller lr than {plan.options['lr']} may help." if plan.optimizer and "lr" in plan.options else ""
        rate += self._far_data()
        endless = next((k for k, v in enumerate(losses, 1) if not np.isfinite(v)), 0)
        if endless == 1:
            return ""
        if endless:
            return f" From epoch {endless:,} on it is {short(losses[endless - 1])}.{rate}"
        return f" It grew from {short(losses[0])}.{rate}" if losses[-1] > max(losses[0], losses[0] * 2) else ""

    def _far_data(self) -> str:
        """Data that lie far from 0 make a loss grow, too: what brings them there."""
        document, ran = self._desk.document, self._desk.ran
        data = [b for b in batched(document, document.training.loss or ran.loss) if ran.values.get(b) is not None]
        far = max(data, key=lambda b: float(np.abs(ran.values[b]).max(initial=0)), default="")
        most = float(np.abs(ran.values[far]).max(initial=0)) if far else 0.0
        if not most > FAR or ran.values[far].dtype.kind != "f":
            return ""
        name = document.blocks[far].name
        return f" {name} has numbers up to {short(most)}: ({name} - {name}.mean(0)) / {name}.std(0) lies around 0."

    def close_run(self) -> None:
        """The window goes."""
        self._timer.stop()
        self._run = None


def _numbers(array: Array) -> str:
    flat = array.reshape(-1)
    text = ", ".join(short(float(v)) for v in flat[:4])
    return text + (", …" if flat.size > 4 else "")
