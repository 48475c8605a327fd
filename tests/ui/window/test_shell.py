"""Menus, palette, shortcuts, docks, files good and bad, and what survives a restart."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest
from ui.actions.actions import RECENT, TABLE
from ui.actions.command_palette import CommandPalette
from ui.actions.shortcuts import ShortcutsPage
from ui.settings import Settings
from ui.window.main_window import MainWindow

NOTHING = Qt.KeyboardModifier.NoModifier


def test_every_action_has_a_shortcut_of_its_own_and_stands_in_a_menu(window: MainWindow) -> None:
    actions = [*window.actions_.by_id.values(), *(d.toggleViewAction() for d in window.docks.values())]
    keys = Counter(s.toString() for a in actions for s in a.shortcuts())
    assert [k for k, n in keys.items() if n > 1] == []
    assert [a.text() for a in actions if not a.shortcuts()] == []
    in_menus = {a.objectName() for menu in window.menus.by_name.values() for a in menu.actions()}
    assert {row.id for row in TABLE} <= in_menus


def test_the_shortcuts_page_lists_every_action_with_its_keys(window: MainWindow) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_F1, Qt.KeyboardModifier.ControlModifier)
    page = window.findChild(ShortcutsPage)
    assert page is not None
    words = "\n".join(page.table.item(r, c).text() for r in range(page.table.rowCount()) for c in range(page.table.columnCount()))
    for row in TABLE:
        if row.id.startswith("recent_"):
            continue  # all in one row
        assert row.text.replace("&", "").rstrip("…") in words
        assert row.shortcuts[0] in words
    for dock in window.docks.values():
        assert f"Panel: {dock.toggleViewAction().text()}" in words
    assert not page.table.horizontalScrollBar().isVisible()
    page.close()


def test_the_palette_finds_an_action_by_typing_and_runs_it(window: MainWindow) -> None:
    session = window.bridge.session
    assert session is not None
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(palette.line, "to the end")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert session.position >= session.length - 2  # the last event that can be seen


def test_docks_come_back_as_they_were(opened: Opener) -> None:
    first = opened()
    first.docks["Source"].hide()
    first.docks["Console"].raise_()
    first.resize(1300, 900)
    first.close()
    second = opened(1300, 900)
    assert not second.docks["Source"].isVisible()
    second.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, second.docks["Timeline"])
    second.actions_["reset_layout"].trigger()
    assert second.docks["Source"].isVisible()
    bars = second.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert len([bar for bar in bars if bar.isVisible() and bar.count() > 2]) == 1  # none is left where the docks were


def test_the_toolbar_is_as_high_after_a_restart(opened: Opener) -> None:
    first = opened()
    style = first.toolbar.toolButtonStyle()
    assert style == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    first.close()
    assert opened().toolbar.toolButtonStyle() == style


def test_the_theme_is_kept_and_every_part_is_repainted(window: MainWindow) -> None:
    window.grab()
    dark = window.grab().toImage()
    QTest.keyClick(window.canvas, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    at_rest(window)
    light = window.grab().toImage()
    assert window.settings.theme == "light"
    for part in (window.canvas, window.source, window.inspector, window.timeline):
        at = part.mapTo(window, QPoint(part.width() - 30, part.height() // 2))
        assert dark.pixelColor(at).lightness() < light.pixelColor(at).lightness()
    keep(window, "light")


BAD = {
    "empty.py": (b"", "empty"),
    "binary.py": (b"\x7fELF\x00\x01\x02\xff" * 50, ""),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, ""),
    "broken.gvrec": (b"not a database at all", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_opened_is_explained_and_nothing_is_lost(window: MainWindow, tmp_path: Path, name: str) -> None:
    data, word = BAD[name]
    (tmp_path / name).write_bytes(data)
    before = window.source.text, window.bridge.session
    assert not window.workbench.open(str(tmp_path / name))
    assert window.message.isVisible()
    assert window.message.kind == "error"
    assert name in window.message.text
    assert word in window.message.text
    assert (window.source.text, window.bridge.session) == before


def test_a_missing_file_is_explained(window: MainWindow, tmp_path: Path) -> None:
    assert not window.workbench.open(str(tmp_path / "nowhere.py"))
    assert "nowhere.py" in window.message.text


def test_a_syntax_error_is_underlined_where_it_is(window: MainWindow, tmp_path: Path) -> None:
    script = tmp_path / "wrong.py"
    script.write_text("x = 1\ny = (2 +\n")
    window.workbench.open(str(script))
    assert window.message.isVisible()
    assert "'(' was never closed" in window.message.text
    assert window.source.text == "x = 1\ny = (2 +\n"
    keep(window, "syntax-error")


def test_what_a_message_says_of_one_file_is_gone_with_it(window: MainWindow, tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.py", tmp_path / "right.py"
    wrong.write_text("x = (2 +\n")
    right.write_text("x = 2\n")
    window.workbench.open(str(wrong))
    assert window.message.isVisible()
    window.workbench.open(str(right))
    assert not window.message.isVisible()


def test_a_dropped_file_opens(window: MainWindow, tmp_path: Path) -> None:
    script = tmp_path / "dropped.py"
    script.write_text("print(1)\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(script))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PySide 6.12 would have a position with a fraction, which 6.11 has not
        enter = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING))
    assert window.source.text == "print(1)\n"
    assert "dropped.py" in window.windowTitle()
    assert str(script) in window.settings.recent()


def test_a_recording_is_saved_and_opened_again(window: MainWindow, tmp_path: Path) -> None:
    session = window.bridge.session
    assert session is not None
    target = tmp_path / "kept.gvrec"
    assert window.workbench.save_recording(str(target))
    assert window.workbench.open(str(target))
    again = window.bridge.session
    assert again is not None and again is not session
    assert again.length == session.length


def test_a_script_of_an_unknown_folder_is_not_run_before_the_user_says_so(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "mine").mkdir()
    script = tmp_path / "mine" / "mine.py"
    script.write_text("import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\nprint(w.grad)\n")
    window.workbench.open(str(script))
    QTest.keyClick(window.canvas, Qt.Key.Key_F5)
    assert not window.bridge.running
    assert "limits" in window.message.text
    once = window.message.button("Run this script")
    assert once is not None
    QTest.mouseClick(once, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    assert "tensor([3., 3.])" in window.console.text.toPlainText()
    assert not window.settings.trusted(str(script))


def test_a_text_that_the_user_has_allowed_is_asked_for_once(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "mine.py"
    script.write_text("import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\n")
    window.workbench.open(str(script))
    QTest.keyClick(window.canvas, Qt.Key.Key_F5)
    allow = window.message.button("Run this script")
    assert allow is not None
    QTest.mouseClick(allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    graph = window.bridge.graph()
    assert graph is not None
    window.bridge.select((next(n.id for n in graph.nodes if n.op == "mul"),))
    with qtbot.waitSignal(window.workbench.compared, timeout=20_000):
        QTest.keyClick(window.canvas, Qt.Key.Key_G)  # the same text with no_grad
    qtbot.waitUntil(lambda: not window.bridge.running)
    assert window.message.kind != "ask"
    window.source.editor.insertPlainText("print(1)\n")
    QTest.keyClick(window.canvas, Qt.Key.Key_F5)
    assert window.message.kind == "ask" and not window.bridge.running, "another text is another program"


def test_what_cannot_run_is_not_asked_for(window: MainWindow, tmp_path: Path) -> None:
    script = tmp_path / "open.py"
    script.write_text("x = (2 +\n")
    window.workbench.open(str(script))
    QTest.keyClick(window.canvas, Qt.Key.Key_F5)
    assert window.message.kind == "error" and "never closed" in window.message.text


def test_the_tabs_of_the_docks_keep_their_names_however_many_there_are(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("Watches", "Breakpoints", "Pictures", "Runs", "Check"):
        window.docks[name].toggleViewAction().trigger()
        qtbot.waitUntil(window.docks[name].panel.isVisible if window.docks[name].panel else window.docks[name].isVisible)
    window.grab()
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    bar = next(bar for bar in bars if bar.isVisible() and bar.count() == 11)
    for k in range(bar.count()):
        assert bar.tabRect(k).width() > bar.fontMetrics().horizontalAdvance(bar.tabText(k)) + 14, bar.tabText(k)
    assert window.docks["Timeline"].width() > 400, "and take no room from the others"
    window.docks["Derivation"].raise_()
    qtbot.waitUntil(
        lambda: bar.tabText(bar.currentIndex()) == "Derivation" and bar.rect().contains(bar.tabRect(bar.currentIndex()).center())
    )
    keep(window, "tabs")


def test_speed_and_labels_are_there_again_at_the_next_start(opened: Opener, settings: Settings) -> None:
    first = opened()
    first.toolbar.speed.choices[0.25].trigger()
    QTest.keyClick(first.canvas, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert first.bridge.theme.hidden == {"grads"}
    first.close()
    second = MainWindow(settings)
    assert second.canvas.speed == 0.25 and second.toolbar.speed.text().endswith("0.25×")
    assert second.bridge.theme.hidden == {"grads"}
    second.close()


def test_the_palette_lists_recent_files_by_their_names_and_no_others(window: MainWindow, tmp_path: Path) -> None:
    script = tmp_path / "measured.py"
    script.write_text("x = 1\n")
    window.workbench.open(str(script))
    window.workbench.open_lesson()
    QTest.keyClick(window.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    every = [palette.list.item(k).text() for k in range(palette.list.count())]
    assert not any(text.startswith(("Recent file", "(no files")) for text in every)
    QTest.keyClicks(palette.line, "measured")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.bridge.path == str(script)


def test_a_file_opened_after_the_list_was_seen_has_its_key(window: MainWindow, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.py", "two.py")]
    for path in paths:
        path.write_text(f"name = '{path.name}'\n")
    window.workbench.open(str(paths[0]))
    menu = window.menus.by_name[RECENT]
    menu.popup(QPoint(10, 10))
    menu.hide()
    window.workbench.open(str(paths[1]))
    QTest.keyClick(window.canvas, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.bridge.path == str(paths[0])


def test_no_menu_is_higher_than_a_small_window(window: MainWindow) -> None:
    for name, menu in window.menus.by_name.items():
        assert len([a for a in menu.actions() if a.isVisible()]) <= 34 and menu.sizeHint().height() <= window.height(), name


def test_what_has_no_breakpoints_cannot_be_cleared(window: MainWindow) -> None:
    clear = window.actions_["clear_breakpoints"]
    assert not clear.isEnabled()
    window.source.editor.toggle_breakpoint(14)
    assert clear.isEnabled()
    clear.trigger()
    assert not clear.isEnabled()
