"""Outcomes: what the workbench tells, as messages above the canvas with what can be done about it by one click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from gradviz.debugger.answers import Series
    from gradviz.debugger.comparing.what_changed import Comparison
    from gradviz.debugger.diagnosis import Diagnosis, Fix

    from .panels import PanelledWindow

SENTENCES = 2  # of a comparison, in the message; all are in the panel
GOOD_MS = 6000  # how long good news stay in the status bar


class Outcomes(QObject):
    """Listens to the workbench of a window."""

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__(window)
        self._window = window
        self._work = window.workbench
        self._bridge = window.bridge
        self._message = window.message
        self._tried: Fix | None = None  # of which the run goes on
        self._bridge.source_changed.connect(self._message.hide)  # what it says is of another text, and its buttons would act on this one
        self._bridge.run_changed.connect(self._begin)
        self._bridge.problem.connect(lambda text, details: self._message.tell("error", text, details))
        self._work.note.connect(self.tell)
        self._work.source_problem.connect(lambda line, column, text: window.source.set_problem(line, column, text))
        self._work.trust_wanted.connect(self._ask_trust)
        self._work.diagnosed.connect(self._diagnosed)
        self._work.went_through.connect(self._went_through)
        self._work.compared.connect(self._compared)
        self._work.zero_grad_compared.connect(self._zero_grad_compared)

    def _begin(self) -> None:
        """A run begins: how the one before ended is told no more."""
        if self._bridge.running and self._message.kind != "ask":
            self._message.hide()
        if self._bridge.running:
            self._window.statusBar().clearMessage()

    def tell(self, kind: str, text: str, details: str = "") -> None:
        """Good news in the status bar, the rest above the canvas."""
        if kind == "good":
            self._window.statusBar().showMessage(text, GOOD_MS)
            if self._message.kind != "ask":
                self._message.hide()
        else:
            self._message.tell(kind, text, details)

    def _ask_trust(self, folder: str) -> None:
        limits = "; ".join(self._work.runner.process.limits())
        text = f"This script is a program. It runs in a process of its own with limits: {limits}. Run it?"
        once, always = "Run this script", f"Trust {Path(folder).name}/"
        self._message.tell("ask", text, folder, ((once, lambda: self._work.run(allowed=True)), (always, self._work.trust_and_run)))
        for words, tip in (
            (once, "As it stands; a changed text is asked for again"),
            (always, f"Scripts in {folder} run without this question"),
        ):
            button = self._message.button(words)
            if button is not None:
                button.setToolTip(tip)

    def _diagnosed(self, reason: str, found: Diagnosis) -> None:
        """PyTorch's words, then ours, with what can be done by one click."""
        self._tried = None
        buttons: list[tuple[str, Callable[[], object]]] = []
        if found.event >= 0 or found.nodes:
            buttons.append(("Show where", lambda: self._show_culprit(found)))
        fix = found.fix
        if fix is not None:
            buttons.append(("Try the fix", lambda: self.try_fix(fix)))
        told = f"Fix:\n{fix.diff}\n{found.advice}" if fix is not None else found.advice
        words = found.sentence + (f" {found.advice}" if fix is None and found.advice else "")
        quoted = reason.split(". Hint:")[0]
        if not words.strip():
            words, quoted = quoted, ""
        self._message.tell("error", words, told, tuple(buttons), fix.diff if fix is not None else "", quoted)

    def _show_culprit(self, found: Diagnosis) -> None:
        if found.event >= 0:
            self._bridge.seek(found.event)
        self._bridge.select(found.nodes)
        self._message.show()  # the fix is still to be tried

    def try_fix(self, fix: Fix) -> None:
        """Change the line in the editor (Ctrl+Z there takes it back; the file stays as it is until it is saved), and run."""
        if self._window.source.replace_line(fix.line, fix.before, fix.after):
            self._tried = fix
            self._work.run(allowed=True)
        else:
            self.tell("info", f"Line {fix.line} has changed since the run: run again first.")

    def _went_through(self) -> None:
        """Say so of a change that was tried: it stands in the text, and not yet in the file."""
        fix, self._tried = self._tried, None
        if fix is not None:
            text = self._window.source.text
            self._message.tell(
                "good",
                f"With the change of line {fix.line} the script runs to its end. It is in the text; Ctrl+S writes it to the file.",
                buttons=(("Undo it", lambda: self._undo_fix(text)),),
                change=fix.diff,
            )

    def _undo_fix(self, text: str) -> None:
        """Take the change back, where it is the last one of the text."""
        if self._window.source.text == text:
            self._window.source.editor.undo()
        else:
            self.tell("info", "The text has changed since then: Ctrl+Z in it takes one change after the other back.")

    def _compared(self, comparison: Comparison | None) -> None:
        self._window.canvas.show_changes(comparison)
        if comparison is not None:
            self._window.docks["What if"].show()
            self._window.docks["What if"].raise_()
            kind = "error" if comparison.error else "info"
            words = [difference.sentence for difference in comparison.differences] or [comparison.text]
            rest = f" ({len(words) - SENTENCES} more under What if)" if len(words) > SENTENCES else ""
            self._message.tell(kind, "What if: " + " ".join(words[:SENTENCES]) + rest, comparison.text)
        elif self._message.text.startswith("What if: "):
            self._message.hide()

    def _zero_grad_compared(self, _leaf: int, with_: Series, without: Series) -> None:
        self._window.plots.set_comparison(with_, without)
