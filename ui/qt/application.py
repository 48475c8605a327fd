"""The one QApplication of the process."""

from __future__ import annotations

import os
import sys

from PySide6.QtWidgets import QApplication

NAME = "gradviz"
STYLE = "Fusion"  # the same on each system, and it follows our palette


def has_display() -> bool:
    """Whether there is something to show a window on. (Where there is none Qt would end the process with a core dump.)"""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))


def application() -> QApplication:
    """The application, made at the first call. (`setStyle` would hand over a QStyle, whose enumerations take Python 5 ms to make.)"""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([*sys.argv[:1], "-style", STYLE])
    if app.applicationName() != NAME:
        if app is found:
            app.setStyle(STYLE)  # once: all widgets that there are get it anew
        app.setApplicationName(NAME)
        app.setApplicationDisplayName(NAME)
    return app
