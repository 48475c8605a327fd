"""Runs side by side, branches and the numeric check, through the real window with mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QListWidget, QTreeWidget
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from gradviz.recording.file.gvrec import load, save
from gradviz.running.branch import ZeroGradAt
from tests.ui.conftest import Opener, keep
from ui.canvas.cards.chips import Chips
from ui.canvas.eye.framing import LEAST
from ui.window.main_window import MainWindow

SEED = """import torch
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
    weights.grad.zero_()
"""
FORGOT = SEED.replace("    weights.grad.zero_()\n", "    pass\n")
VERDICT = "zero_grad only in A; first difference at step 1, accumulate into weights.grad, 3 against 6"
CUBE = """import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2 * x ** 2
x = torch.tensor([1.0, 0.0, -2.0], requires_grad=True)
y = Cube.apply(torch.relu(x) + 1)
y.sum().backward()
"""


def run(window: MainWindow, qtbot: QtBot, path: Path, text: str) -> None:
    """Open a script and run it."""
    path.write_text(text)
    assert window.workbench.open(str(path))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    window.settings.trust(str(path))


def click(view: QListWidget | QTreeWidget, row: int, column: int = 0) -> None:
    """Click a row with the mouse."""
    model = view.model()
    rect = view.visualRect(model.index(row, column))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


@pytest.fixture
def pair(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """The seed pair run one after the other, with zero_grad on the screen and both compared."""
    run(window, qtbot, tmp_path / "without.py", FORGOT)
    run(window, qtbot, tmp_path / "with.py", SEED)
    room = window.comparing
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert room.comparison is not None
    qtbot.waitUntil(room.panel.isVisible, timeout=2000)
    return window


def test_the_seed_pair_side_by_side_with_linked_cursors(pair: MainWindow) -> None:
    room, panel = pair.comparing, pair.comparing.panel.comparison
    found, other = room.comparison, pair.side.other_bridge
    assert found is not None
    assert other is not None
    assert panel.verdict.text() == VERDICT + "."
    assert pair.side.other is not None
    assert pair.side.other.isVisible()
    assert min(pair.canvas.scale, pair.side.other.scale) >= LEAST, "cards that can be read"
    QTest.mouseClick(panel.first, Qt.MouseButton.LeftButton)
    a, b = pair.bridge.session, other.session
    assert a is not None
    assert b is not None
    assert found.first is not None
    assert (a.position, b.position) == (found.first.event_a, found.first.event_b)
    QTest.keyClick(pair, Qt.Key.Key_BracketLeft)
    assert b.position == found.alignment.position_in_b(a.position)
    other.seek(found.first.event_b)
    assert a.position == found.first.event_a
    assert room._over_shown.nodes, "the cards are coloured"
    assert max(d.worst for d in room._over_shown.nodes.values()) == pytest.approx(1.0)
    assert len(pair.canvas.covered()) <= 1, "the minimap: the scale of the differences lies over no card"
    scale = pair.side.scale
    assert scale is not None and scale.isVisible()
    colours = {scale.grab().toImage().pixelColor(x, scale.height() // 2).name() for x in range(scale.width())}
    assert pair.bridge.theme.success in colours and len(colours) > 20, "green, and the colours from amber to red"
    keep(pair, "compare-dark")
    pair.turn_theme()
    keep(pair, "compare-light")
    pair.comparing.end()
    assert not scale.isVisible()


def test_the_sentence_is_the_same_in_whichever_order_they_ran(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run(window, qtbot, tmp_path / "seed.py", SEED)
    before = window.bridge.session
    window.source.editor.setPlainText(FORGOT)
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session not in (None, before), timeout=20_000)
    shown = window.bridge.session
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    room, other = window.comparing, window.side.other_bridge
    assert room.panel.comparison.verdict.text() == VERDICT + "."
    assert window.bridge.session is shown, "the text that was edited stays in the editor"
    assert window.bridge.source == FORGOT
    assert room.comparison is not None
    assert other is not None
    QTest.mouseClick(room.panel.comparison.first, Qt.MouseButton.LeftButton)
    first = room.comparison.first
    assert first is not None
    assert shown is not None
    assert other.session is not None
    assert (other.session.position, shown.position) == (first.event_a, first.event_b)
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    assert other.session.position == room.comparison.alignment.position_in_a(shown.position)
    click(room.panel.comparison.list, 0)
    assert other.session.event is not None
    assert other.session.event.kind == Kind.ZERO_GRAD
    assert window.side.indexOf(window.side.other.parentWidget()) == 0 if window.side.other is not None else False, "A stands left"
    keep(window, "compare-turned")


def test_a_run_that_goes_on_is_compared_when_it_is_over(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run(window, qtbot, tmp_path / "seed.py", SEED)
    window.source.editor.setPlainText(FORGOT)
    window.workbench.run(allowed=True)
    assert window.bridge.running
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert "as soon as" in window.message.text
    qtbot.waitUntil(lambda: window.comparing.comparison is not None)
    assert window.comparing.panel.comparison.verdict.text() == VERDICT + "."


def test_differences_are_listed_and_a_click_goes_there_in_both(pair: MainWindow) -> None:
    panel = pair.comparing.panel.comparison
    texts = [panel.list.item(k).text() for k in range(panel.list.count())]
    assert texts[0] == "−  zero_grad of weights only in A: 3 times, steps 0 to 2"
    assert texts[1:] == [
        "≠  " + t for t in ("step 1, accumulate into weights.grad, 3 against 6", "step 2, accumulate into weights.grad, 3 against 9")
    ]
    click(panel.list, 0)
    session, other = pair.bridge.session, pair.side.other_bridge
    assert session is not None
    assert session.event is not None
    assert session.event.kind == Kind.ZERO_GRAD
    click(panel.list, 2)
    assert other is not None
    assert other.session is not None
    assert other.session.event is not None
    assert other.session.event.kind == Kind.ACCUMULATE
    assert (session.event.step, other.session.event.step) == (2, 2)
    assert other.selected
    QTest.mouseClick(panel.before, Qt.MouseButton.LeftButton)
    assert session.event.step == 1
    QTest.mouseClick(panel.after, Qt.MouseButton.LeftButton)
    assert session.event.step == 2


def test_selection_plot_swap_tolerance_and_end(pair: MainWindow) -> None:
    room, session, other = pair.comparing, pair.bridge.session, pair.side.other_bridge
    assert session is not None
    assert other is not None
    assert other.session is not None
    leaf = session.leaves()[0]
    pair.bridge.select((leaf,))
    assert other.selected == other.session.leaves()
    other.select(())
    assert pair.bridge.selected == ()
    panel = room.panel.comparison
    assert panel.leaf.currentText() == "weights"
    view = panel.curves
    assert view.curves is not None
    assert list(view.curves.steps) == [0, 1, 2]
    upper, _ = view.plots()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=upper.bottomRight().toPoint())
    assert session.event is not None
    assert (session.event.kind, session.event.step) == (Kind.ACCUMULATE, 2)
    panel.quantity.setFocus()
    QTest.keyClick(panel.quantity, Qt.Key.Key_Down)
    panel.quantity.activated.emit(panel.quantity.currentIndex())
    assert view.curves.quantity == "value"
    QTest.mouseClick(panel.swap, Qt.MouseButton.LeftButton)
    assert panel.verdict.text().startswith("zero_grad only in B")
    room.set_tolerance(1e-3)
    assert panel.tolerance.currentText() == "within 1e-3"
    QTest.mouseClick(pair.side.close_button, Qt.MouseButton.LeftButton)
    assert room.comparison is None
    assert pair.side.other is not None
    assert not pair.side.other.isVisible()
    assert not pair.canvas.overlays
    assert not pair.actions_["first_difference"].isEnabled()


def test_the_list_switches_renames_saves_and_opens(pair: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    room, panel = pair.comparing, pair.comparing.panel
    pair.comparing.end()
    first, shown = room.runs.runs[-2], room.runs.current
    assert shown is room.runs.runs[-1]
    row = room.runs.runs.index(first)
    rect = panel.tree.visualRect(panel.tree.model().index(row, 0))
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    QTest.mouseDClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.waitUntil(lambda: room.runs.current is first)
    assert pair.bridge.source == FORGOT
    item = panel.tree.topLevelItem(row)
    assert item is not None
    item.setText(0, "no zero_grad")
    qtbot.waitUntil(lambda: first.name == "no zero_grad")
    target = tmp_path / "kept.gvrec"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    click(panel.tree, row)
    QTest.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    assert len(load(target)) == first.session.length
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(target), ""))
    QTest.mouseClick(panel.open, Qt.MouseButton.LeftButton)
    assert room.comparison is not None
    assert room.comparison.same
    assert "the same to the last bit" in panel.comparison.verdict.text()
    assert room.pair is not None
    assert room.pair[1].name == "kept"
    click(panel.tree, len(room.runs.runs) - 1)
    QTest.keyClick(panel.tree, Qt.Key.Key_Escape)
    assert room.comparison is None
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert [r.name for r in room.runs.runs][-1] != "kept"
    pair.bridge.memory = 0
    kept = room.runs.add(first.session)
    assert room.runs.runs == [first, kept], "what nobody named goes when memory is short"


def test_a_large_recording_is_read_beside_the_event_loop(
    pair: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    room, panel = pair.comparing, pair.comparing.panel
    pair.comparing.end()
    shown = room.runs.current
    assert shown is not None
    target, broken = tmp_path / "kept.gvrec", tmp_path / "broken.gvrec"
    save(shown.session.recording, target)
    broken.write_bytes(target.read_bytes()[:5000])
    monkeypatch.setattr("ui.running.opening.AT_ONCE", 1000)  # bytes
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(target), ""))
    count = len(room.runs.runs)
    QTest.mouseClick(panel.open, Qt.MouseButton.LeftButton)
    assert room.comparison is None and len(room.runs.runs) == count, "the window has not waited for it"
    qtbot.waitUntil(lambda: room.comparison is not None, timeout=20_000)
    assert room.comparison is not None and room.comparison.same
    assert room.pair is not None and room.pair[1].name == "kept"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(broken), ""))
    QTest.mouseClick(panel.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "broken.gvrec" in pair.message.text and "Reading" not in pair.message.text, timeout=20_000)
    assert len(room.runs.runs) == count + 1


def test_a_branch_at_a_moment_by_keys(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run(window, qtbot, tmp_path / "seed.py", SEED)
    session = window.bridge.session
    assert session is not None
    at = next(e.index for e in session.recording if e.kind == Kind.BACKWARD_END and e.step == 0)
    window.bridge.seek(at)
    window.bridge.select((session.leaves()[0],))
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    dialog = window.comparing.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible, timeout=2000)
    assert dialog.node.currentText().startswith("weights")
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    QTest.mouseClick(ok, Qt.MouseButton.LeftButton)
    assert dialog.problem.text() == "Nothing is changed yet."
    cell = dialog.cells.item(0, 1)
    assert cell is not None
    cell.setText("five")
    QTest.mouseClick(ok, Qt.MouseButton.LeftButton)
    assert dialog.problem.text() == "“five” is no number."
    cell.setText("5")
    dialog.name.setFocus()
    QTest.keyClicks(dialog.name, "w1 is 5")
    keep(dialog, "branch-dialog")  # type: ignore[arg-type]  # a widget is grabbed like a window
    QTest.mouseClick(ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.comparing.comparison is not None, timeout=20_000)
    found, other = window.comparing.comparison, window.side.other_bridge
    assert found is not None
    assert other is not None
    assert other.session is not None
    assert window.bridge.session is session, "the first run stays on the screen"
    assert session.position == at
    assert other.session.position == at
    assert window.comparing.runs.runs[-1].name == "w1 is 5"
    assert "weights[1] = 5 after event" in window.comparing.runs.runs[-1].changed
    assert "overwrite weights" in found.verdict
    assert found.first is not None
    assert (found.first.step, found.first.a, found.first.b) == (1, "[3, 3, 3]", "[3, 15, 3]")
    keep(window, "branch-dark")


KINDS = [(4, "zero_grad only in B"), (5, "zero_grad only in B"), (3, "detach"), (2, "requires_grad of weights")]


def test_each_kind_of_branch(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run(window, qtbot, tmp_path / "forgot.py", FORGOT)
    session = window.bridge.session
    assert session is not None
    window.bridge.seek(next(e.index for e in session.recording if e.kind == Kind.BACKWARD_END and e.step == 1))
    for kind, verdict in KINDS:
        window.comparing.end()
        window.actions_["branch"].trigger()  # the key has a test of its own; offscreen a window is not active again after a dialog
        dialog = window.comparing.dialog
        assert dialog is not None
        qtbot.waitUntil(dialog.isVisible, timeout=2000)
        dialog.kind.setFocus()
        for _ in range(kind):
            QTest.keyClick(dialog.kind, Qt.Key.Key_Down)
        if kind == 5:
            dialog.line.setValue(5)
        QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.comparing.comparison is not None, timeout=20_000)
        assert window.comparing.comparison is not None
        assert verdict in window.comparing.comparison.verdict


def test_a_statement_that_is_none_is_refused_in_the_dialog(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(5)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    dialog = window.comparing.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible, timeout=2000)
    dialog.kind.setCurrentIndex(5)
    dialog.code.setText("h = (")
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    assert "is no statement" in dialog.problem.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_numeric_check_marks_cards_and_a_click_goes_to_the_node(theme: str, opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(1920, 1080, theme)
    run(window, qtbot, tmp_path / "cube.py", CUBE)
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.comparing.check_panel
    assert panel.words.text().startswith("Checking") and not panel.button.isEnabled()
    qtbot.waitUntil(lambda: bool(window.comparing.checks), timeout=20_000)
    qtbot.waitUntil(panel.isVisible, timeout=2000)
    qtbot.waitUntil(panel.button.isEnabled, timeout=20_000)
    assert panel.words.text() == "4 nodes: 2 ok, 1 kink, 1 wrong."
    assert [check.verdict for check in panel.shown] == ["wrong", "kink", "ok", "ok"]
    assert window.message.isVisible()
    click(panel.table, 0)
    session = window.bridge.session
    assert session is not None
    assert session.recording.sites[window.bridge.selected[0]].op == "Cube"
    assert session.event is not None
    assert session.event.kind == Kind.OP
    badges = next(overlay for overlay in window.canvas.overlays if isinstance(overlay, Chips))
    assert sorted(chip.text for chip in badges.shown.values()) == ["∧ kink", "✓ ok", "✓ ok", "✕ wrong"]
    QTest.mouseClick(panel.all, Qt.MouseButton.LeftButton, pos=panel.all.rect().center().__class__(10, panel.all.height() // 2))
    assert [check.verdict for check in panel.shown] == ["wrong", "kink"]
    keep(window, f"check-{theme}")


def test_a_what_if_run_joins_the_list(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run(window, qtbot, tmp_path / "seed.py", SEED)
    session = window.bridge.session
    assert session is not None
    window.workbench.what_if.toggle_requires_grad(session.leaves()[0])
    qtbot.waitUntil(lambda: window.bridge.session is not session and not window.bridge.running, timeout=20_000)
    runs = window.comparing.runs
    assert runs.current is runs.runs[-1]
    assert "requires_grad = False" in runs.runs[-1].changed
    shown = window.bridge.session
    window.comparing.compare(runs.runs[-2], runs.runs[-1])
    assert window.bridge.session is shown, "what is on the screen stays there"
    assert window.side.names[0].text().startswith("<b>B</b>")
    assert window.comparing.comparison is not None
    assert "RuntimeError" in window.comparing.comparison.verdict
    assert window.workbench.what_if.overrides == runs.runs[-1].overrides


def test_a_script_that_was_never_allowed_is_asked_for_and_then_checked(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "cube.py"
    script.write_text(CUBE)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    assert window.workbench.save_recording(str(tmp_path / "sent.gvrec"))
    window.workbench.open(str(tmp_path / "sent.gvrec"))  # as somebody else opens it
    session = window.bridge.session
    window.actions_["check"].trigger()
    assert window.message.kind == "ask"
    once = window.message.button("Run this script")
    assert once is not None
    QTest.mouseClick(once, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.comparing.checks), timeout=20_000)
    assert window.bridge.session is session


def test_a_script_that_does_not_repeat_itself_is_told(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    text = "import time\nimport torch\nx = torch.tensor([float(time.time_ns() % 10**9)], requires_grad=True)\ny = x * 2\ny.backward()\n"
    run(window, qtbot, tmp_path / "time.py", text)
    room, session = window.comparing, window.bridge.session
    assert session is not None
    assert room.runs.current is not None
    session.seek(session.length - 1)
    room.branch(room.runs.current, (ZeroGradAt(session.position),))
    qtbot.waitUntil(lambda: room.comparison is not None, timeout=20_000)
    assert "does not run the same way twice" in window.message.text
