"""LessonPanel: a page of a lesson with its text, its question and what is said afterwards. It shows; the room decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gradviz.lessons import shelf

from ..style.breakable import breakable
from ..style.theme import SMALL_PX, TITLE_PX, ui_font
from .boxes import Box, Progress, plain, words_label
from .knobs import Knobs
from .questions import NumberQuestion, Question, make_question

if TYPE_CHECKING:
    from gradviz.lessons.lesson import Ask, Try
    from gradviz.lessons.walk import Verdict, Walk

    from ..bridge import Bridge

CONTROLS = {"edit": "Change the line and run", "turn": "Set", "requires_grad": "Toggle requires_grad and run",
            "no_grad": "Put no_grad around it and run", "detach": "Detach it and run", "step": "Step"}  # fmt: skip
KIND_WORDS = ("Yes.", "Right.", "Exactly.")


class LessonPanel(QWidget):
    """One page at a time."""

    answered = Signal(object)
    next_wanted = Signal()
    back_wanted = Signal()
    gallery_wanted = Signal()
    why_wanted = Signal()
    try_wanted = Signal()
    turned = Signal(dict)  # what stands in the place of each knob
    again_wanted = Signal()
    run_wanted = Signal()
    lesson_wanted = Signal(str)  # path

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.setObjectName("lesson")
        self.setAccessibleName("Lesson")
        self.setMinimumWidth(240)
        self.question: Question | None = None
        self.feedback: Box | None = None
        self.do_it: QPushButton | None = None
        self.knobs: Knobs | None = None
        self._watch: QLabel | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        top = QHBoxLayout()
        self.kicker = QLabel("", self)
        self.kicker.setFont(ui_font(SMALL_PX + 1))
        self.all = QPushButton("All lessons", self)
        self.all.setFlat(True)
        self.all.clicked.connect(self.gallery_wanted)
        top.addWidget(self.kicker, 1)
        top.addWidget(self.all)
        column.addLayout(top)
        self.title = QLabel("", self)
        self.title.setFont(ui_font(TITLE_PX, bold=True))
        self.title.setWordWrap(True)
        column.addWidget(self.title)
        self.progress = Progress(bridge, self)
        column.addWidget(self.progress)
        self.sheet = QScrollArea(self)
        self.sheet.setAccessibleName("Page of the lesson")
        self.sheet.setFrameShape(QScrollArea.Shape.NoFrame)
        self.sheet.setWidgetResizable(True)
        self.sheet.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self.sheet, 1)
        row = QHBoxLayout()
        self.back = QPushButton("Back", self)
        self.next = QPushButton("Next", self)
        self.next.setObjectName("next page")
        self.next.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.back.clicked.connect(self.back_wanted)
        self.next.clicked.connect(self.next_wanted)
        row.addWidget(self.back)
        row.addWidget(self.next, 1)
        column.addLayout(row)
        self._later = QTimer(self)  # when the page is laid out
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._reveal)
        self.page = QWidget(self)
        self.body = QVBoxLayout(self.page)
        self._stretched = False  # whether the page ends in empty space
        self.show_nothing()

    # -- pages ----------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        """An empty page."""
        self.question = self.feedback = self.do_it = self._watch = self.knobs = None
        self.page = QWidget(self)
        self.page.setAutoFillBackground(False)
        self.body = QVBoxLayout(self.page)
        self.body.setContentsMargins(0, 4, 6, 4)
        self.body.setSpacing(12)
        self._stretched = False
        old = self.sheet.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        self.sheet.setWidget(self.page)

    def _say(self, text: str) -> QLabel:
        label = words_label(self.page)
        label.setText(text)
        self.body.addWidget(label)
        return label

    def _buttons(self, back: bool, next_: str) -> None:
        self.back.setEnabled(back)
        self.next.setVisible(bool(next_))
        self.next.setText(next_)
        self.next.setEnabled(bool(next_))

    def show_nothing(self) -> None:
        """No lesson is open."""
        self.kicker.setText("")
        self.title.setText("No lesson is open")
        self.progress.hide()
        self._clear()
        self._say("Choose one in the gallery: **All lessons**.")
        self._stretch()
        self._buttons(False, "")
        self.back.hide()

    def show_waiting(self, title: str, text: str, run: bool) -> None:
        """The script of a lesson has not run yet."""
        self.kicker.setText("Lesson")
        self.title.setText(title)
        self.progress.hide()
        self._clear()
        self._say(text)
        if run:
            button = QPushButton("Run the script", self.page)
            button.setObjectName("run the script")
            button.clicked.connect(self.run_wanted)
            self.body.addWidget(button)
        self._stretch()
        self._buttons(False, "")
        self.back.hide()

    def show_page(self, walk: Walk) -> None:
        """A page as the walk has it, with what was answered there already."""
        lesson, page = walk.lesson, walk.page
        self.back.show()
        self.progress.show()
        self.kicker.setText(f"Lesson {lesson.number} · {lesson.minutes} min" if lesson.number else f"Lesson · {lesson.minutes} min")
        self.title.setText(lesson.title)
        self._clear()
        if page.step is None:
            self._bare_page(walk)
        else:
            self._step_page(walk)
        self._stretch()
        self.refresh(walk)
        self.sheet.verticalScrollBar().setValue(0)

    def _bare_page(self, walk: Walk) -> None:
        if walk.page.kind == "begin":
            self._say("**Do you have it?** Three questions, with new random numbers: the script runs again with a seed of its own.")
            return
        results = walk.results()
        right = sum(1 for one in results if one)
        box = Box(self.bridge, "right" if right == len(results) else "try", f"{right} of {len(results)}", self.page)
        label = words_label(box)
        label.setText(
            "All right. You have this one."
            if right == len(results)
            else "Some were tricky. Look at the moments again, or take new numbers."
        )
        box.column.addWidget(label)
        self.body.addWidget(box)
        again = QPushButton("Again with other numbers", self.page)
        again.setObjectName("again")
        again.clicked.connect(self.again_wanted)
        self.body.addWidget(again)
        following = shelf.following(walk.lesson)
        if following is not None:
            button = QPushButton(f"Next lesson: {following.title}", self.page)
            button.setObjectName("next lesson")
            button.clicked.connect(lambda: self.lesson_wanted.emit(str(following.path)))
            self.body.addWidget(button)

    def _step_page(self, walk: Walk) -> None:
        step = walk.page.step
        if step is None:
            return
        if step.text:
            self._say(walk.text(step.text))
        if step.ask is not None:
            self._ask(walk, step.ask)
        if step.try_ is not None:
            self._try(walk, step.try_)
        verdict = walk.verdict()
        if verdict is not None:
            self.show_verdict(walk, verdict)

    def _ask(self, walk: Walk, ask: Ask) -> None:
        box = Box(self.bridge, "ask", "Predict" if walk.page.kind == "step" else "Question", self.page)
        prompt = words_label(box)
        prompt.setText(walk.text(ask.prompt))
        box.column.addWidget(prompt)
        self.question = make_question(self.bridge, walk, ask, box)
        self.question.answered.connect(self.answered)
        box.column.addWidget(self.question)
        if isinstance(self.question, NumberQuestion) and walk.index not in walk.given:
            self.question.line.setFocus()
        if ask.hint:
            text = walk.text(ask.hint)
            hint = QPushButton("Hint", box)
            hint.setObjectName("hint")
            hint.setFlat(True)
            said = words_label(box)
            said.setText(text)
            said.hide()
            hint.clicked.connect(said.show)
            hint.clicked.connect(hint.hide)
            box.column.addWidget(hint, 0, Qt.AlignmentFlag.AlignLeft)
            box.column.addWidget(said)
        self.body.addWidget(box)

    def show_verdict(self, walk: Walk, verdict: Verdict) -> None:
        """Kind words, the right answer, and why; its moment is on the canvas."""
        step = walk.page.step
        if self.question is None or step is None or step.ask is None:
            return
        self.question.lock(walk.given[walk.index], walk.here.right(step.ask))
        title = KIND_WORDS[walk.index % len(KIND_WORDS)] if verdict.right else f"Not quite: {plain(verdict.answer).rstrip('.')}."
        box = Box(self.bridge, "right" if verdict.right else "wrong", title, self.page)
        said = words_label(box)
        said.setText(verdict.why)
        box.column.addWidget(said)
        show = QPushButton("Show the moment", box)
        show.setObjectName("show the moment")
        show.clicked.connect(self.why_wanted)
        box.column.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        self.feedback = box
        self._later.start()
        self.body.insertWidget(self.body.count() - self._stretched, box)
        self.refresh(walk)

    def _reveal(self) -> None:
        """What was just said is in sight."""
        if self.feedback is not None:
            self.sheet.ensureWidgetVisible(self.feedback)

    def _stretch(self) -> None:
        """What is left of the page stays empty. Remembered: to ask the layout for its last item leaves a PySide object that outlives it."""
        self.body.addStretch(1)
        self._stretched = True

    def _try(self, walk: Walk, tried: Try) -> None:
        box = Box(self.bridge, "try", "Try it", self.page)
        said = words_label(box)
        said.setText(walk.text(tried.text))
        box.column.addWidget(said)
        if tried.control == "edit":
            line = QLabel(breakable(f"line {tried.line}:  {tried.after}"), box)
            line.setTextFormat(Qt.TextFormat.PlainText)
            line.setWordWrap(True)
            box.column.addWidget(line)
        self.do_it = QPushButton(CONTROLS[tried.control], box)
        self.do_it.setObjectName("try it")
        if tried.knobs:
            self.knobs = Knobs(tried, box)
            self.knobs.turned.connect(self.turned)
            box.column.addWidget(self.knobs)
            self.do_it.setText("Set " + ", ".join(f"{knob.name} = {knob.goal}".replace("-", "−") for knob in tried.knobs))
            self.do_it.clicked.connect(self.knobs.to_goal)
        else:
            self.do_it.clicked.connect(self.try_wanted)
        box.column.addWidget(self.do_it)
        watch = words_label(box)
        watch.setText(f"**Watch:** {walk.text(tried.watch)}")
        box.column.addWidget(watch)
        self.body.addWidget(box)

    def refresh(self, walk: Walk) -> None:
        """Progress and buttons."""
        self.progress.show_marks(tuple(_mark(walk, k) for k in range(len(walk.pages))), walk.index)
        step = walk.page.step
        waits = step is not None and step.ask is not None and walk.index not in walk.given
        words = {"begin": "Ask me", "end": "Finish"}.get(walk.page.kind, "Skip" if waits else "Next")
        self._buttons(walk.index > 0, words)
        if words in ("Next", "Finish"):
            self.next.setDefault(True)

    def give(self, given: Any) -> None:
        """Answer the question of this page, as its widget would."""
        if self.question is not None:
            self.question.answered.emit(given)


def _mark(walk: Walk, k: int) -> str:
    page = walk.pages[k]
    if k not in walk.given or page.step is None or page.step.ask is None:
        return ""
    reader = walk.fresh if page.kind == "question" and walk.fresh is not None else walk.reader
    return "right" if reader.judge(page.step.ask, walk.given[k]) else "wrong"
