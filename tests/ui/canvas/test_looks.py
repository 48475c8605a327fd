"""What can be read on the canvas: letters of one size, numbers that fit, frames around their own nodes, a first look that is near enough."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.debugger.scene import Graph, GraphEdge, GraphFrame, GraphNode, Moment, NodeKind, NodeState, Picture, Status
from gradviz.recording.event import Stats
from tests.ui.conftest import Opener, keep
from ui.canvas.cards.card import paint_card
from ui.canvas.cards.chips import Chip, Chips, places
from ui.canvas.cards.far import paint_simple
from ui.canvas.cards.rings import paint_rings
from ui.canvas.eye.framing import LEAST
from ui.canvas.geometry import Geometry, build, touching
from ui.canvas.painting.layers import Layers
from ui.canvas.painting.minimap import place
from ui.canvas.painting.picture import paint_picture
from ui.pictures.numbers import fitted
from ui.style.theme import CARD_HEIGHT, CARD_WIDTH, DARK, LIGHT, SMALL_PX
from ui.window.main_window import MainWindow

LONG = (
    "import torch\nx = torch.ones(4, requires_grad=True)\nh = x\nfor k in range(60):\n    h = torch.tanh(h * 1.1) + x\nh.sum().backward()\n"
)


def node(number: int, frame: int = -1) -> GraphNode:
    return GraphNode(number, NodeKind.OP, f"n{number}", "add", "AddBackward0", (3,), "float32", 1, True, False, frame)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.29342890, 10.3226, 12345678.0, -1.5e-9, 0.06393, 99999.5, float("nan"), float("-inf")])
@pytest.mark.parametrize("room", range(1, 10))
def test_a_fitted_number_has_no_more_letters_than_room_and_is_near_the_value(value: float, room: int) -> None:
    text = fitted(value, room)
    if text is None:
        assert room < 7
        return
    assert len(text) <= room
    assert float(text) == pytest.approx(value, rel=0.5, nan_ok=True)


def test_a_frame_holds_what_ran_inside_and_no_other_card() -> None:
    nodes = tuple(node(k, 0 if k in {1, 3, 6, 7} else -1) for k in range(8))
    edges = [GraphEdge(k, k + 1, 0) for k in range(7)]
    made = build(Graph(nodes, tuple(edges), (GraphFrame("no_grad", (1, 3, 6, 7), 5),)), "LR")
    inside = [set(np.flatnonzero(touching(made.rects, box)).tolist()) for _, box in made.frames]
    assert sorted(map(sorted, inside)) == [[1], [3], [6, 7]]


def test_the_minimap_has_the_proportions_of_the_graph() -> None:
    tall, wide = place(900, 500, QRectF(0, 0, 400, 4000)), place(900, 500, QRectF(0, 0, 4000, 400))
    assert tall.height() > tall.width() and wide.width() > wide.height()
    for box in (tall, wide):
        assert QRectF(0, 0, 900, 500).contains(box)


def painted(scale: float) -> tuple[QImage, QImage]:
    """A card at a scale with and without its number."""
    made = []
    for value in (np.array([1.5]), None):
        image = QImage(400, 300, QImage.Format.Format_RGB32)
        image.fill(0)
        p = QPainter(image)
        p.scale(scale, scale)
        picture = None if value is None else Picture(value, Stats((1,), "float32", 1.5, 1.5, 1.5, 1.5, 1.5, 0, 0, 0))
        paint_card(p, QRectF(0, 0, CARD_WIDTH, CARD_HEIGHT), node(0), NodeState(Status.COMPUTED, picture, requires_grad=True), DARK, scale)
        p.end()
        made.append(image)
    return made[0], made[1]


def rows_that_differ(one: QImage, other: QImage, limit: int) -> int:
    """Over how many lines of pixels two pictures differ in bright letters."""
    lines = 0
    for y in range(limit):
        lines += any(one.pixelColor(x, y).lightness() > 190 and other.pixelColor(x, y).lightness() < 120 for x in range(200))
    return lines


@pytest.mark.usefixtures("qapp")
def test_letters_are_as_high_on_a_small_card_as_on_a_large_one() -> None:
    near, far = (rows_that_differ(*painted(scale), 140) for scale in (1.0, LEAST))
    assert far >= near - 1 and far >= SMALL_PX * 0.6


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_a_large_graph_is_first_seen_at_a_scale_that_can_be_read_and_fit_shows_all(
    size: tuple[int, int], opened: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    script = tmp_path / "long.py"
    script.write_text(LONG)
    window = opened(*size)
    assert window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and len(window.canvas.geometry_.nodes) > 150, timeout=30000)
    canvas = window.canvas
    canvas.fit_current()
    assert canvas.scale >= LEAST
    window.actions_["end"].trigger()
    window.actions_["step"].trigger()
    window.actions_["back_into"].trigger()
    canvas.fit_current()
    current = canvas.moment.current if canvas.moment is not None else ()
    assert canvas.scale >= LEAST and current
    assert all(canvas.shown.contains(canvas.geometry_.rect(n)) for n in current)
    keep(window, f"large-{size[0]}")
    window.actions_["fit"].trigger()
    assert canvas.shown.contains(canvas.geometry_.bounds)


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_bucket_hangs_on_its_leaf_and_covers_no_other_card(direction: str) -> None:
    """Of each parameter of a chain of layers, also where something reads its `.grad`."""
    nodes: list[GraphNode] = []
    edges: list[GraphEdge] = []
    trunk = 0
    nodes.append(node(0))
    for k in range(8):
        leaf, bucket, op, update = (len(nodes) + j for j in range(4))
        nodes += [
            node(leaf)._replace(kind=NodeKind.PARAMETER, is_leaf=True),
            node(bucket)._replace(kind=NodeKind.BUCKET),
            node(op),
            node(update),
        ]
        edges += [GraphEdge(leaf, bucket, 0, "bucket"), GraphEdge(trunk, op, 0), GraphEdge(leaf, op, 1), GraphEdge(bucket, update, k % 2)]
        trunk = op
    made = build(Graph(tuple(nodes), tuple(edges)), direction)
    for edge in edges:
        leaf_, bucket_ = made.rect(edge.source), made.rect(edge.target)
        if edge.kind == "bucket":
            near = bucket_.top() - leaf_.bottom() if direction == "LR" else bucket_.left() - leaf_.right()
            assert 0 < near < 40
        ends = made.samples[made.edge_row[edge.source, edge.target, edge.port]][[0, -1]]
        assert leaf_.adjusted(-1, -1, 1, 1).contains(*ends[0]) and bucket_.adjusted(-1, -1, 1, 1).contains(*ends[1])
    for n in nodes:
        assert int(touching(made.rects, made.rect(n.id).adjusted(1, 1, -1, -1)).sum()) == 1


def test_a_growing_graph_keeps_its_cards_and_their_buckets_where_they_are() -> None:
    leaf, bucket = node(0)._replace(kind=NodeKind.PARAMETER, is_leaf=True), node(1)._replace(kind=NodeKind.BUCKET)
    edges = [GraphEdge(0, 1, 0, "bucket"), GraphEdge(0, 2, 0), GraphEdge(2, 3, 0)]
    nodes = (leaf, bucket, node(2), node(3))
    before = build(Graph(nodes, tuple(edges)), "LR")
    after = build(Graph((*nodes, node(4)), (*edges, GraphEdge(0, 4, 1))), "LR", before)
    assert (after.rects[:4] - after.rects[0] == before.rects - before.rects[0]).all()
    assert int(touching(after.rects, after.rect(4)).sum()) == 1


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("scale", [1.0, LEAST])
def test_a_value_with_nan_has_a_sign_and_not_colour_alone(scale: float) -> None:
    """The sign is filled: whole lines of it are red, which no frame of two pixels is."""
    longest = {}
    for nans in (0, 1):
        image = QImage(260, 160, QImage.Format.Format_RGB32)
        image.fill(0)
        p = QPainter(image)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.scale(scale, scale)
        value = Picture(np.array([1.0, np.nan if nans else 2.0]), Stats((2,), "float32", 1.0, 1.0, 1.0, 1.0, 1.0, nans, 0, 0))
        paint_card(p, QRectF(10, 10, CARD_WIDTH, CARD_HEIGHT), node(0), NodeState(Status.COMPUTED, value, requires_grad=True), DARK, scale)
        p.end()
        red = np.array([[image.pixelColor(x, y).name() == DARK.error for x in range(260)] for y in range(160)])
        solid = red[:-1, :-1] & red[1:, :-1] & red[:-1, 1:] & red[1:, 1:]
        longest[nans] = int(solid[:, :].sum())
    assert longest[0] == 0 and longest[1] > 10


def small_card(array: np.ndarray) -> QImage:
    image = QImage(120, 80, QImage.Format.Format_RGB32)
    image.fill(0)
    p = QPainter(image)
    p.scale(LEAST, LEAST)
    value = Picture(array, Stats(array.shape, "float32", 1.0, 1.0, 1.0, 1.0, 1.0, 0, 0, 0))
    paint_card(p, QRectF(0, 0, CARD_WIDTH, CARD_HEIGHT), node(0), NodeState(Status.COMPUTED, value, requires_grad=True), DARK, LEAST)
    p.end()
    return image


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("values", [(-0.0051, -0.0031), (-0.0361, -0.0442), (1.4e-12, 3.4e-12)])
def test_a_number_is_written_on_a_small_card_however_small_it_is(values: tuple[float, float]) -> None:
    """As a heat map, or with no more than the place of its first digit, all of them would look alike."""
    one, other = (small_card(np.array(value)) for value in values)
    assert one != other


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("ends", [(0.139, 0.111), (1e-30, 3e-30), (0.024, 0.031)])
def test_the_end_of_a_heat_maps_scale_is_written_on_a_small_card(ends: tuple[float, float]) -> None:
    one, other = (small_card(np.array([[1.0, -0.5, 0.0], [0.25, 0.5, -1.0], [0.0, 1.0, 0.5]]) * end) for end in ends)
    assert one != other


@pytest.mark.usefixtures("qapp")
def test_nan_is_seen_from_far_away() -> None:
    red = {}
    for nans in (0, 1):
        image = QImage(60, 40, QImage.Format.Format_RGB32)
        image.fill(QColor(DARK.window))
        p = QPainter(image)
        p.scale(0.2, 0.2)
        value = Picture(np.array([1.0, np.nan if nans else 2.0]), Stats((2,), "float32", 1.0, 1.0, 1.0, 1.0, 1.0, nans, 0, 0))
        paint_simple(p, QRectF(20, 40, CARD_WIDTH, CARD_HEIGHT), node(0), NodeState(Status.FIRED, value, requires_grad=True), DARK)
        p.end()
        red[nans] = sum(image.pixelColor(x, y).name() == DARK.error for x in range(60) for y in range(40))
    assert red[0] == 0 and red[1] > 20


def test_a_chip_that_finds_no_place_stays_on_its_own_card() -> None:
    card = QRectF(0, 0, CARD_WIDTH, CARD_HEIGHT)
    assert places(card, "gradient explodes", LEAST, below=False)[-1].bottom() - card.bottom() < 5


def test_the_legend_covers_no_card_and_nothing_is_painted_over_the_minimap(opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(LONG)
    window = opened(1024, 700)
    assert window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and not window.bridge.growing and len(window.canvas.geometry_.nodes) > 150)
    canvas, legend = window.canvas, window.legend
    colours = {legend.grab().toImage().pixelColor(x, legend.height() // 2).name() for x in range(legend.width())}
    theme = window.bridge.theme
    assert {theme.value, theme.gradient, theme.parameter, theme.op, theme.no_grad, theme.loss} <= colours, "all fit in a small window"
    assert "gradient that crossed" not in legend.toolTip()
    window.actions_["end"].trigger()
    window.actions_["back_into"].trigger()
    assert "gradient that crossed" in legend.toolTip() and legend.toolTip() == legend.accessibleName()
    canvas.fit_current()
    (minimap,) = canvas.covered()
    assert QRectF(canvas.rect()).contains(minimap)
    card = canvas.geometry_.nodes[5].id
    canvas.pan_to(canvas.offset + minimap.center() - canvas.to_widget(canvas.geometry_.rect(card).center()))
    before = canvas.grab(minimap.toRect()).toImage()
    window.bridge.select((card,))
    assert canvas.grab(minimap.toRect()).toImage() == before
    window.show_editor()
    assert not legend.isVisible(), "there is no recording whose gradients it could tell of"


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_each_result_leaves_its_card_at_a_port_with_its_name(direction: str) -> None:
    nodes = (node(0)._replace(outputs=("low", "high")), node(1), node(2))
    made = build(Graph(nodes, (GraphEdge(0, 1, 0), GraphEdge(0, 2, 0, output=1), GraphEdge(1, 2, 1))), direction)
    along = 1 if direction == "LR" else 0
    first, second, other = (made.samples[k, 0] for k in range(3))
    assert first[1 - along] == second[1 - along] and 40 < second[along] - first[along] < 80
    assert other == pytest.approx(made.rects[1, :2] + made.rects[1, 2:] * ([1, 0.5] if along else [0.5, 1])), "one result: the middle"
    pictures = []
    for outputs in (("low", "high"), ("low", "wide")):
        image = QImage(500, 500, QImage.Format.Format_RGB32)
        image.fill(QColor(DARK.window))
        p = QPainter(image)
        p.translate(60 - made.bounds.left(), 60 - made.bounds.top())
        made.nodes[0] = nodes[0]._replace(outputs=outputs)
        paint_picture(p, made, Moment(0, {0: NodeState(Status.COMPUTED)}), made.bounds, 1.0, DARK, direction)
        p.end()
        pictures.append(image)
    corner = QPointF(60 - made.bounds.left(), 60 - made.bounds.top())
    at = QPointF(*second) + corner
    assert pictures[0].pixelColor(round(at.x()) - 1, round(at.y()) - 1).name() == DARK.value
    assert pictures[0] != pictures[1], "its name is written beside it"


def test_a_click_on_a_port_shows_that_result(opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "parts.py"
    script.write_text("import torch\nx = torch.ones(2, 3, requires_grad=True)\nlow, high = x.unbind(0)\n(low * high).sum().backward()\n")
    window = opened()
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and not window.bridge.growing and window.bridge.session is not None)
    window.actions_["end"].trigger()
    canvas, inspector = window.canvas, window.inspector
    canvas.fit_current()
    assert {"low", "high"} <= set(written_on(window))
    (card,) = [n for n in canvas.geometry_.nodes if n.outputs]
    edge = next(k for k, e in enumerate(canvas.geometry_.graph.edges) if e.output == 1)
    begins = canvas.to_widget(QPointF(*canvas.geometry_.samples[edge, 0]))
    QTest.mouseMove(canvas, (begins + QPointF(12, -6)).toPoint())  # on its name
    assert canvas.toolTip() == "high: result 2 of 2 of unbind (a click shows it)"
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=(begins + QPointF(12, -6)).toPoint())
    assert window.bridge.selected == (card.id,)
    qtbot.waitUntil(lambda: inspector.title.text() == "high")
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.to_widget(canvas.geometry_.rect(card.id).center()).toPoint())
    assert window.bridge.selected == (card.id,) and window.bridge.result == -1


def test_a_ring_strikes_no_badge_out() -> None:
    card = node(0)._replace(shape=())
    made = build(Graph((card,), (), ()), "LR")
    state = NodeState(Status.FIRED, badges=("freed",))
    rings = {}
    for badges in ((), ("freed",)):
        image = QImage(260, 200, QImage.Format.Format_RGB32)
        image.fill(QColor(LIGHT.window))
        p = QPainter(image)
        p.translate(30, 30)
        moment = Moment(0, {0: state._replace(badges=badges)})
        paint_rings(p, made, moment, (0,), (), -1, LIGHT, 1.0)
        p.end()
        below = round(30 + made.rect(0).bottom() + 4)  # where the ring runs along the lower edge
        rings[badges] = sum(image.pixelColor(x, below) == QColor(LIGHT.current) for x in range(30, 30 + round(CARD_WIDTH)))
    assert rings[()] > rings["freed",] + 20, "the ring passes behind the badge"
    assert rings["freed",] > 40, "and goes on beside it"


def written_on(window: MainWindow) -> list[str]:
    """The words on the canvas, as it is painted at this moment and scale."""
    canvas, buffer = window.canvas, QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    p = QPainter(generator)
    p.scale(canvas.scale, canvas.scale)
    paint_picture(p, canvas.geometry_, canvas.moment, canvas.shown, canvas.scale, window.bridge.theme, canvas.direction)
    p.end()
    return re.findall(r">([^<>\n]+)</text>", bytes(buffer.data().data()).decode())


def test_the_first_look_is_at_what_learns_and_not_at_a_screen_of_data(opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    data = "data = torch.zeros(40)\nfor k in range({rows}):\n    data[k] = data[k - 1].exp() + 1\n"
    model = "w = torch.ones(4, requires_grad=True)\nloss = (w * 2).sum()\nloss.backward()\n"
    window = opened()
    seen = {}
    for rows in (40, 1):
        script = tmp_path / f"rows{rows}.py"
        script.write_text("import torch\n" + data.format(rows=rows) + model)
        window.workbench.open(str(script))
        window.workbench.run(allowed=True)
        qtbot.waitUntil(lambda: not window.bridge.running and not window.bridge.growing and bool(window.canvas.geometry_.nodes))
        window.canvas.fit_current()
        assert window.bridge.session is not None and window.bridge.session.position == -1
        places = {n.title: window.canvas.geometry_.rect(n.id) for n in window.canvas.geometry_.nodes}
        seen[rows] = {title for title in ("w", "data") if window.canvas.shown.contains(places[title])}
    assert "w" in seen[40] and "data" not in seen[40]
    assert "data" in seen[1], "a few cards are in the order in which they run"


def test_of_a_dotted_name_the_last_parts_are_written(opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "blocks.py"
    script.write_text(
        "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.Tanh()), nn.Linear(3, 1))\n"
        "blocks = nn.ModuleDict({'encoder': model})\nblocks['encoder'](torch.ones(4, 2)).sum().backward()\n"
    )
    window = opened()
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and not window.bridge.growing and window.bridge.session is not None)
    window.canvas.fit_current()
    words = written_on(window)
    assert "…0.0.weight" in words and not any(word.startswith("encoder") and "…" in word for word in words), words


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_cards_of_the_first_look_tell_grad_fn_dtype_and_numbers(opened: Opener, theme: str) -> None:
    window = opened(1280, 800, theme)
    window.workbench.open_lesson()
    for _ in range(12):
        QTest.keyClick(window.canvas, Qt.Key.Key_F11)
    words = written_on(window)
    for grad_fn in ("AddBackward0", "MulBackward0", "MeanBackward0"):
        assert grad_fn in words
    assert "requires_grad" in words
    assert words.count("(3,) f32") >= 4 and "() f32" in words
    assert "1.541" in words and "10.32" in words
    keep(window, f"first-cards-{theme}")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_a_name_that_has_room_as_a_whole_is_not_cut_for_the_shape(opened: Opener, width: int, height: int) -> None:
    window = opened(width, height, "light")
    window.workbench.open_lesson()
    QTest.keyClick(window.canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    loss = next(n.id for n in window.canvas.geometry_.nodes if n.title == "model_output")
    window.canvas.show_area(window.canvas.geometry_.group_rect(next(n.group for n in window.canvas.geometry_.nodes if n.id == loss)))
    words = written_on(window)
    assert "model_output" in words and any(told.startswith("SumBackward0") for told in words), "and what made it is told below"


def test_a_chip_covers_no_other_card(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "dead.py"
    script.write_text(
        "import torch\nimport torch.nn as nn\ntorch.manual_seed(0)\nnet = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))\n"
        "x = torch.randn(16, 4)\nfor epoch in range(3):\n    net(x).pow(2).mean().backward()\n"
    )
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    canvas = window.canvas
    qtbot.waitUntil(lambda: not window.bridge.running and any(n.op == "relu" for n in canvas.geometry_.nodes))
    qtbot.waitUntil(lambda: not window.bridge.growing)
    made = canvas.geometry_
    relu = next(n.id for n in made.nodes if n.op == "relu")
    chips = Chips(canvas)
    chips.show({relu: Chip("dead ReLU units", "warning", below=True)})
    others = np.delete(made.rects, made.row[relu], axis=0)
    below, *rest = places(made.rect(relu), "dead ReLU units", canvas.scale, below=True)
    free = next(box for box in rest if not touching(others, box).any())
    assert touching(others, below).any(), "below it stands another card"
    picture = canvas.grab().toImage()
    at = (free.center() * canvas.scale + canvas.offset).toPoint()
    around = [picture.pixelColor(at.x() + dx, at.y()).name() for dx in range(-20, 20)]
    assert window.bridge.theme.warning in around, "so its words are elsewhere"


def test_the_frame_of_one_small_card_tells_its_line(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "framed.py"
    script.write_text(
        "import torch\nw = torch.ones(3, requires_grad=True)\nwith torch.no_grad():\n    k = w * 2\nh = w + k\n"
        "for t in range(14):\n    h = h.tanh()\nh.sum().backward()\n"
    )
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)
    assert window.canvas.scale == pytest.approx(LEAST)
    assert any(words.startswith("no_grad") and words.endswith(" 3") for words in written_on(window)), written_on(window)


def test_no_ring_is_painted_over_the_words_of_what_changed(window: MainWindow, qtbot: QtBot) -> None:
    session, canvas = window.bridge.session, window.canvas
    assert session is not None
    leaf = next(n.id for n in session.graph().nodes if n.is_leaf and n.requires_grad)
    window.bridge.select((leaf,))
    window.actions_["requires_grad"].trigger()
    qtbot.waitUntil(lambda: not window.bridge.running and canvas.changes in canvas.overlays)
    box = canvas.changes.legend_box(canvas.width(), window.bridge.theme)
    assert box in canvas.covered()
    window.bridge.select(())
    card = canvas.geometry_.nodes[0].id
    canvas.pan_to(canvas.offset + box.center() - canvas.to_widget(canvas.geometry_.rect(card).center()))
    before = canvas.grab(box.toRect()).toImage()
    window.bridge.select((card,))
    assert canvas.grab(box.toRect()).toImage() == before


def test_cards_that_fall_on_one_pixel_of_the_minimap_are_painted_once() -> None:
    kinds = [NodeKind.OP, NodeKind.PARAMETER]
    nodes = [GraphNode(k, kinds[k % 2], "n", "add", "", (2,), "float32", 1, True, False) for k in range(300)]
    rects = np.array([[(k % 20) * 9000.0, 200.0 * (k % 2), 184.0, 116.0] for k in range(300)])
    box = QRectF(0, 0, 200, 60)

    def painted(count: int) -> QImage:
        image = QImage(200, 60, QImage.Format.Format_RGB32)
        image.fill(0)
        p = QPainter(image)
        Layers().paint_minimap(p, Geometry(nodes=nodes[:count], rects=rects[:count]), None, QRectF(0, 0, 100, 100), box, DARK)
        p.end()
        return image

    assert painted(300) == painted(20)  # they are see-through: one upon another would be seen
    assert painted(20) != painted(18)
