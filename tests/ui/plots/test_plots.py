"""Ledger and plot on a real session: 3, 6, 9 against 3, 3, 3; clicks that go to the event."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.debugger.answers import Contribution, Ledger, LedgerRow, Series
from tests.ui.recorded import node_of, nth
from ui.bridge import Bridge
from ui.plots.curves import spaced, ticks_of
from ui.plots.graph_view import GraphView
from ui.plots.ledger import Bars, LedgerView
from ui.plots.panel import PlotsPanel
from ui.style.theme import DARK, LIGHT, SMALL_PX, mono_font, ui_font

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge) -> PlotsPanel:
    made = PlotsPanel(bridge)
    qtbot.addWidget(made)
    made.resize(1280, 280)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: made.graph_view is not None)
    return made


def graph(panel: PlotsPanel) -> GraphView:
    assert panel.graph_view is not None
    return panel.graph_view


def labels(ledger: LedgerView) -> list[str]:
    return [ledger.label(bar) for bar in ledger.bars]


def choose(panel: PlotsPanel, title: str) -> None:
    """Choose a leaf in the list as a user does."""
    row = next(k for k in range(panel.leaf.count()) if panel.leaf.itemText(k).startswith(f"{title}.grad"))
    panel.leaf.setCurrentIndex(row)
    panel.leaf.activated.emit(row)


def test_the_panels_import_nothing_slow() -> None:
    panels = "ui.plots.panel, ui.timeline.panel, ui.inspector.panel, ui.inspector.derivation"
    check = f"import sys, {panels}; assert not {{'pyqtgraph', 'networkx', 'ziamath', 'engine.tensor'}} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_without_a_gradient_it_says_how_one_comes(panel: PlotsPanel, bridge: Bridge) -> None:
    bridge.set_session(None)
    assert panel.empty.isVisible()
    assert "requires_grad=True" in panel.empty.text()


def test_the_lesson_accumulates_3_6_9(panel: PlotsPanel) -> None:
    assert panel.leaf.currentText().startswith("weights.grad")  # most writes: the first loop without a zero_grad
    assert labels(panel.ledger) == ["3", "6", "9"]
    assert [len(bar.parts) for bar in panel.ledger.bars] == [1, 2, 3]
    assert graph(panel).labels[-1] == "each element: 3, 6, 9"


def test_with_zero_grad_it_is_3_3_3(panel: PlotsPanel) -> None:
    choose(panel, "zeroed")
    assert labels(panel.ledger) == ["3", "3", "3"]
    assert all(bar.row.cleared and not bar.row.none for bar in panel.ledger.bars)
    assert graph(panel).labels[-1] == "each element: 3, 0, 3, 0, 3, 0"


def test_set_to_none_and_negative_gradients(panel: PlotsPanel) -> None:
    choose(panel, "trained")
    assert labels(panel.ledger) == ["12", "-9.6", "7.68"]
    assert all(bar.row.none for bar in panel.ledger.bars)
    column = panel.ledger.visible_bars()[1][1]
    zero = panel.ledger._y(0.0, column)
    assert panel.ledger.part_rect(panel.ledger.bars[1].parts[0], column).top() == pytest.approx(zero)


def test_it_follows_the_step_until_a_leaf_is_chosen(panel: PlotsPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "ACCUMULATE", 0))
    assert panel.leaf.currentText().startswith("x.grad")
    bridge.seek(nth(session, "ZERO_GRAD", 1))
    assert panel.leaf.currentText().startswith("zeroed.grad")
    choose(panel, "weights")
    bridge.seek(nth(session, "ACCUMULATE", 0))
    assert panel.leaf.currentText().startswith("weights.grad")


def test_a_selected_leaf_is_shown(panel: PlotsPanel, bridge: Bridge) -> None:
    assert bridge.session is not None
    bridge.select((node_of(bridge.session, "b"),))
    assert panel.leaf.currentText().startswith("b.grad")


def test_a_click_on_a_part_goes_to_its_event(panel: PlotsPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    choose(panel, "weights")
    bar, column = panel.ledger.visible_bars()[2]
    middle = panel.ledger.part_rect(bar.parts[1], column).center().toPoint()
    qtbot.mouseClick(panel.ledger, LEFT, pos=middle)
    assert session.position == bar.parts[1].event == nth(session, "ACCUMULATE", 4)
    assert "backward 3 added 3" in panel.ledger.tip(middle.toPointF())


def test_keys_go_from_bar_to_bar(panel: PlotsPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    choose(panel, "weights")
    panel.ledger.setFocus()
    for expected in (3, 4, 5, 5):
        qtbot.keyClick(panel.ledger, Qt.Key.Key_Right)
        assert session.position == nth(session, "ACCUMULATE", expected)
    qtbot.keyClick(panel.ledger, Qt.Key.Key_Left)
    assert session.position == nth(session, "ACCUMULATE", 4)


def test_bars_are_faint_before_their_time_then_solid_then_hatched(panel: PlotsPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    choose(panel, "zeroed")
    bar, column = panel.ledger.visible_bars()[0]
    rect = panel.ledger.part_rect(bar.parts[0], column)
    colour = DARK.passes[bar.parts[0].pass_ % len(DARK.passes)]

    def share() -> float:
        picture = panel.ledger.grab().toImage()
        box = rect.toRect().adjusted(4, 4, -4, -4)
        inner = [picture.pixelColor(x, y).name() for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom())]
        return inner.count(colour) / len(inner)

    assert share() == 0
    bridge.seek(bar.parts[0].event)
    assert share() == 1
    bridge.seek(bar.row.event)
    assert 0 < share() < 0.6


def test_a_click_on_a_point_of_the_plot_goes_to_its_event(panel: PlotsPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    choose(panel, "weights")
    event = nth(session, "ACCUMULATE", 4)
    panel.grab()
    view = graph(panel)
    at = view.screen_point(event).toPoint()
    QTest.mouseMove(view.plot.viewport(), at + QPoint(3, 3))
    QTest.mouseClick(view.plot.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert session.position == event
    assert view.cursor_line.isVisible()
    assert view.cursor_line.value() == event


def test_toggles_choose_the_curves(panel: PlotsPanel, qtbot: QtBot) -> None:
    choose(panel, "weights")
    view = graph(panel)
    assert len(view.labels) == 2
    panel.norm.setFocus()
    qtbot.keyClick(panel.norm, Qt.Key.Key_Space)
    assert len(view.labels) == 1
    assert "norm" not in view.legend.text()
    qtbot.keyClick(panel.elements, Qt.Key.Key_Space)
    assert view.labels == []
    qtbot.keyClick(panel.norm, Qt.Key.Key_Space)
    qtbot.keyClick(panel.log, Qt.Key.Key_Space)
    assert view.item.getAxis("left").logMode


def test_the_button_asks_for_the_comparison_of_the_shown_leaf(panel: PlotsPanel, bridge: Bridge, qtbot: QtBot) -> None:
    assert bridge.session is not None
    choose(panel, "zeroed")
    with qtbot.waitSignal(panel.compare_zero_grad_requested) as asked:
        qtbot.mouseClick(panel.compare, LEFT)
    assert asked.args == [panel.leaf_id]


def test_with_and_without_zero_grad_are_two_named_curves_in_one_plot(panel: PlotsPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    zeroed, accumulated = (session.series(node_of(session, title)) for title in ("zeroed", "weights"))
    panel.set_comparison(zeroed, accumulated)
    assert graph(panel).labels == ["without zero_grad: 3, 6, 9", "with zero_grad: 3, 3, 3"]
    for width, shown in ((700, "without zero_grad: 3, 6, 9"), (190, "without zero_grad")):
        graph(panel).plot.setFixedWidth(width)
        panel.set_comparison(zeroed, accumulated)
        names = [item for item in graph(panel).item.items if hasattr(item, "toPlainText")]
        assert names[0].toPlainText() == shown
    bridge.seek(5)
    assert len(graph(panel).labels) == 2  # stepping does not take it away
    qtbot.mouseClick(panel.back, LEFT)
    assert graph(panel).labels[-1].startswith("each element")
    assert not panel.back.isVisible()


def test_the_plot_takes_the_theme(panel: PlotsPanel, bridge: Bridge) -> None:
    bridge.set_theme(LIGHT)
    picture = graph(panel).plot.grab().toImage()
    assert picture.pixelColor(2, picture.height() - 2).name() == LIGHT.surface


def contribution(event: int, norm: float, total: float) -> Contribution:
    return Contribution(event, 0, 0, norm, total)


def test_bars_count_elements_only_where_all_are_equal() -> None:
    equal = contribution(1, 3 * math.sqrt(4), 12.0)
    mixed = contribution(2, 5.0, 7.0)
    assert Bars(Ledger(0, "w", (LedgerRow("epoch 0", 1, (equal,), False, False),)), 4).bars[0].level == pytest.approx(3)
    both = Bars(Ledger(0, "w", (LedgerRow("epoch 0", 2, (equal, mixed), False, False),)), 4)
    assert not both.uniform
    assert [part.high - part.low for part in both.bars[0].parts] == pytest.approx([6.0, 5.0])


def test_an_empty_bucket_says_none() -> None:
    row = LedgerRow("epoch 0", 1, (), True, True)
    assert Bars(Ledger(0, "w", (row,)), 4).bars[0].label == "None"


def test_a_thousand_epochs_are_looked_at_a_window_at_a_time(qtbot: QtBot, bridge: Bridge) -> None:
    view = LedgerView(bridge)
    qtbot.addWidget(view)
    view.resize(400, 220)
    rows, parts = [], []
    for k in range(1000):
        parts.append(contribution(2 * k, 2.0, 4.0))
        rows.append(LedgerRow(f"epoch {k}", 2 * k, tuple(parts[-300:]), False, False))
    view.set_ledger(Ledger(0, "w", tuple(rows)), 4, {})
    view.set_position(1000)
    shown = [bar.row.label for bar, _ in view.visible_bars()]
    assert "epoch 500" in shown
    assert len(shown) < 12
    assert all(len(bar.parts) <= 24 for bar in view.bars)


@pytest.mark.parametrize("width", [190, 260, 420])
def test_the_words_of_two_bars_do_not_run_into_each_other(qtbot: QtBot, bridge: Bridge, width: int) -> None:
    view = LedgerView(bridge)
    qtbot.addWidget(view)
    view.resize(width, 220)
    rows = tuple(LedgerRow(f"epoch {k}", 2 * k, (contribution(2 * k, 1.18e-5, -2.36e-5),), False, False) for k in range(4990, 5000))
    view.set_ledger(Ledger(0, "w", rows), 4, {})
    bars = view.visible_bars()
    assert bars
    for (_, left), (bar, right) in pairwise(bars):
        pitch = right.center().x() - left.center().x()
        assert QFontMetricsF(ui_font(SMALL_PX, bold=True)).horizontalAdvance(bar.row.label) < pitch
        assert QFontMetricsF(mono_font(12)).horizontalAdvance(view.label(bar)) < pitch


def test_a_ledger_that_gets_wider_shows_the_epochs_before_too(qtbot: QtBot, bridge: Bridge) -> None:
    view = LedgerView(bridge)
    qtbot.addWidget(view)
    view.resize(180, 220)
    rows = tuple(LedgerRow(f"epoch {k}", 2 * k, (contribution(2 * k, 1.0, 2.0),), False, False) for k in range(4))
    view.set_position(8)
    view.set_ledger(Ledger(0, "w", rows), 4, {})
    view.set_position(9)
    with qtbot.waitExposed(view):
        view.show()
    view.resize(600, 220)
    assert [bar.row.label for bar, _ in view.visible_bars()] == [f"epoch {k}" for k in range(4)]


def test_the_epochs_of_a_long_run_are_named_all_along_the_plot() -> None:
    events = tuple(range(0, 30_000, 10))
    series = Series(0, "w", events, tuple(k // 10 for k in events), (1.0,) * 3000, ((1.0,),) * 3000, ("accumulate",) * 3000)
    ticks = spaced(ticks_of(series), 6)
    assert 3 <= len(ticks) <= 7 and ticks[0] == (0, "epoch 0")
    assert all(right - left >= 0.9 * events[-1] / 6 for (left, _), (right, _) in pairwise(ticks))


def test_large_and_small_numbers_of_the_axis_have_room(panel: PlotsPanel) -> None:
    axis = graph(panel).item.getAxis("left")
    for size in (1e-30, 1e30):
        texts = axis.tickStrings([1.0 * size, 1.2 * size, 1.4 * size], 1.0, 0.2 * size)
        assert texts == [f"{digits}e{30 if size > 1 else -30}" for digits in ("1", "1.2", "1.4")]


def test_the_line_stands_beside_a_leaf_only_where_two_have_the_same_name(panel: PlotsPanel) -> None:
    texts = [panel.leaf.itemText(k) for k in range(panel.leaf.count())]
    assert "x.grad" in texts
    names = [text.split(".grad")[0] for text in texts]
    assert all(("(line" in text) == (names.count(name) > 1) for text, name in zip(texts, names, strict=True))
