"""What the floors below ask of the window, the window answers."""

from __future__ import annotations

import pytest

from ui.window.main_window import MainWindow
from ui.window.panels import PanelledWindow
from ui.window.rooms import RoomedWindow


def asked(floor: type) -> list[str]:
    """The methods that a floor leaves to those above it."""
    return [
        name for name, method in vars(floor).items() if "NotImplementedError" in getattr(getattr(method, "__code__", None), "co_names", ())
    ]


@pytest.mark.parametrize("floor", [PanelledWindow, RoomedWindow])
def test_nothing_is_left_open(floor: type) -> None:
    names = asked(floor)
    assert names
    assert not [name for name in names if name in asked(next(c for c in MainWindow.__mro__ if name in vars(c)))]
