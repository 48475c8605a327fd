"""The pictures in the real window, by mouse and keys; what they show is tested with numbers in tests/gradviz/idea_pictures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.debugger.session import Session
from gradviz.idea_pictures.losses import training_losses
from gradviz.idea_pictures.surface import Surface
from gradviz.recording.event import Kind
from tests.gradviz.idea_pictures.scripts import LINE, PLAIN, RATE, THREE, TWO_WAYS, VECTOR, XOR, recording
from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest
from ui.pictures.axes import Axes, ticks
from ui.pictures.kinds import KINDS
from ui.pictures.panel import PicturesPanel
from ui.window.main_window import MainWindow


def show(window: MainWindow, source: str, kind: str, at: int | None = None) -> PicturesPanel:
    """Show a recording, raise the dock, and choose a kind by clicking."""
    session = Session(recording(source))
    window.workbench.show_recorded("", source, session)
    window.bridge.move(session.to_end if at is None else lambda: session.seek(at))
    window.docks["Pictures"].show()
    window.docks["Pictures"].raise_()
    panel = window.pictures
    at_rest(window)
    panel.refresh()
    row = next(k for k, one in enumerate(KINDS) if one.id == kind)
    place = panel.list.visualItemRect(panel.list.item(row)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.kind is not None and panel.kind.id == kind
    at_rest(window)
    return panel


CASES = [
    (LINE, "surface"),
    (RATE, "valley"),
    (XOR, "boundary"),
    (THREE, "boundary"),
    (XOR, "ridges"),
    (XOR, "curve"),
    (VECTOR, "jacobian"),
    (TWO_WAYS, "chain"),
]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_each_kind_is_offered_where_it_fits_and_drawn(qtbot: QtBot, opened: Opener, theme: str) -> None:
    window = opened(1280, 800, theme)
    for number, (source, kind) in enumerate(CASES):
        panel = show(window, source, kind)
        assert panel.view.data is not None and panel.caption.text() == panel.view.accessibleDescription() != ""
        image = panel.view.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
        assert len(colours) > 6
        keep(window, f"picture-{theme}-{number}-{kind}")
        panel.large.click()
        assert window.docks["Pictures"].isFloating()
        qtbot.waitUntil(lambda panel=panel: panel.view.width() > 500)  # type: ignore[misc]  # the loop's own panel
        panel.large.click()
        assert not window.docks["Pictures"].isFloating()


def test_names_of_many_layers_do_not_lie_on_each_other(opened: Opener) -> None:
    many = "import torch\nws = [torch.ones(3, requires_grad=True) for _ in range(120)]\nsum((w * 2).sum() for w in ws).backward()\n"
    window = opened(1280, 800, "light")
    panel = show(window, many, "ridges")
    image = panel.view.grab().toImage()
    dark = [any(image.pixelColor(x, y).lightness() < 100 for x in range(8, 40)) for y in range(image.height())]
    lines = sum(now and not before for before, now in pairwise(dark))
    assert 3 <= lines <= image.height() // 13 + 1


def test_the_button_knows_when_the_title_bar_made_it_large(window: MainWindow) -> None:
    panel = show(window, LINE, "surface")
    window.docks["Pictures"].setFloating(True)
    assert panel.large.isChecked()
    window.docks["Pictures"].setFloating(False)
    assert not panel.large.isChecked()


def test_what_does_not_fit_says_what_it_needs(window: MainWindow) -> None:
    session = Session(recording(PLAIN))
    window.workbench.show_recorded("", PLAIN, session)
    window.docks["Pictures"].show()
    window.docks["Pictures"].raise_()
    panel = window.pictures
    at_rest(window)
    panel.refresh()
    assert panel.kind is None and "No picture fits" in panel.view.words
    for row in range(panel.list.count()):
        item = panel.list.item(row)
        assert not item.flags() & Qt.ItemFlag.ItemIsEnabled and item.toolTip().startswith("Needs ")
    window.bridge.set_session(None)
    panel.refresh()
    assert "Nothing is recorded yet" in panel.view.words


def test_a_click_on_the_path_goes_to_its_step(window: MainWindow) -> None:
    panel = show(window, LINE, "surface")
    panel.view.grab()
    found = panel.view.data
    assert isinstance(found, Surface) and found.exact
    hit = panel.view.hits[2]
    assert hit.words.startswith("step 2:") and hit.event == found.events[2]
    QTest.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=hit.place.center().toPoint())
    session = window.bridge.session
    assert session is not None and session.position == found.events[2]
    panel.refresh()
    assert panel.view.data.now == 2 and "3 of 8" in panel.caption.text()


def test_two_numbers_are_chosen_by_their_names(window: MainWindow) -> None:
    panel = show(window, XOR, "surface")
    assert panel.choosers[0].isVisible() and panel.choosers[1].isVisible()
    assert (panel.choosers[0].currentText(), panel.choosers[1].currentText()) == ("0.weight[0, 0]", "0.weight[0, 1]")
    panel.choosers[1].setFocus()
    QTest.keyClicks(panel.choosers[1], "2.b")
    assert panel.choosers[1].currentText() == "2.bias"
    panel.choosers[1].activated.emit(panel.choosers[1].currentIndex())
    found = panel.view.data
    assert isinstance(found, Surface) and (found.x.name, found.y.name) == ("0.weight[0, 0]", "2.bias")
    assert "A cut" in panel.caption.text()


def test_pictures_follow_the_steps(qtbot: QtBot, window: MainWindow) -> None:
    session = Session(recording(XOR))
    first = training_losses(session)[0]
    panel = show(window, XOR, "boundary", first)
    before = panel.view.data
    made = window.bridge.session
    assert made is not None
    window.bridge.seek(made.length - 1)
    qtbot.waitUntil(lambda: panel.view.data is not before)
    assert panel.view.data.right == 4 > before.right
    assert not np.array_equal(panel.view.data.score, before.score)


def test_the_chain_fills_with_each_node_that_fires(window: MainWindow) -> None:
    session = Session(recording(LINE))
    fires = session.recording.events_of_kind(Kind.VJP).tolist()
    panel = show(window, LINE, "chain", fires[0])
    assert panel.view.data.reached == (1,)
    QTest.keyClick(window, Qt.Key.Key_F8)
    window.bridge.seek(fires[4])
    panel.refresh()
    assert panel.view.data.reached[0] >= 4


def test_live_while_the_script_still_trains(qtbot: QtBot, window: MainWindow) -> None:
    """The picture is of the latest moment as long as the run goes on."""
    panel = show(window, XOR, "boundary", 30)
    session = window.bridge.session
    assert session is not None
    quiet = panel.view.data
    window.bridge.running = True
    window.bridge.run_changed.emit()
    window.bridge.recording_grew.emit()
    qtbot.waitUntil(lambda: panel.view.data is not quiet)
    assert panel.view.data.right == 4 and session.position == 30
    window.bridge.running = False
    window.bridge.run_changed.emit()
    qtbot.waitUntil(lambda: panel.view.data is quiet)


def test_the_idea_is_explained_in_the_glossary(window: MainWindow) -> None:
    panel = show(window, VECTOR, "jacobian")
    QTest.mouseClick(panel.explain, Qt.MouseButton.LeftButton)
    assert window.glossary.term is not None and window.glossary.term.id == "jacobian"


def test_a_hidden_panel_costs_nothing(qtbot: QtBot, window: MainWindow) -> None:
    panel = show(window, LINE, "surface")
    window.docks["Console"].raise_()
    qtbot.waitUntil(lambda: panel.view.visibleRegion().isEmpty())
    made = len(panel._kept)
    for position in range(0, 60, 7):
        window.bridge.seek(position)
    at_rest(window)
    assert len(panel._kept) == made
    window.docks["Pictures"].raise_()
    qtbot.waitUntil(lambda: len(panel._kept) > made)
    assert panel.view.data.now == 1


def test_ticks_are_round_and_few() -> None:
    assert ticks(0, 1, 5) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(-1.3, 2.7, 4) == [-1.0, 0.0, 1.0, 2.0]
    assert ticks(1, 1) == [] and ticks(float("nan"), 1) == []
    from PySide6.QtCore import QRectF

    axes = Axes.within(QRectF(0, 0, 400, 300), (-1.0, 1.0), (0.0, 10.0))
    assert axes.at(-1, 0) == axes.area.bottomLeft() and axes.at(1, 10) == axes.area.topRight()
    square = Axes.within(QRectF(0, 0, 400, 200), (0.0, 1.0), (0.0, 1.0), square=True).area
    assert abs(square.width() - square.height()) < 1e-9


def test_every_kind_has_a_page_in_the_glossary() -> None:
    from gradviz.glossary import book

    assert all(book.find(kind.term) is not None for kind in KINDS)
