"""The glossary and F1, through the real window by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QCursor, QDesktopServices, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gradviz.recording.event import Kind
from tests.ui.conftest import keep
from tests.ui.waiting import at_rest
from ui.glossary.help import DOCKS, PARTS
from ui.window.main_window import MainWindow


def shown(window: MainWindow) -> str:
    """The id of the term on the page."""
    assert window.docks["Glossary"].isVisible() and window.glossary.term is not None
    return window.glossary.term.id


def help_on(window: MainWindow, widget: QWidget, at: QPoint) -> str:
    """Put the mouse there, press F1, and say which term came."""
    QCursor.setPos(widget.mapToGlobal(at))
    QTest.keyClick(window, Qt.Key.Key_F1)
    return shown(window)


def test_typing_narrows_the_list_arrows_walk_in_it_and_links_lead_on(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.glossary
    everything = panel.shown()
    QTest.keyClicks(panel.line, "version")
    assert 0 < len(panel.shown()) < len(everything) and shown(window) == "version_counter"
    QTest.keyClick(panel.line, Qt.Key.Key_Down)
    assert shown(window) == panel.shown()[1]
    QTest.keyClick(panel.line, Qt.Key.Key_Up)
    assert shown(window) == "version_counter"
    panel.page.anchorClicked.emit(QUrl("term:saved"))
    assert shown(window) == "saved" and "saved values" in panel.page.toPlainText()
    QTest.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert shown(window) == "version_counter"
    keep(window, "glossary-dark")
    panel.line.setText("qqqq")
    assert panel.shown() == [] and "No term" in panel.page.toPlainText()


def test_pytorchs_page_opens_in_the_browser(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    window.help_desk.show_word("zero_grad")
    term = window.glossary.term
    assert term is not None
    window.glossary.page.anchorClicked.emit(QUrl(term.url))
    assert opened == ["https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html"]


def test_f1_on_cards_edges_words_and_panels(window: MainWindow) -> None:
    session, canvas = window.bridge.session, window.canvas
    assert session is not None
    window.bridge.seek(int(session.recording.events_of_kind(Kind.VJP)[0]))
    canvas.finish()
    made = canvas.geometry_

    def card(grad_fn: str) -> QPoint:
        node = next(
            n
            for n in made.graph.nodes
            if n.grad_fn == grad_fn and canvas.rect().contains(canvas.to_widget(made.rect(n.id).center()).toPoint())
        )
        return canvas.to_widget(made.rect(node.id).center()).toPoint()

    assert help_on(window, canvas, card("MulBackward0")) == "op:mul:MulBackward0"
    assert "ȳ = z̄ ⊙ x" in window.glossary.page.toPlainText()
    leaf = next(n for n in made.graph.nodes if n.is_leaf and n.requires_grad)
    assert help_on(window, canvas, canvas.to_widget(made.rect(leaf.id).center()).toPoint()) == "leaf"
    row = next(k for k, (key, kind) in enumerate(made.edges) if kind == "bucket" and key[0] == leaf.id)
    middle = made.samples[row][16]
    assert help_on(window, canvas, canvas.to_widget(QPointF(*middle)).toPoint()) == "accumulate_grad"
    assert help_on(window, canvas, QPoint(3, canvas.height() // 2)) == "panel_canvas"
    assert help_on(window, window.timeline, QPoint(5, 5)) == "panel_timeline"
    assert help_on(window, window.legend, QPoint(20, 8)) == "legend"
    assert help_on(window, window.source.editor.gutter, QPoint(5, 20)) == "breakpoint"
    button = window.toolbar.widgetForAction(window.actions_["over"])
    assert help_on(window, button, QPoint(5, 5)) == "action:over"
    assert "F10" in window.glossary.page.toPlainText()


def test_f1_on_a_word_of_the_script(window: MainWindow) -> None:
    editor = window.source.editor
    found = editor.document().find("requires_grad")
    editor.setTextCursor(found)
    editor.ensureCursorVisible()
    word = QTextCursor(found)
    word.setPosition(found.selectionStart() + 3)
    assert help_on(window, editor.viewport(), editor.cursorRect(word).center()) == "requires_grad"


def test_f1_by_keys_alone_explains_what_has_the_focus(window: MainWindow) -> None:
    QCursor.setPos(QPoint(5000, 5000))
    graph = window.bridge.graph()
    assert graph is not None
    window.canvas.setFocus()
    window.bridge.select((next(n.id for n in graph.nodes if n.is_leaf),))
    QTest.keyClick(window.canvas, Qt.Key.Key_F1)
    assert shown(window) == "leaf"
    window.bridge.select(())
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_F1)
    assert shown(window) == "panel_canvas"


def test_a_click_on_a_flag_of_the_inspector_explains_it(window: MainWindow) -> None:
    session = window.bridge.session
    assert session is not None
    window.bridge.seek(int(session.recording.events_of_kind(Kind.OP)[2]))
    flags = window.inspector.flags
    names = [name for name, _ in flags.flags]
    for name, term in (("_version", "version_counter"), ("grad_fn", "grad_fn"), ("is_leaf", "leaf")):
        QTest.mouseClick(flags, Qt.MouseButton.LeftButton, pos=QPoint(10, 20 * names.index(name) + 10))
        assert shown(window) == term
    QTest.mouseClick(window.inspector.explain, Qt.MouseButton.LeftButton)
    assert shown(window).startswith("op:")


def test_every_place_leads_to_a_term_that_exists(window: MainWindow) -> None:
    from gradviz.glossary import book

    assert [t for t in (*DOCKS.values(), *PARTS.values()) if book.find(t) is None] == []
    for title in ("Timeline", "Derivation", "Alarms", "Console"):
        dock = window.docks[title]
        dock.raise_()
        at_rest(window)
        panel = dock.panel
        assert panel is not None
        term = window.help_desk.term_at(panel, QPoint(3, 3))
        assert term is not None and term.id == DOCKS[title]


def test_f1_on_a_block_of_the_editor(window: MainWindow) -> None:
    window.room.new()
    view = window.room.panel.view
    relu, tensor, layer = (view.add(op, QPointF(0, 170 * k)) for k, op in enumerate(("torch.relu", "tensor", "nn.Linear")))
    window.room.desk.history.set_clean()  # nothing to save when the window closes
    view.fit()
    at_rest(window)

    def on(block: str) -> str:
        return help_on(window, view, view.to_widget(view.shapes.blocks[block].rect.center()).toPoint())

    assert on(relu) == "op:relu:ReluBackward0" and "[x > 0]" in window.glossary.page.toPlainText()
    assert on(tensor) == "leaf"
    assert on(layer) == "block:nn.Linear"
    assert help_on(window, view, QPoint(6, view.height() - 6)) == "editor"
