"""The menu of the canvas: of the node under the mouse, and of no other."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from ui.window.main_window import MainWindow


def menu_at(window: MainWindow, at: QPointF) -> list[str]:
    """What a right click offers, without the signs of its keys."""
    point = at.toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, window.canvas.mapToGlobal(point))
    QApplication.sendEvent(window.canvas, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = menu.actions()
    assert not actions[0].isSeparator() and not actions[-1].isSeparator()
    assert not any(a.isSeparator() and b.isSeparator() for a, b in pairwise(actions))
    found = [action.text().replace("&", "") for action in actions if not action.isSeparator()]
    menu.close()
    return found


def test_beside_all_cards_the_menu_is_of_the_canvas(window: MainWindow) -> None:
    canvas, graph = window.canvas, window.bridge.graph()
    assert graph is not None
    canvas.fit()
    y = next(node for node in graph.nodes if node.title == "y")
    over = canvas.to_widget(canvas.geometry_.rect(y.id).center())
    assert {"Run to the selected node", "Toggle breakpoint", "Fit all"} <= set(menu_at(window, over))
    assert window.bridge.selected == (y.id,)
    ground = QPointF(QPoint(canvas.width() - 4, 4))
    assert canvas.geometry_.at(canvas.to_graph(ground)) < 0
    offered = menu_at(window, ground)
    assert not window.bridge.selected
    assert "Run to the selected node" not in offered and "Why this value?" not in offered
    assert {"Branch at this moment…", "Fit all", "Fold modules"} <= set(offered)
