"""A bridge with a recorded lesson."""

from __future__ import annotations

import pytest

from tests.ui.recorded import LESSON, record
from ui.bridge import Bridge
from ui.style.theme import DARK


@pytest.fixture
def bridge() -> Bridge:
    """The lesson, before its first event."""
    made = Bridge(DARK)
    made.set_session(record(LESSON))
    return made
