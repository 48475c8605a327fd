"""Going through a lesson as a learner does: by its buttons."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from ui.lessons.boxes import OptionButton
from ui.lessons.questions import ChoiceQuestion, NodeQuestion, NumberQuestion, OrderQuestion
from ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def press(window: MainWindow, name: str) -> None:
    """A click on a button of the page, by its name."""
    button = window.lessons.panel.findChild(QPushButton, name)
    assert button is not None, name
    assert button.isEnabled(), name
    button.click() if not button.isVisible() else QTest.mouseClick(button, LEFT)


def click_card(window: MainWindow, node: int) -> None:
    """A click on a card of the canvas."""
    rect = window.canvas.geometry_.rect(node)
    if not window.canvas.shown.contains(rect):
        window.canvas.show_area(rect.adjusted(-40, -40, 40, 40))
    at: QPoint = window.canvas.to_widget(QPointF(rect.center())).toPoint()
    QTest.mouseClick(window.canvas, LEFT, pos=at)


def answer(window: MainWindow, *, rightly: bool = True) -> None:
    """Answer the question of the page with the mouse and keys."""
    walk = window.lessons.walk
    assert walk is not None and walk.page.step is not None and walk.page.step.ask is not None
    right = walk.here.right(walk.page.step.ask)
    question = window.lessons.panel.question
    if isinstance(question, NumberQuestion):
        QTest.keyClicks(question.line, repr(float(right) if rightly else float(right) + 7.0))
        QTest.keyClick(question.line, Qt.Key.Key_Return)
    elif isinstance(question, ChoiceQuestion):
        buttons: list[OptionButton] = [b for b, value in question.buttons if (value == right) == rightly]
        window.lessons.panel.sheet.ensureWidgetVisible(buttons[0])
        QTest.mouseClick(buttons[0], LEFT)
    elif isinstance(question, OrderQuestion):
        for k in right if rightly else right[::-1]:
            question.buttons[k].click()
        question.check.click()
    elif isinstance(question, NodeQuestion):
        graph = window.bridge.graph()
        assert graph is not None
        click_card(window, next(n.id for n in graph.nodes if (n.id in right) == rightly))
        question.check.click()
    assert walk.index in walk.given
    verdict = walk.verdict()
    assert verdict is not None and verdict.right == rightly
    feedback = window.lessons.panel.feedback
    assert feedback is not None and feedback.kind == ("right" if rightly else "wrong")


def next_page(window: MainWindow) -> None:
    """The Next button."""
    QTest.mouseClick(window.lessons.panel.next, LEFT)
    QCoreApplication.processEvents()
