"""Files of the editor by hand: what cannot be read, what is not saved, what a crash or another program leaves."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from gradviz.document.expression.expression import read_expression
from gradviz.document.file.journal import Journal, recover
from gradviz.document.file.text import read, write
from gradviz.document.model import Document
from tests.ui.conftest import Opener
from tests.ui.editor.pilot import CONTROL, LEFT, NOTHING, Pilot, build
from ui.editor.asking.quick_add import add_expression
from ui.window.main_window import MainWindow


def test_a_bad_file_is_explained_and_nothing_is_lost(pilot: Pilot, tmp_path: Path) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    desk.history.set_clean()
    before = desk.document
    bad = tmp_path / "bad.gradviz"
    bad.write_text('{"gradviz": 99}')
    begun = time.perf_counter()
    assert not pilot.window.workbench.open(str(bad))
    assert time.perf_counter() - begun < 1
    assert "newer gradviz" in pilot.window.message.text
    assert desk.document is before
    half = tmp_path / "half.gradviz"
    half.write_text(write(before).replace("torch.mean", "torch.meen"))
    assert pilot.window.workbench.open(str(half))
    assert "torch.meen" in pilot.window.message.text
    assert len(desk.document.blocks) == len(before.blocks)


def test_unsaved_changes_are_asked_for(pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    build(pilot)
    asked: list[str] = []

    def answer(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(box.text())
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", answer)
    pilot.key(Qt.Key.Key_N, CONTROL)
    assert "not saved" in asked[0]
    assert "loss" in pilot.names()
    pilot.window.close()
    assert pilot.window.isVisible()
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Discard)
    pilot.key(Qt.Key.Key_N, CONTROL)
    assert pilot.names() == []


def test_a_crash_loses_nothing(opened: Opener) -> None:
    first = opened()
    pilot = Pilot(first)
    add_expression(pilot.view, "loss = mean(w * x)", QPointF(200, 200))
    kept = write(first.room.desk.document)
    journal = first.room.desk._journal
    assert isinstance(journal, Journal)
    journal.leave()  # as if the process had died
    first.room.desk._journal = None
    second = opened()
    second.room.offer_recovery()
    assert "had one edit that was not saved" in second.message.text
    button = second.message.button("Recover")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert write(second.room.desk.document) == kept
    assert second.room.desk.modified
    assert not journal.file.exists()
    first.room.desk.history.set_clean()
    second.room.desk.new()


def test_what_was_recovered_and_not_yet_saved_survives_the_next_crash_too(opened: Opener) -> None:
    made = opened()
    desk = made.room.desk
    Pilot(made)
    document, _ = read_expression(Document(), "loss = mean(w * x)")
    desk.new(document, unsaved=True)  # as Recover does; no edit follows
    journal = desk._journal
    assert isinstance(journal, Journal)
    journal.leave()
    desk._journal = None
    after = opened()
    after.room.offer_recovery()
    assert "was not saved" in after.message.text
    button = after.message.button("Recover")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert write(after.room.desk.document) == write(document)
    desk.new()
    after.room.desk.new()


def test_an_untouched_editor_leaves_no_journal(window: MainWindow) -> None:
    pilot = Pilot(window)
    assert not list((window.settings.folder / "journals").glob("*"))
    add_expression(pilot.view, "mean(w * x)", QPointF(0, 0))
    assert len(list((window.settings.folder / "journals").glob("*"))) == 1
    window.room.desk.new()
    assert not list((window.settings.folder / "journals").glob("*"))
    assert read(write(Document()).encode()).document == Document()


def test_a_file_that_another_program_changes_is_noticed(pilot: Pilot, tmp_path: Path, qtbot: QtBot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    path = tmp_path / "a.gradviz"
    assert desk.save(str(path))
    QApplication.processEvents()
    assert pilot.window.message.isHidden()
    path.write_text(write(desk.document).replace('"name": "w"', '"name": "weight"'))
    qtbot.waitUntil(lambda: not pilot.window.message.isHidden(), timeout=5000)
    button = pilot.window.message.button("Read it again")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "weight" in pilot.names()


def test_an_earlier_version_of_the_file_is_taken_as_an_edit(pilot: Pilot, tmp_path: Path) -> None:
    build(pilot)
    window, desk = pilot.window, pilot.window.room.desk
    window.actions_["versions"].trigger()
    assert "no earlier versions yet" in window.message.text
    path = str(tmp_path / "a.gradviz")
    assert desk.save(path)
    first = desk.document
    pilot.select("w")
    pilot.key(Qt.Key.Key_Delete)
    assert desk.save(path)
    window.actions_["versions"].trigger()
    menu = next(m for m in window.findChildren(QMenu) if m.objectName() == "versions")
    assert len(menu.actions()) == 1
    menu.actions()[0].trigger()
    menu.close()
    assert desk.document.blocks == first.blocks
    assert desk.modified
    assert desk.history.undo_label.startswith("Go back to the version of")
    pilot.undo()
    assert "w" not in pilot.names()


def test_a_file_that_is_deleted_is_noticed_and_saving_writes_it_again(pilot: Pilot, tmp_path: Path, qtbot: QtBot) -> None:
    build(pilot)
    window, desk, path = pilot.window, pilot.window.room.desk, tmp_path / "a.gradviz"
    assert desk.save(str(path))
    window.message.hide()
    path.unlink()
    qtbot.waitUntil(lambda: "deleted or moved" in window.message.text, timeout=10_000)
    assert desk.modified
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert path.exists()
    assert not desk.modified


def answer(window: MainWindow, words: str) -> None:
    button = window.message.button(words)
    assert button is not None, window.message.text
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def crashed(window: MainWindow, expression: str, path: str = "") -> Document:
    """A graph of which a crash left the journal."""
    document, _ = read_expression(Document(), expression)
    journal = Journal(window.settings.folder / "journals", path, Document())
    journal.write(document, f"Build {expression}")
    journal.leave()
    return document


def test_the_graphs_of_several_windows_are_recovered_each_into_one_of_its_own(opened: Opener) -> None:
    window = opened()
    documents = [crashed(window, text) for text in ("a = mean(w * x)", "c = relu(d @ e)")]
    window.room.offer_recovery()
    assert "had one edit that was not saved (the last: “Build " in window.message.text
    answer(window, "Recover")
    answer(window, "Recover")
    both: list[Any] = window.windows.open
    first, second = both
    try:
        made = [w.room.desk.document.blocks for w in (first, second)]
        assert all(d.blocks in made for d in documents)
        assert first.room.desk.modified and second.room.desk.modified and second.room.active
        assert first.message.isHidden() and second.message.isHidden()
    finally:
        for one in (first, second):
            one.room.desk.new()
        second.close()


def test_the_question_about_a_crash_comes_again_until_it_is_answered(opened: Opener) -> None:
    pilot = Pilot(opened())
    window = pilot.window
    crashed(window, "mean(w * x)")
    window.room.offer_recovery()
    build(pilot, "y = tanh(z)")
    pilot.select("y")
    pilot.key(Qt.Key.Key_R)  # refused: it is no leaf
    assert "requires_grad can be turned on" in window.message.text
    pilot.set_value("z", "2")
    assert "gradviz ended unexpectedly" in window.message.text
    answer(window, "Discard")
    assert window.message.isHidden() and not list((window.settings.folder / "journals").glob("0*"))
    window.room.desk.new()


@pytest.mark.parametrize("mine", [True, False])
def test_saving_overwrites_nothing_that_somebody_else_wrote_before_it_is_said(
    pilot: Pilot, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, mine: bool
) -> None:
    build(pilot)
    window, desk, path = pilot.window, pilot.window.room.desk, tmp_path / "a.gradviz"
    assert desk.save(str(path))
    other = write(desk.document).replace('"name": "w"', '"name": "weight"')
    path.write_text(other)
    qtbot.waitUntil(lambda: not window.message.isHidden())
    pilot.set_value("x", "3")
    pilot.select("mul")
    pilot.key(Qt.Key.Key_R)  # its refusal takes the place of the question
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert "was not saved" in window.message.text and path.read_text() == other and desk.modified
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Save)
    window.close()
    assert window.isVisible() and path.read_text() == other
    answer(window, "Save mine" if mine else "Read it again")
    assert not desk.modified
    assert ("weight" in pilot.names()) is not mine
    assert path.read_text() == write(desk.document)
    pilot.set_value("x", "4")
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert not desk.modified and path.read_text() == write(desk.document)


def test_a_recovered_graph_overwrites_its_file_only_as_it_was(opened: Opener, tmp_path: Path) -> None:
    window, path = opened(), tmp_path / "a.gradviz"
    path.write_text(write(Document()))
    crashed(window, "mean(w * x)", str(path))
    window.room.offer_recovery()
    answer(window, "Recover")
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    assert read(path.read_bytes()).document.blocks == window.room.desk.document.blocks
    crashed(window, "mean(w * x)", str(path))  # it was opened empty: now the file holds another one
    window.room.offer_recovery()
    answer(window, "Recover")
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    assert "was not saved" in window.message.text
    answer(window, "Save mine")
    assert not window.room.desk.modified


def test_a_file_that_nothing_here_opens_is_named_when_it_is_dropped_and_the_graph_stays(pilot: Pilot, tmp_path: Path) -> None:
    build(pilot)
    before = pilot.window.room.desk.document
    for name, data, words in (
        ("notes.ipynb", b'{\n "cells": [],\n "nbformat": 4\n}', "a notebook (its File menu exports it"),
        ("data.json", b'{"a": [1, 2]}', "a JSON file"),
        ("picture.png", b"\x89PNG\r\n\x1a\n", "a picture"),
    ):
        (tmp_path / name).write_bytes(data)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        pilot.window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, LEFT, NOTHING))
        assert pilot.window.message.text.startswith(f"{name} is {words}")
        assert pilot.window.room.active and pilot.window.room.desk.document is before


def test_a_state_folder_that_cannot_be_written_keeps_nobody_from_saving(pilot: Pilot, tmp_path: Path) -> None:
    window = pilot.window
    window.settings.folder.write_text("a file, where the folder should be")
    path = tmp_path / "a.gradviz"
    build(pilot)
    assert "cannot be kept for recovery" in window.message.text
    assert window.room.desk.save(str(path))
    pilot.set_value("w", "4")
    assert window.room.desk.save(str(path)) and not window.room.desk.modified
    assert window.message.text.startswith("Saved a.gradviz, but its earlier version could not be kept")
    assert read(path.read_bytes()).document == window.room.desk.document


def test_a_file_or_a_folder_without_rights_is_told_with_what_helps(pilot: Pilot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window, desk = pilot.window, pilot.window.room.desk
    folder = tmp_path / "course"
    folder.mkdir()
    path = folder / "a.gradviz"
    build(pilot)
    assert desk.save(str(path))
    pilot.set_value("w", "4")
    kept = path.read_bytes()
    may = os.access

    def allowed(asked: str | Path, mode: int) -> bool:
        """As it is for anybody but root, who may write everything."""
        return may(asked, mode) and (mode != os.W_OK or bool(os.stat(asked).st_mode & 0o200))

    monkeypatch.setattr("gradviz.document.file.keeping.os.access", allowed)
    path.chmod(0o444)
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert window.message.text.startswith("a.gradviz was not saved: it is write-protected. Save it under another name")
    assert path.read_bytes() == kept and desk.modified
    path.chmod(0o644)

    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr("gradviz.document.file.keeping._alone", refused)
        pilot.key(Qt.Key.Key_S, CONTROL)
        words = f"a.gradviz was not saved: Permission denied: nothing may be written into {folder}. Save it somewhere else."
        assert window.message.text == f"{words} The file is as it was before"
    path.unlink()
    folder.rmdir()
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert window.message.text == f"a.gradviz was not saved: its folder {folder} is not there any more. Save it somewhere else"
    assert desk.modified
    folder.mkdir()
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert path.is_file() and not desk.modified


def test_a_disk_that_is_full_for_a_while_is_told_once_and_no_edit_is_lost_to_the_next_crash(
    pilot: Pilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, desk = pilot.window, pilot.window.room.desk
    build(pilot)
    write, told = os.write, list[str]()
    desk.note.connect(lambda kind, text: told.append(text) if kind == "error" else None)

    def full(handle: int, data: bytes) -> int:
        if os.fstat(handle).st_size > 0 and len(data) > 5:
            return write(handle, data[:5])  # half a line comes through
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gradviz.document.file.journal.os.write", full)
    for value in ("2", "3", "4"):
        pilot.set_value("w", value)
    where = f"Edits cannot be kept for recovery in {desk.state}"
    assert told == [f"{where}: No space left on device. Until they can, only what is saved is safe."]
    (file,) = (window.settings.folder / "journals").iterdir()
    assert recover(file).label.startswith("Build")  # what was kept before is whole
    monkeypatch.undo()
    pilot.set_value("x", "7")
    assert recover(file).document == desk.document
    assert len(told) == 1
    desk.new()
    assert not list((window.settings.folder / "journals").iterdir())
