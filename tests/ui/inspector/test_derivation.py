"""The derivation of a vjp on a real session: formula, pictures, sub-steps."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.recorded import nth, record
from ui.bridge import Bridge
from ui.inspector.derivation import DerivationPanel
from ui.inspector.formula import FormulaView, renderer

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge) -> DerivationPanel:
    made = DerivationPanel(bridge)
    qtbot.addWidget(made)
    made.resize(900, 420)
    with qtbot.waitExposed(made):
        made.show()
    return made


def vjp_of(bridge: Bridge, grad_fn: str, count: int = 0) -> int:
    session = bridge.session
    assert session is not None
    sites = session.recording.sites
    return [e.index for e in session.recording if e.kind.name == "VJP" and sites[e.site].grad_fn == grad_fn][count]


def test_elsewhere_than_on_a_vjp_it_says_where_to_step(panel: DerivationPanel, bridge: Bridge) -> None:
    waiting = panel.waiting
    assert waiting.hint.isVisible()
    assert "Step to a backward node" in waiting.hint.text()
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "OP", 1))  # y * y
    assert waiting.caption.text() == session.moment().caption
    assert waiting.rules[0].isVisible()
    assert waiting.rules[0].accessibleName()
    QTest.mouseClick(waiting.fires, Qt.MouseButton.LeftButton)
    assert session.event is not None
    assert session.event.kind.name == "VJP"
    assert panel.title.text() == "MulBackward0"
    bridge.seek(nth(session, "BACKWARD_BEGIN", 0))
    assert waiting.hint.isVisible()
    assert waiting.caption.text().startswith("backward")
    QTest.mouseClick(waiting.after, Qt.MouseButton.LeftButton)
    assert session.event.kind.name == "VJP"


def test_what_a_fire_delivers_keeps_its_derivation_in_sight(panel: DerivationPanel, bridge: Bridge) -> None:
    fired = vjp_of(bridge, "MulBackward0")
    session = bridge.session
    assert session is not None
    bridge.seek(session.frames.next_step(fired))
    assert session.event is not None
    assert session.event.kind.name == "DELIVER"
    assert panel.title.text() == "MulBackward0"
    assert [card.state for card in panel.cards][-1] == "current"
    assert not panel.next.isEnabled()


def test_a_long_name_gives_way_to_the_formula(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    panel.resize(700, 200)
    bridge.set_session(
        record(
            "import torch\nw = torch.ones(4, requires_grad=True)\ntorch.fake_quantize_per_tensor_affine(w, 0.5, 0, -4, 3).sum().backward()\n"
        )
    )
    name = "FakeQuantizePerTensorAffineCachemaskBackward0"
    bridge.seek(vjp_of(bridge, name))
    assert (panel.title.text(), panel.title.toolTip()) == (name, name)
    qtbot.waitUntil(lambda: "…" in panel.title.shown())
    assert panel.formula.width() >= min(panel.formula.sizeHint().width(), 300)
    assert panel.next.width() >= panel.next.sizeHint().width()


def test_the_formula_is_typeset_and_read_aloud(panel: DerivationPanel, bridge: Bridge) -> None:
    bridge.seek(vjp_of(bridge, "MulBackward0"))
    assert panel.title.text() == "MulBackward0"
    assert panel.formula.typeset
    assert "⊙" in panel.formula.accessibleName()


def test_parts_are_ghosts_until_their_substep(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "MulBackward0"))
    assert [card.state for card in panel.cards] == ["ghost"] * 3
    assert not any(card.array.isVisible() for card in panel.cards)
    qtbot.mouseClick(panel.next, LEFT)
    assert [card.state for card in panel.cards] == ["current", "ghost", "ghost"]
    qtbot.mouseClick(panel.next, LEFT)
    qtbot.mouseClick(panel.next, LEFT)
    assert [card.state for card in panel.cards] == ["told", "told", "current"]
    assert [sign.text for sign in panel.signs] == ["⊙", "="]
    assert not panel.next.isEnabled()
    assert panel.telling.accessibleName().endswith("Upstream times local: [0.67, 0.67, 0.67].")


def test_upstream_times_local_is_the_product_with_the_numbers_of_the_moment(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "MulBackward0", 1))  # y * y: upstream 2/3, local y
    qtbot.mouseClick(panel.all, LEFT)
    upstream, local, product = (card.array.texts()[0] for card in panel.cards)
    assert upstream == ["0.6667", "0.6667", "0.6667"]
    assert local == ["3.", "4.", "5."]
    assert product == ["2.0000", "2.6667", "3.3333"]


def test_a_broadcast_input_ends_in_a_sum(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "AddBackward0", 1))  # A + b
    assert panel.tabs.count() == 2
    panel.tabs.setCurrentIndex(1)
    assert panel.tabs.tabText(1) == "for b"
    assert [card.number for card in panel.cards] == [1, 2, 3, 4]
    assert panel.signs[-1].words == "sum over axes"
    qtbot.mouseClick(panel.all, LEFT)
    assert panel.cards[-1].operand.picture.stats.shape == (2,)
    assert panel.cards[-1].state == "current"


def test_stepping_back_takes_the_parts_away_again(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(vjp_of(bridge, "MulBackward0"))
    qtbot.mouseClick(panel.all, LEFT)
    bridge.move(session.back_into)
    assert [card.state for card in panel.cards] == ["told", "current", "ghost"]


def test_slopes_come_with_the_local_derivative(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "PowBackward0"))
    assert not panel.slopes.isVisible()
    qtbot.mouseClick(panel.all, LEFT)
    assert panel.slopes.isVisible()
    found = panel.slopes.slopes
    assert found is not None
    assert found.slope.tolist() == pytest.approx((2 * found.x).tolist())
    assert found.y.tolist() == pytest.approx((found.x**2).tolist())


def test_a_sum_has_a_rule_instead_of_a_product(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "SumBackward0"))
    assert [sign.text for sign in panel.signs] == ["→"]
    qtbot.mouseClick(panel.all, LEFT)
    assert not panel.slopes.isVisible()


def test_latex_that_cannot_be_typeset_is_shown_as_text(qtbot: QtBot, bridge: Bridge) -> None:
    view = FormulaView(bridge, "formula", 20.0)
    qtbot.addWidget(view)
    view.set_formula(r"\frac{1", "1 over something")
    assert not view.typeset
    view.resize(view.sizeHint())
    assert not view.grab().isNull()
    assert view.sizeHint().width() > 60


def test_a_formula_is_typeset_once() -> None:
    one = renderer(r"\bar{x}", 17.0, "#ffffff")
    assert one is not None
    assert renderer(r"\bar{x}", 17.0, "#ffffff") is one


def test_every_vjp_of_the_lesson_can_be_painted(panel: DerivationPanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    for event in session.recording:
        if event.kind.name == "VJP":
            bridge.seek(event.index)
            assert panel.cards
            panel._reveal()
            assert not panel.grab().isNull()


def test_in_a_low_dock_each_part_comes_into_sight_with_its_sentence(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    panel.resize(680, 205)  # as in a window of 1280 x 800
    bridge.seek(vjp_of(bridge, "AddBackward0", 1))  # A + b, whose sum over axes is the fourth part
    panel.tabs.setCurrentIndex(1)
    view = panel._area.viewport()
    for part in range(1, 5):
        qtbot.mouseClick(panel.next, LEFT)
        card = panel.cards[part - 1]
        qtbot.waitUntil(
            lambda card=card: view.rect().contains(card.rect().translated(card.mapTo(view, card.rect().topLeft())).adjusted(2, 2, -2, -2))
        )
        assert card.state == "current"
        assert f"{part}." in panel.telling.text()
        assert panel.telling.text().count("<p") == 1
        assert panel.telling.isVisible()
        assert panel.formula.isVisible()


def test_cards_of_a_narrow_dock_are_not_cut(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "AddBackward0", 1))
    panel._reveal()
    panel.resize(420, 700)
    qtbot.waitUntil(lambda: all(card.size() == card.sizeHint() for card in panel.cards))


def test_an_op_that_mixes_its_inputs_shows_its_jacobian(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.seek(vjp_of(bridge, "MeanBackward0"))
    qtbot.mouseClick(panel.next, LEFT)
    assert not panel.jacobian.isVisible()
    qtbot.mouseClick(panel.next, LEFT)
    assert panel.jacobian.isVisible()
    assert not panel.slopes.isVisible()
    found = panel.jacobian.jacobian
    assert found is not None
    count = found.matrix.shape[1]
    assert found.matrix.tolist() == [pytest.approx([1 / count] * count)]
    assert found.product.tolist() == pytest.approx(found.recorded.tolist())
    assert not panel.jacobian.grab().isNull()


@pytest.mark.parametrize(("height", "lines"), [(66, 0), (90, 1), (120, 2), (240, 2)])
def test_in_a_low_dock_what_is_to_come_is_shown_without_squeezing_it(bridge: Bridge, qtbot: QtBot, height: int, lines: int) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "OP", 1))  # y * y: its sentence, its words, two rules and two buttons
    holder = QWidget()  # squeezes it as a dock does: a window of its own would not get lower than all that it holds
    qtbot.addWidget(holder)
    panel = DerivationPanel(bridge, holder)
    panel.setGeometry(0, 0, 535, height)
    waiting = panel.waiting
    with qtbot.waitExposed(holder):
        holder.show()
    QTest.qWait(1)
    assert waiting.height() == height
    shown = [label for label in (waiting.words, waiting.caption) if label.isVisible()]
    assert shown == [waiting.words, waiting.caption][:lines]  # the timeline says the sentence, too
    for label in shown:
        assert label.height() >= label.heightForWidth(label.width())
    for view in waiting.rules[:2]:
        assert view.isVisible()
        assert view.height() >= view.sizeHint().height()
    assert waiting.fires.height() == waiting.fires.sizeHint().height()
    assert waiting.rect().contains(waiting.fires.geometry())


def test_at_1280_a_product_of_three_numbers_is_in_sight_with_its_picture(panel: DerivationPanel, bridge: Bridge, qtbot: QtBot) -> None:
    panel.resize(714, 211)
    bridge.seek(vjp_of(bridge, "MulBackward0", 1))
    panel._reveal()
    qtbot.waitUntil(panel.slopes.isVisible)
    assert panel._area.horizontalScrollBar().maximum() == 0
    assert [len(card.array.texts()[0]) for card in panel.cards] == [3, 3, 3]
    bridge.seek(vjp_of(bridge, "MeanBackward0"))
    panel._reveal()
    qtbot.waitUntil(panel.jacobian.isVisible)
    assert panel._area.horizontalScrollBar().maximum() == 0


def test_many_numbers_are_colours_in_a_strip_of_cards_and_numbers_where_there_is_room(panel: DerivationPanel, bridge: Bridge) -> None:
    bridge.set_session(record("import torch\nx = torch.linspace(-2, 2, 40, requires_grad=True)\ny = x.sigmoid()\ny.sum().backward()\n"))
    panel.resize(680, 205)  # as in a window of 1280 x 800
    bridge.seek(vjp_of(bridge, "SigmoidBackward0"))
    panel._reveal()
    QTest.qWait(1)
    assert panel.cards
    assert not any(card.array.is_grid for card in panel.cards)
    assert panel._area.verticalScrollBar().maximum() == 0
    assert "(40,)" in panel.cards[0].array.text()
    panel.resize(1700, 800)
    QTest.qWait(1)
    assert all(card.array.is_grid for card in panel.cards)
    assert [len(row) for row in panel.cards[0].array.texts()] == [8] * 5


def test_a_node_with_several_results_tells_the_gradient_of_each(panel: DerivationPanel, bridge: Bridge) -> None:
    session = record("import torch\nx = torch.arange(6.).reshape(2, 3).requires_grad_()\na, b = x.unbind(0)\n(a * b).sum().backward()\n")
    bridge.set_session(session)
    bridge.seek(nth(session, "VJP", 2))
    (derivation,) = panel.derivations
    assert [card.operand.words for card in panel.cards] == ["gradient of a (upstream)", "gradient of b (upstream)", "gradient for x"]
    assert [operand.symbol for operand in (derivation.upstream, *derivation.others)] == [r"\bar{z}_1", r"\bar{z}_2"]
    assert panel.sentences[0] == "The gradients of 2 results come in: that of a is [3, 4, 5] and that of b is [0, 1, 2]."
