"""The editor in the real window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.conftest import Opener
from tests.ui.editor.pilot import Pilot
from ui.window.main_window import MainWindow


@pytest.fixture
def window(opened: Opener) -> MainWindow:
    """A window with the first lesson."""
    made = opened()
    made.workbench.open_lesson()
    return made


@pytest.fixture
def pilot(window: MainWindow) -> Iterator[Pilot]:
    """A user in the empty editor."""
    made = Pilot(window)
    yield made
    window.room.desk.history.set_clean()
