"""Questions in the window: a node is clicked, a question asked, a path lit, an event gone to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest
from ui.questions.panel import QuestionsPanel
from ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def node(window: MainWindow, title: str, line: int) -> int:
    return next(n.id for n in window.bridge.session.graph().nodes if n.title == title and n.line == line)  # type: ignore[union-attr]


def asked(window: MainWindow, qtbot: QtBot, number: int, question: str) -> QuestionsPanel:
    window.bridge.select((number,))
    window.ask(question)
    panel = window.questions
    qtbot.waitUntil(lambda: panel.answer is not None and panel.answer.question == question)
    return panel


def test_the_gradient_of_a_node_is_split_and_hovering_a_part_lights_its_path(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(28)
    y = node(window, "y", 11)
    panel = asked(window, qtbot, y, "parts")
    parts = panel.answer.parts  # type: ignore[union-attr]
    assert len(parts) == 2
    whole = window.bridge.session.moment().states[y].grad.array  # type: ignore[union-attr]
    np.testing.assert_allclose(sum(part.array for part in parts), whole, rtol=1e-6)
    boxes = panel.bar.boxes()
    assert boxes[0].right() <= boxes[1].left() + 1
    QTest.mouseMove(panel.bar, boxes[1].center().toPoint())
    qtbot.waitUntil(lambda: panel.bar.hot == 1)
    assert panel.lit[0] == parts[1].nodes
    assert panel.lit[1] == ((y, node(window, "mul", 14)),)
    keep(window, "questions-parts-dark")
    QTest.mouseClick(panel.bar, LEFT, pos=boxes[0].center().toPoint())
    assert window.bridge.session.position == parts[0].event  # type: ignore[union-attr]


def test_a_question_by_key_and_an_element_by_typing(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(20)
    window.bridge.select((node(window, "z", 14),))
    window.activateWindow()
    window.actions_["why_value"].trigger()
    panel = window.questions
    qtbot.waitUntil(lambda: panel.answer is not None and panel.answer.question == "why")
    panel.element.setFocus()
    QTest.keyClicks(panel.element, "1")
    QTest.keyClick(panel.element, Qt.Key.Key_Return)
    assert panel.sentence.text().startswith("z[1] = ")
    panel.element.clear()
    QTest.keyClicks(panel.element, "7")
    QTest.keyClick(panel.element, Qt.Key.Key_Return)
    assert "has no element [7]" in panel.sentence.text()
    assert window.bridge.theme.error in panel.sentence.styleSheet()


def test_an_event_of_an_answer_is_gone_to_by_a_click(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(28)
    panel = asked(window, qtbot, node(window, "x", 7), "wrote_grad")
    assert "line 21" in panel.sentence.text()
    item = panel.events.item(0)
    QTest.mouseClick(panel.events.viewport(), LEFT, pos=panel.events.visualItemRect(item).center())
    assert window.bridge.session.position == item.data(Qt.ItemDataRole.UserRole)  # type: ignore[union-attr]


def test_the_answer_follows_the_steps_and_the_light_goes_with_the_panel(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(28)
    panel = asked(window, qtbot, node(window, "x", 7), "parts")
    assert panel.lit[0]
    window.bridge.seek(3)
    qtbot.waitUntil(lambda: panel.answer is not None and panel.answer.question != "parts")
    window.docks["Console"].raise_()
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert panel.lit == ((), ())


def test_a_node_s_menu_asks(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(28)
    window.bridge.select((node(window, "z", 14),))
    window.menus.show_for_node(QPoint(10, 10))
    menu = next(m for m in window.findChildren(type(window.menus["File"])) if m.isVisible() and window.actions_["parts"] in m.actions())
    window.actions_["parts"].trigger()
    menu.close()
    qtbot.waitUntil(lambda: window.questions.answer is not None)
    assert "the gradient of z" in window.questions.sentence.text().lower()


def test_without_a_selection_it_says_what_to_do(opened: Opener) -> None:
    window = opened(1920, 1080, "light")
    window.workbench.open_lesson()
    window.docks["Questions"].raise_()
    at_rest(window)
    assert "Click a node" in window.questions.sentence.text()
    window.bridge.seek(60)
    window.bridge.select((node(window, "y", 26),))
    window.ask("paths")
    keep(window, "questions-paths-light")


def test_without_a_node_only_the_way_to_ask_is_shown_and_no_empty_boxes(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Questions"].raise_()
    panel = window.questions
    qtbot.waitUntil(panel.sentence.isVisible)
    assert not panel.questions.isVisible() and not panel.element.isVisible() and not panel.events.isVisible()
    window.bridge.seek(20)
    window.bridge.select((node(window, "y", 11),))
    qtbot.waitUntil(panel.events.isVisible)
    assert panel.questions.isVisible()


def test_an_event_of_an_answer_is_read_as_a_whole(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.seek(20)
    panel = asked(window, qtbot, node(window, "y", 11), "why")
    panel.resize(420, panel.height())
    qtbot.waitUntil(lambda: panel.events.viewport().width() < 200)
    item = panel.events.item(0)
    qtbot.waitUntil(lambda: panel.events.visualItemRect(item).height() > 1.5 * panel.events.fontMetrics().height())
    assert not panel.events.horizontalScrollBar().isVisible()


def test_an_answer_with_a_long_name_leaves_the_docks_as_they_are(opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    name = "the_weight_matrix_of_the_second_hidden_layer_of_the_decoder_of_the_autoencoder_of_the_model"
    script = tmp_path / "named.py"
    script.write_text(f"import torch\n{name} = torch.ones(3, requires_grad=True)\n({name} * 2 + {name}).sum().backward()\n")
    window = opened()
    assert window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and not window.bridge.growing and window.bridge.session is not None)
    window.actions_["end"].trigger()
    window.docks["Questions"].raise_()
    qtbot.waitUntil(lambda: window.docks["Questions"].panel is not None)
    before = window.docks["Timeline"].width()
    panel = asked(window, qtbot, node(window, name, 2), "parts")
    qtbot.waitUntil(lambda: name in panel.sentence.text().replace("\u200b", ""))
    at_rest(window)
    assert window.docks["Timeline"].width() == before


TWO_ORIGINS = """\
import torch
w = torch.tensor([0.0, 2.0, 0.0], requires_grad=True)
h = w * torch.tensor([1.0, 1.0, 0.0])
a = (h * h).sqrt()
k = 2 * w
b = k.log() * torch.tensor([0.0, 1.0, 1.0])
loss = a.sum() + b.sum()
loss.backward()
"""


def test_a_nan_of_two_origins_is_a_tree_and_each_end_is_gone_to_by_a_click(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "two.py"
    script.write_text(TWO_ORIGINS)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    QTest.keyClick(window.canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    panel = asked(window, qtbot, node(window, "w", 2), "nan")
    assert "2 places" in panel.sentence.text() and "line 6" in panel.sentence.text() and "line 4" in panel.sentence.text()
    texts = [panel.events.item(row).text() for row in range(panel.events.count())]
    ends = {number: max(row for row, text in enumerate(texts) if f"({number})" in text) for number in (1, 2)}
    assert {node(window, "a", 4), node(window, "k", 5)} <= set(panel.lit[0])
    keep(window, "questions-two-origins")
    for number, name in ((1, "LogBackward0"), (2, "SqrtBackward0")):
        item = panel.events.item(ends[number])
        panel.events.scrollToItem(item)
        QTest.mouseClick(panel.events.viewport(), LEFT, pos=panel.events.visualItemRect(item).center())
        session = window.bridge.session
        assert session is not None and session.recording.sites[session.recording.event(session.position).site].grad_fn == name
