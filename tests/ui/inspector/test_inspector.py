"""The inspector on a real session: what it shows, and where its links go."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.ui.recorded import node_of, nth, record
from tests.ui.waiting import at_rest
from ui.bridge import Bridge
from ui.inspector.link import LinkButton
from ui.inspector.panel import InspectorPanel
from ui.style.theme import FONT_PX, LIGHT, mono_font, ui_font

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge) -> InspectorPanel:
    made = InspectorPanel(bridge)
    qtbot.addWidget(made)
    made.resize(350, 760)
    with qtbot.waitExposed(made):
        made.show()
    return made


def chips(panel: InspectorPanel, word: str) -> list[LinkButton]:
    return [chip for chip in panel.findChildren(LinkButton) if chip.objectName().startswith(word) and chip.isVisible()]


def test_before_the_first_event_it_says_what_to_do(panel: InspectorPanel) -> None:
    assert panel.empty.isVisible()
    assert "Step forward" in panel.empty.text()


def test_where_no_node_is_touched_it_shows_that_of_the_event_before(panel: InspectorPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "BOUNDARY", 1))
    assert not session.moment().current
    assert panel.inspection is not None
    assert panel.inspection.node == session.latest_site
    assert not panel.empty.isVisible()


def test_without_a_session_it_says_that_nothing_is_recorded(panel: InspectorPanel, bridge: Bridge) -> None:
    bridge.set_session(None)
    assert panel.empty.isVisible()
    assert "Nothing is recorded" in panel.empty.text()


def test_the_current_node_is_shown_with_numbers_as_pytorch_prints_them(panel: InspectorPanel, bridge: Bridge) -> None:
    assert bridge.session is not None
    bridge.seek(nth(bridge.session, "OP", 0))
    assert panel.title.text() == "y"
    assert "AddBackward0" in panel.subtitle.text()
    assert panel.value.array.texts() == [["3.", "4.", "5."]]
    assert panel.grad.array.text() == "no cotangent has arrived yet"
    assert ("requires_grad", "True") in panel.flags.flags
    assert "norm 7.071" in panel.value.statistics.text()


def test_a_selected_node_stays_while_stepping_and_its_gradient_arrives(panel: InspectorPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    bridge.select((node_of(session, "x"),))
    bridge.seek(nth(session, "OP", 2))
    assert panel.title.text() == "x"
    assert panel.grad.array.text() == "x.grad is None"
    bridge.seek(nth(session, "ACCUMULATE", 0))
    assert panel.title.text() == "x"
    assert panel.grad.array.texts() == [["4.0000", "5.3333", "6.6667"]]
    assert panel.grad.header.note == "x.grad"


def test_the_writer_link_goes_to_the_event_that_wrote_the_value(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    bridge.select((node_of(session, "y"),))
    bridge.seek(nth(session, "ACCUMULATE", 0))
    assert "y = x + 2 computed" in panel.value.written.text()
    qtbot.mouseClick(panel.value.go, LEFT)
    assert session.position == nth(session, "OP", 0)
    assert not panel.value.go.isEnabled()  # nowhere to go: here it was written


def test_links_select_inputs_and_users_by_mouse_and_by_key(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "OP", 0))
    bridge.select((node_of(session, "y"),))
    (source,) = chips(panel, "input")
    assert source.text() == "x"
    qtbot.mouseClick(source, LEFT)
    assert bridge.selected == (node_of(session, "x"),)
    user = next(chip for chip in chips(panel, "used_by") if chip.text() == "y")
    user.setFocus()
    qtbot.keyClick(user, Qt.Key.Key_Space)
    assert bridge.selected == (node_of(session, "y"),)


def test_the_line_goes_to_where_the_node_was_made(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "VJP", 3))
    shown = panel.inspection
    assert shown is not None
    assert panel.line.text() == f"line {shown.line}"
    qtbot.mouseClick(panel.line, LEFT)
    assert session.line == shown.line
    assert bridge.selected == (shown.node,)


def test_saved_values_are_chips_then_ghosts(panel: InspectorPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    square = next(node.id for node in session.graph().nodes if node.op == "mul")
    bridge.select((square,))
    bridge.seek(nth(session, "BACKWARD_BEGIN", 0))
    assert {chip.look for chip in chips(panel, "saved_")} == {"chip"}
    assert all("v0" in chip.text() for chip in chips(panel, "saved_"))
    bridge.seek(nth(session, "BACKWARD_END", 0))
    assert {chip.look for chip in chips(panel, "saved_")} == {"ghost"}
    assert panel.saved_section.header.note == "all freed"


OVERWRITTEN = """import torch
w = torch.tensor([2.0, 3.0], requires_grad=True)
square = w * w
square.sum().backward(retain_graph=True)
torch.optim.SGD([w], lr=0.1).step()
"""


def test_an_overwritten_saved_value_is_red_with_both_versions(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = record(OVERWRITTEN)
    bridge.set_session(session)
    bridge.select((node_of(session, "square"),))
    bridge.seek(session.length - 1)
    saved = chips(panel, "saved_")
    assert {chip.look for chip in saved} == {"error"}
    assert "v0 → v1" in saved[0].text()
    assert "backward() will fail" in saved[0].toolTip()
    assert panel.saved_section.header.note == "overwritten"
    qtbot.mouseClick(saved[0], LEFT)
    assert session.event is not None
    assert session.event.kind.name == "SAVE"


def test_nan_is_counted_with_an_alarm(panel: InspectorPanel, bridge: Bridge) -> None:
    bridge.set_session(record("import torch\nx = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)\ny = x.log()\n"))
    assert bridge.session is not None
    bridge.seek(nth(bridge.session, "OP", 0))
    assert set(panel.value.statistics.alarms()) == {"nan", "inf"}
    assert panel.value.header.note == "nan or inf inside"


def test_a_large_value_is_a_heat_map_with_a_histogram(panel: InspectorPanel, bridge: Bridge) -> None:
    bridge.set_session(record("import torch\nw = torch.tensor([float(k) for k in range(300)]).reshape(15, 20)\n"))
    bridge.seek(nth(bridge.session, "VIEW", 0) if bridge.session else 0)
    array = panel.value.array
    assert not array.is_grid
    assert panel.value.histogram.isVisible()
    assert int(np.sum(panel.value.histogram.counts)) == 300
    assert "(15, 20)" in array.text()


def test_pages_of_a_deep_array_turn_by_key_and_mouse(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.set_session(record("import torch\nw = torch.tensor([float(k) for k in range(24)]).reshape(2, 3, 4)\n"))
    bridge.seek(nth(bridge.session, "VIEW", 0) if bridge.session else 0)
    array = panel.value.array
    assert array.pages == 2
    assert array.texts()[0] == ["0.", "1.", "2.", "3."]
    array.setFocus()
    qtbot.keyClick(array, Qt.Key.Key_Right)
    assert array.texts()[0] == ["12.", "13.", "14.", "15."]
    qtbot.mouseClick(array, LEFT, pos=QPoint(10, array.height() - 8))
    assert array.texts()[0][0] == "0."


def test_sections_fold_by_key(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(nth(bridge.session, "OP", 0) if bridge.session else 0)
    assert panel.value.array.isVisible()
    panel.value.header.setFocus()
    qtbot.keyClick(panel.value.header, Qt.Key.Key_Space)
    assert not panel.value.array.isVisible()


def test_a_hidden_panel_catches_up_when_shown(panel: InspectorPanel, bridge: Bridge) -> None:
    panel.hide()
    bridge.seek(nth(bridge.session, "OP", 0) if bridge.session else 0)
    assert panel.inspection is None
    panel.show()
    assert panel.title.text() == "y"


def test_every_moment_of_the_lesson_can_be_painted_in_both_themes(panel: InspectorPanel, bridge: Bridge) -> None:
    assert bridge.session is not None
    for position in range(-1, bridge.session.length, 7):
        bridge.seek(position)
        assert not panel.grab().isNull()
    bridge.set_theme(LIGHT)
    ground = panel.grab().toImage().pixelColor(panel.width() // 2, panel.height() - 3)
    assert ground.isValid()


def test_every_widget_has_a_name_for_screen_readers(panel: InspectorPanel, bridge: Bridge) -> None:
    bridge.seek(nth(bridge.session, "VJP", 1) if bridge.session else 0)
    for button in panel.findChildren(LinkButton):
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_what_an_optimizer_keeps_is_shown_with_its_name_and_who_wrote_it(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = record("""import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.5)
for turn in range(2):
    optimizer.zero_grad()
    loss = (w * 3).sum()
    loss.backward()
    optimizer.step()
