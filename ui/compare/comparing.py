"""Comparing: runs, branches, comparisons and the numeric check of a window. Widgets call it; it calls the workbench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from gradviz.debugger.check import WRONG, checks_of, summary

from ..canvas.cards.chips import Chips
from ..running.opening import Opening, is_large
from .overlay import DifferenceOverlay, chips_of

if TYPE_CHECKING:
    from gradviz.debugger.check import NodeCheck
    from gradviz.debugger.comparing import RunComparison
    from gradviz.debugger.session import Session
    from gradviz.running.overrides import Override
    from gradviz.running.process.supervisor import Ended

    from ..window.panels import PanelledWindow
    from .branch_dialog import BranchDialog
    from .runs import Run, RunList
    from .side import SideBySide

_UNSTEADY = "This script does not run the same way twice (time, files, random numbers of another library): the runs part"


class Comparing(QObject):
    """What the docks "Runs" and "Check" and their actions do."""

    compared = Signal()  # self.comparison
    checked = Signal()  # self.checks

    def __init__(self, window: PanelledWindow, runs: RunList, side: SideBySide) -> None:
        super().__init__(window)
        self._window, self._side = window, side
        self.bridge = window.bridge
        self.runs = runs
        self.pair: tuple[Run, Run] | None = None
        self.comparison: RunComparison | None = None
        self.checks: tuple[NodeCheck, ...] = ()
        self.checking = False
        self.dialog: BranchDialog | None = None
        self._reading = Opening(self)
        self._linking = False
        self._shown_is_b = False  # which of the two the window's own canvas shows; the other one stands beside it
        self._over_shown, self._over_other, self._badges = DifferenceOverlay(), DifferenceOverlay(), Chips(window.canvas)
        side.close_button.clicked.connect(self.end)
        self.bridge.run_changed.connect(self._run_over)
        self.bridge.session_changed.connect(self._new_session)
        self.bridge.position_changed.connect(self._moved)
        self.bridge.selection_changed.connect(self._selected)
        self._new_session()

    # -- runs -------------------------------------------------------------------------------------------------

    def switch(self, run: Run) -> None:
        """Show a run; its moment is kept."""
        work = self._window.workbench
        if run.session is self.bridge.session:
            return
        if run.session.recording.source != self.bridge.source:
            if not self._window.may_leave_script():
                return
            work.show_recorded(self.bridge.path, run.session.recording.source, run.session)
            return
        work.show_run(run.session, run.overrides)

    def forget(self, run: Run) -> None:
        """Take a run out of the list."""
        if self.pair and run in self.pair:
            self.end()
        if not self.runs.remove(run):
            self._window.tell("info", "The run on the screen stays in the list.")

    def open(self, path: str) -> None:
        """Put a recording beside the others, and compare it with the shown one."""
        if is_large(path):
            self._window.tell("info", f"Reading {Path(path).name}…")
            self._reading.begin(
                path, self.bridge.memory << 20,
                lambda session: self._opened(self.runs.add(session, name=Path(path).stem)), lambda problem: self._opened(str(problem)),
            )  # fmt: skip
        else:
            self._opened(self.runs.open(path))

    def _opened(self, found: Run | str) -> None:
        """It is there, or a sentence says why not."""
        if isinstance(found, str):
            self._window.tell("error", found)
        elif self.runs.current is not None:
            self.compare_in_order(self.runs.current, found)

    def save(self, run: Run, path: str) -> None:
        """Write a run to a file."""
        problem = self.runs.save(run, path)
        self._window.tell("error" if problem else "good", problem or f"Saved {run.name}")

    # -- comparing ----------------------------------------------------------------------------------------------

    def _run_over(self) -> None:
        self.checking = self.checking and self.bridge.running

    def compare_in_order(self, one: Run, other: Run) -> None:
        """Compare two of which nobody said which is A: the one that does what the other leaves out, else the earlier one."""
        order = self.runs.runs
        a, b = sorted((one, other), key=order.index)
        self.compare(a, b)
        found = self.comparison
        if found is not None and found.does_more == "B":
            self.compare(b, a)

    def compare(self, a: Run, b: Run) -> None:
        """Show two runs side by side, cursors linked; the one on the screen stays there."""
        if a is b:
            return
        if self.bridge.running and self._window.workbench.runner.is_live(a.session, b.session):
            self._window.tell("info", "A run can be compared when it is over.")
            return
        if self.bridge.session not in (a.session, b.session):
            self.switch(a)
            if self.bridge.session is not a.session:
                return
        from gradviz.debugger.comparing import RunComparison

        self.pair = (a, b)
        self._shown_is_b = self.bridge.session is b.session
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)  # of 100,000 events it takes a second
        try:
            self.comparison = RunComparison(a.session, b.session)
            b.verdict = f"A {a.name}: {self.comparison.verdict}"
        finally:
            QGuiApplication.restoreOverrideCursor()
        self._stand_side_by_side(a, b)
        self._colour()
        self.runs.changed.emit()
        self.compared.emit()
        self.show_dock("Runs")

    def _stand_side_by_side(self, a: Run, b: Run) -> None:
        """A left, B right, at the same moment."""
        canvas, other = self._side.open(f"{a.name}: {a.changed}", f"{b.name}: {b.changed}", swapped=self._shown_is_b)
        if self._over_shown not in self._window.canvas.overlays:
            self._window.canvas.overlays.append(self._over_shown)
        if self._over_other not in canvas.overlays:
            canvas.overlays.append(self._over_other)
            other.position_changed.connect(self._moved_other)
            other.selection_changed.connect(self._selected_other)
        shown, beside = (b, a) if self._shown_is_b else (a, b)
        self._over_shown.run, self._over_other.run = ("B", "A") if self._shown_is_b else ("A", "B")
        other.path, other.source = self.bridge.path, beside.session.recording.source
        beside.session.seek(self._beside(shown.session.position))
        other.set_session(beside.session)
        self._window.canvas.fit_current()
        canvas.fit_current()

    def _beside(self, position: int) -> int:
        """The moment of the other run that goes with one of the shown run."""
        assert self.comparison is not None, "asked while two runs are compared"
        alignment = self.comparison.alignment
        return alignment.position_in_a(position) if self._shown_is_b else alignment.position_in_b(position)

    def _back(self, position: int) -> int:
        """The moment of the shown run that goes with one of the other run."""
        assert self.comparison is not None, "asked while two runs are compared"
        alignment = self.comparison.alignment
        return alignment.position_in_b(position) if self._shown_is_b else alignment.position_in_a(position)

    def swap(self) -> None:
        """A becomes B."""
        if self.pair:
            a, b = self.pair
            self.compare(b, a)

    def set_tolerance(self, tolerance: float) -> None:
        """Values that near count as equal."""
        if self.comparison is not None and self.pair is not None:
            self.comparison = self.comparison.within(tolerance)
            self.pair[1].verdict = f"A {self.pair[0].name}: {self.comparison.verdict}"
            self.runs.changed.emit()
            self.compared.emit()

    def end(self) -> None:
        """One canvas again."""
        if self.pair is None:
            return
        self.pair, self.comparison = None, None
        if self._over_shown in self._window.canvas.overlays:
            self._window.canvas.overlays.remove(self._over_shown)
        self._side.shut()
        self._window.canvas.repaint_all()
        self.runs.changed.emit()
        self.compared.emit()

    def to_first(self) -> None:
        """Both cursors to the first difference."""
        if self.comparison is not None and self.comparison.first is not None:
            self.go("A", self.comparison.first.event_a)

    def to_next(self, delta: int) -> None:
        """Both to the next or previous difference."""
        if self.comparison is not None:
            found = self.comparison.next_difference(self.comparison.a.position, delta)
            if found is not None:
                self.go("A", found)

    def go(self, run: str, event: int) -> None:
        """To an event of A or B; the other comes along."""
        other = self._side.other_bridge
        if self.comparison is None or other is None:
            return
        bridge = self.bridge if (run == "B") == self._shown_is_b else other
        bridge.seek(event)
        session = bridge.session
        site = session.recording.event(event).site if session is not None else -1
        if session is not None and site >= 0 and session.graph().node(site) is not None:
            bridge.select((site,))

    # -- linked cursors -------------------------------------------------------------------------------------------

    def _new_session(self) -> None:
        if self.pair is not None and self.bridge.session is not self.pair[self._shown_is_b].session:
            self.end()
        self._take_checks(self.bridge.session)

    def _moved(self) -> None:
        other, session = self._side.other_bridge, self.bridge.session
        if self.comparison is None or other is None or session is None:
            return
        if not self._linking:
            self._linking = True
            other.seek(self._beside(session.position))
            self._linking = False
        self._colour()

    def _moved_other(self) -> None:
        other = self._side.other_bridge
        if self.comparison is None or other is None or other.session is None or self._linking:
            return
        self._linking = True
        self.bridge.seek(self._back(other.session.position))
        self._linking = False

    def _selected(self) -> None:
        other = self._side.other_bridge
        if self.comparison is not None and other is not None and not self._linking:
            self._linking = True
            other.select(self._partners(self.bridge.selected, in_b=not self._shown_is_b))
            self._linking = False

    def _selected_other(self) -> None:
        other = self._side.other_bridge
        if self.comparison is not None and other is not None and not self._linking:
            self._linking = True
            self.bridge.select(self._partners(other.selected, in_b=self._shown_is_b))
            self._linking = False

    def _partners(self, nodes: tuple[int, ...], *, in_b: bool) -> tuple[int, ...]:
        """The same nodes in B (of A's), or in A (of B's)."""
        assert self.comparison is not None, "asked while two runs are compared"
        if in_b:
            back = self.comparison.alignment.sites_back
            return tuple(back[node] for node in nodes if node in back)
        sites = self.comparison.alignment.sites
        return tuple(int(sites[node]) for node in nodes if node < len(sites) and sites[node] >= 0)

    def _colour(self) -> None:
        """The cards of both canvases by how far they are apart now."""
        if self.comparison is None or self._side.other is None:
            return
        over_a, over_b = (self._over_other, self._over_shown) if self._shown_is_b else (self._over_shown, self._over_other)
        apart, back = self.comparison.nodes_now(), self.comparison.alignment.sites_back
        over_a.nodes = apart
        over_b.nodes = {back[node]: d for node, d in apart.items()}
        a, b = self.comparison.a.graph(), self.comparison.b.graph()
        partners = {back[n.id] for n in a.nodes if n.id in back}
        shared = {n.id for n in b.nodes}
        over_a.only_here = frozenset(n.id for n in a.nodes if back.get(n.id, -1) not in shared)
        over_b.only_here = frozenset(shared - partners)
        self._window.canvas.repaint_all()
        self._side.other.repaint_all()

    # -- branching --------------------------------------------------------------------------------------------------

    def ask_branch(self) -> None:
        """Ask what is to be changed at this moment."""
        from .branch_dialog import BranchDialog

        run = self.runs.current
        if run is None:
            self._window.tell("info", "Run the script first: a branch leaves a run at a moment.")
            return
        source = self._window.source
        line = source.current_line() if source.editor.hasFocus() else 0
        self.dialog = BranchDialog(run.session, self.bridge.selected, line, self.bridge.theme, self._window)
        self.dialog.accepted.connect(self._branch_asked)
        self.dialog.rejected.connect(self._branch_dropped)
        self.dialog.open()

    def _branch_dropped(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _branch_asked(self) -> None:
        dialog, run = self.dialog, self.runs.current
        self.dialog = None
        if dialog is not None and run is not None:
            self.branch(run, dialog.changes(), dialog.name.text().strip())
            dialog.deleteLater()

    def branch(self, parent: Run, changes: tuple[Override, ...], name: str = "") -> None:
        """Run again, with changes at the moment on the screen, and show both side by side."""
        from gradviz.running.branch import InsertLine

        at = parent.session.position

        def arrived(session: Session, ended: Ended) -> None:
            if not session.length:
                self._window.tell("error", f"The branch did not run: {ended.error_text or ended.reason}")
                return
            run = self.runs.add(session, (*parent.overrides, *changes), name, at)
            self.compare(parent, run)
            before = self.comparison.parting if self.comparison is not None else at
            if run.problems:
                self._window.tell("error", f"Not everything could be changed: {run.problems[0]}")
            elif before < at and not any(isinstance(change, InsertLine) for change in changes):
                self._window.tell(
                    "error", f"{_UNSTEADY} at event {before}, before the branch: what differs after it need not come from it."
                )

        if changes and not self._window.workbench.run_apart((*parent.overrides, *changes), arrived):
            self._window.tell("info", "A branch runs when nothing else does.")

    # -- the numeric check ----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Check every node of the shown run: it runs once more for that."""
        run = self.runs.current
        self.show_dock("Check")
        if run is None:
            self._window.tell("info", "Run the script first: the numeric check looks at the nodes of a run.")
            return

        def arrived(session: Session, _: Ended) -> None:
            if self.bridge.session is not run.session:
                return
            self.checking = False
            run.session.recording.meta["check"] = session.recording.meta.get("check", [])
            self._take_checks(run.session)
            kind = "error" if any(check.verdict == WRONG for check in self.checks) else "good"
            self._window.tell(kind, f"Numeric check of {summary(self.checks)}")

        from gradviz.running.overrides import NumericCheck

        if self._window.workbench.run_apart((*run.overrides, NumericCheck()), arrived):
            self.checking = self.bridge.running
            self.checked.emit()
        else:
            self._window.tell("info", "The check runs when nothing else does.")

    def _take_checks(self, session: Session | None) -> None:
        self.checks = checks_of(session.recording) if session is not None else ()
        self._badges.show(chips_of(self.checks))
        self.checked.emit()

    def go_to_check(self, check: NodeCheck) -> None:
        """Select a node, and go to where it runs."""
        session = self.bridge.session
        if session is None:
            return
        made = session.trace.made[check.site]
        if made:
            self.bridge.seek(int(made[0]))
        self.bridge.select((check.site,))

    def show_dock(self, title: str) -> None:
        """Bring a dock to the front."""
        dock = self._window.docks[title]
        dock.show()
        dock.raise_()
