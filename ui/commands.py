"""The commands that paint: which function carries out which, without a screen and without Qt's own words on stderr."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

UNTOLD = (
    "This plugin does not support",  # Qt's offscreen platform says so of every window
    "QPainter::begin", "QSvgPaintEngine::begin",  # a file that cannot be written: the command says so itself
)  # fmt: skip


def run(wanted: argparse.Namespace) -> int:
    """Carry out a command."""
    from .export import command
    from .export.screenshot import screenshot

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qInstallMessageHandler(_tell)
    if wanted.command.name == "screenshot":
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an exception would be raised in whatever the window does at that moment
    calls = {"render": command.render, "export": command.export_file, "screenshot": screenshot}
    return calls[wanted.command.name](wanted)


def _tell(_kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    if not text.startswith(UNTOLD):
        print(text, file=sys.stderr)
