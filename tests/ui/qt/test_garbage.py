"""What only circles keep is taken apart in the window's thread, whichever thread makes objects."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.qt.garbage import collect_here


class Ring:
    """A circle that tells which thread took it apart."""

    def __init__(self, told: list[int]) -> None:
        self.me = self
        self._told = told

    def __del__(self) -> None:
        self._told.append(threading.get_ident())


@pytest.fixture
def here(qapp: QApplication) -> Iterator[None]:
    owner = QObject(qapp)
    before = gc.isenabled(), gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    collect_here(owner)
    yield
    owner.deleteLater()
    gc.set_threshold(*before[1])
    if before[0]:
        gc.enable()


@pytest.mark.usefixtures("here")
def test_a_busy_thread_takes_nothing_apart(qtbot: QtBot) -> None:
    told: list[int] = []
    gone = weakref.ref(Ring(told))
    kept: list[list[int]] = []
    busy = threading.Thread(target=lambda: kept.extend([] for _ in range(100_000)))
    busy.start()
    busy.join()
    assert gone() is not None
    qtbot.waitUntil(lambda: gone() is None)
    assert told == [threading.get_ident()]


@pytest.mark.usefixtures("here")
def test_few_objects_are_no_reason_to_look(qtbot: QtBot) -> None:
    gc.collect()
    gone = weakref.ref(Ring([]))
    gc.set_threshold(1_000_000, 10, 10)
    qtbot.wait(600)
    assert gone() is not None
