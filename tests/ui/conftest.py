"""The real window, with settings of its own and without waiting for animations."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ui.settings import Settings
from ui.window.main_window import MainWindow

ARTEFACTS = os.environ.get("GRADVIZ_SCREENSHOTS", "")

PATIENCE = 120_000  # ms: a wait ends when what it waits for is there, and a busy machine may take long

Opener = Callable[..., MainWindow]


@pytest.fixture(autouse=True, scope="module")
def _the_collector_rests() -> Iterator[None]:
    """As in the app (ui/qt/garbage.py) no other thread takes closed windows apart: what a file of tests leaves is looked for behind it."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _what_a_test_leaves() -> Iterator[None]:
    yield
    gc.collect(0)


class PatientBot(QtBot):
    """Waits without a limit that a busy machine could miss."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE) -> None:
        """See `QtBot.waitUntil`."""
        super().waitUntil(callback, timeout=max(timeout, PATIENCE))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE, **more: Any) -> Any:
        """See `QtBot.waitSignal`."""
        return super().waitSignal(signal, timeout=max(timeout, PATIENCE), **more)


@pytest.fixture
def qtbot(request: pytest.FixtureRequest) -> QtBot:
    """The plugin's, with more patience."""
    request.getfixturevalue("qapp")
    return PatientBot(request)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in a file of the test."""
    return Settings(str(tmp_path / "settings.ini"))


@pytest.fixture
def opened(qtbot: QtBot, settings: Settings) -> Iterator[Opener]:
    """Makes windows, and closes them after the test."""
    made: list[MainWindow] = []

    def open_window(width: int = 1280, height: int = 800, theme: str = "dark") -> MainWindow:
        settings.theme = theme
        window = MainWindow(settings)
        made.append(window)
        window.set_theme(theme)
        window.resize(width, height)
        window.canvas.set_speed(0)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield open_window
    for window in filter(isValid, made):  # those that the test closed are gone
        window.source.saved()
        if not window.room.may_close:
            window.room.desk.new()  # of a test that failed: its question would wait for an answer for ever
        window.close()
        QTest.qWait(1)


@pytest.fixture
def window(opened: Opener) -> MainWindow:
    """A window with the first lesson, at the start."""
    made = opened()
    made.workbench.open_lesson()
    return made


def keep(window: MainWindow, name: str) -> None:
    """Write a screenshot as a test artefact, where the environment names a folder for them."""
    if ARTEFACTS:
        QTest.qWait(50)  # docks, and the look of stock widgets, come with the next events
    picture = window.grab()
    assert not picture.isNull()
    if ARTEFACTS:
        Path(ARTEFACTS).mkdir(parents=True, exist_ok=True)
        assert picture.save(str(Path(ARTEFACTS) / f"{name}.png"))