""")
    bridge.set_session(session)
    bridge.select((node_of(session, "w"),))
    bridge.seek(nth(session, "OPTIMIZER_STEP", 1))
    assert [name.text() for name in panel.kept.names] == ["optimizer.state[w].momentum_buffer"]
    assert panel.kept.arrays[0].texts() == [["4.5000", "4.5000"]]
    bridge.seek(nth(session, "BACKWARD_BEGIN", 1))
    assert panel.kept.arrays[0].texts() == [["3.", "3."]]
    qtbot.mouseClick(panel.kept.names[0], LEFT)
    assert session.position == nth(session, "OPTIMIZER_STEP", 0)
    bridge.seek(nth(session, "BACKWARD_BEGIN", 0))
    assert panel.kept.arrays[0].text() == "not there before the first step"
    bridge.select((node_of(session, "loss"),))
    assert not panel.kept.isVisible()


@pytest.mark.parametrize("width", [150, 200, 240, 420])
def test_no_word_of_a_link_is_cut_off_however_narrow_the_panel_is(panel: InspectorPanel, bridge: Bridge, width: int) -> None:
    assert bridge.session is not None
    bridge.seek(nth(bridge.session, "ACCUMULATE", 0))
    bridge.select((node_of(bridge.session, "x"),))
    panel.resize(width, 700)
    at_rest(panel)
    panel.refresh()
    for link in (panel.value.go, panel.grad.go, panel.explain):
        room = link.rect().adjusted(3, 0, -3, 0)
        needed = QFontMetrics(link.font()).boundingRect(room, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft), link.text())
        assert room.contains(needed.translated(0, 0)), (link.text(), room, needed)
    assert panel.explain.height() == 24 or width < 200, "one line where there is room"


def test_why_there_is_no_gradient_is_said_in_whole(panel: InspectorPanel, bridge: Bridge) -> None:
    bridge.set_session(record("import torch\nx = torch.tensor([1.0, 2.0])\ny = x * 2\n"))
    assert bridge.session is not None
    bridge.seek(nth(bridge.session, "OP", 0))
    bridge.select((node_of(bridge.session, "y"),))
    panel.resize(210, 700)
    at_rest(panel)
    panel.refresh()
    view = panel.grad.array
    needed = QFontMetrics(ui_font(FONT_PX)).boundingRect(0, 0, view.width(), 1000, int(Qt.TextFlag.TextWordWrap), view.text())
    assert "requires grad" in view.text() and needed.height() > 20, "it takes two lines"
    assert view.height() >= needed.height()


NAMED = "the_weight_matrix_of_the_second_hidden_layer_of_the_decoder"


@pytest.mark.parametrize("name", [NAMED, NAMED.replace("_", "")])
def test_a_long_name_is_broken_and_makes_the_panel_no_wider(panel: InspectorPanel, bridge: Bridge, name: str) -> None:
    bridge.set_session(record(f"import torch\n{name} = torch.tensor([0.1, 0.2], requires_grad=True)\n({name} * {name}).sum().backward()\n"))
    session = bridge.session
    assert session is not None
    bridge.seek(session.length - 1)
    bridge.select((node_of(session, name),))
    panel.resize(240, 700)
    at_rest(panel)
    panel.refresh()
    content = panel.title.parentWidget()
    assert content.width() <= 240 and content.minimumSizeHint().width() <= 240
    assert panel.title.text().replace("\u200b", "") == name


@pytest.mark.parametrize("width", [150, 190, 230])
def test_two_statistics_do_not_run_into_each_other(panel: InspectorPanel, bridge: Bridge, width: int) -> None:
    bridge.set_session(record("import torch\nw = torch.tensor([-0.0073567, -0.0001174, 123456.75, -0.012345678])\nu = w * 2\n"))
    session = bridge.session
    assert session is not None
    bridge.seek(session.length - 1)
    bridge.select((node_of(session, "w"),))
    statistics = panel.value.statistics
    statistics.resize(width, statistics.sizeHint().height())
    columns = min(max(width // 58, 3), 5)
    told = statistics.text().split(", ")
    assert [words.split()[0] for words in told] == ["norm", "min", "max", "mean", "zeros"], "of nan and inf there is nothing to say"
    for k in range(len(told)):
        assert QFontMetrics(mono_font(12)).horizontalAdvance(statistics.written(k)) + 3 < width / columns
    assert float(statistics.written(1)) == pytest.approx(-0.012345678, rel=0.1), "with digits that say something"


def test_a_long_name_of_a_link_is_read_in_whole_on_a_narrow_page(bridge: Bridge, qtbot: QtBot) -> None:
    link = LinkButton(bridge, "optimizer.state[encoder.out.bias].exp_avg_sq", "state")
    qtbot.addWidget(link)
    assert link.heightForWidth(400) < link.heightForWidth(180)


def test_of_many_pages_that_with_the_nan_is_shown_until_one_is_turned(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = record("import torch\nx = torch.zeros(3, 2, 2)\nx[2, 1, 0] = -1\ny = x.sqrt()\nz = x + 1\n")
    bridge.set_session(session)
    bridge.seek(nth(session, "OP", 0))
    assert panel.title.text() == "y"
    assert panel.value.array.texts() == [["0.", "0."], ["nan", "0."]]
    bridge.seek(nth(session, "OP", 1))
    assert panel.value.array.texts() == [["1.", "1."], ["1.", "1."]]
    bridge.seek(nth(session, "OP", 0))
    panel.value.array.setFocus()
    qtbot.keyClick(panel.value.array, Qt.Key.Key_Left)
    bridge.seek(nth(session, "OP", 1))
    bridge.seek(nth(session, "OP", 0))
    assert panel.value.array.texts() == [["0.", "0."], ["0.", "0."]]


def test_each_result_of_a_node_with_several_has_a_tab(panel: InspectorPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = record(
        "import torch\nx = torch.arange(6.).reshape(2, 3).requires_grad_()\na, b = x.unbind(0)\n"
        "m, idx = x.max(1)\n((a * b).sum() + m.sum() + x.split(1)[1].sum()).backward()\n"
    )
    bridge.set_session(session)
    bridge.seek(session.length - 1)
    bridge.select((node_of(session, "a"),))
    tabs = panel.results
    assert [tabs.tabText(k) for k in range(tabs.count())] == ["a", "b"] and tabs.isVisible()
    assert panel.value.array.texts() == [["0.", "1.", "2."]] and panel.grad.array.texts() == [["3.", "4.", "5."]]
    qtbot.mouseClick(tabs, LEFT, pos=tabs.tabRect(1).center())
    assert panel.title.text() == "b"
    assert panel.value.array.texts() == [["3.", "4.", "5."]] and panel.grad.array.texts() == [["0.", "1.", "2."]]
    assert "that of b is [0, 1, 2]" in panel.grad.written.text()
    bridge.seek(nth(session, "VIEW", 1))
    assert panel.title.text() == "b", "the chosen one stays so while the cursor moves"
    assert panel.grad.array.text() == "no cotangent has arrived yet"
    bridge.select((node_of(session, "m"),))
    bridge.seek(session.length - 1)
    assert panel.title.text() == "m" and panel.grad.array.texts() == [["1.", "1."]]
    tabs.setFocus()
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert panel.title.text() == "idx" and "int64" in panel.subtitle.text()
    assert panel.value.array.texts() == [["2", "2"]]
    assert panel.grad.array.text() == "idx has no derivative, its numbers are int64"
    bridge.select((node_of(session, "split"),))
    assert [(tabs.tabText(k), tabs.tabToolTip(k)) for k in range(tabs.count())] == [
        (str(k), f"output {k} · (1, 3) · float32") for k in range(2)
    ]
    assert panel.title.text() == "split"
    bridge.select((node_of(session, "x"),))
    assert not tabs.isVisible()
