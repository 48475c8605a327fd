"""What of PySide is read later says, once it is asked for, what it says in any program."""

from __future__ import annotations

import os
import subprocess
import sys

ASKED = """
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor
from PySide6.support.signature import get_signature
for wrong in (lambda: QColor("a", [], 3), lambda: QObject().setObjectName(3), lambda: QObject(4)):
    try:
        wrong()
    except TypeError as error:
        print(error)
print(get_signature(QColor), QColor.__doc__)
"""
UNREAD = "import ui, ui.qt.imports\nassert ui.qt.imports.sources.keys() == ui.qt.imports.SIGNATURES"
READ = "assert not ui.qt.imports.sources.keys() & {f'shibokensupport/signature/{n}.py' for n in ('parser', 'errorhandler', 'layout')}"


def told(*parts: str) -> str:
    """What a process of its own prints."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(parts)], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_signatures_are_read_when_they_are_asked_for() -> None:
    said = told(UNREAD, ASKED, READ)
    assert said == told(ASKED)
    assert "QColor.__init__(spec: PySide6.QtGui.QColor.Spec" in said


def test_a_program_that_has_qt_already_keeps_it_as_it_is() -> None:
    assert told("import PySide6.QtCore", "import ui, ui.qt.imports", "assert not ui.qt.imports.sources", ASKED) == told(ASKED)


LATER = """
import sys
before = set(sys.modules)
import ui.style.theme
left_out = {"pickle", "platform", "numpy._typing", "tempfile"} - before
assert not left_out & sys.modules.keys(), left_out & sys.modules.keys()
import pickle, platform, tempfile
import numpy as np, numpy.typing
from numpy._core import _methods
print(type(pickle).__name__, type(platform).__name__, type(tempfile).__name__, type(sys.modules["numpy._typing"]).__name__)
print(_methods.pickle.dumps is pickle.dumps, numpy.typing.NDArray[np.float64], np.linalg.eigh(np.eye(2)).eigenvalues.tolist())
print(np.load(__import__("io").BytesIO(b"\\x80\\x04K\\x05."), allow_pickle=True))
np.show_runtime()
"""


def test_what_numpy_and_qt_asked_nothing_of_is_imported_when_somebody_does() -> None:
    first, second, third, *runtime = told(LATER).splitlines()
    assert first == "module module module module"
    assert second == "True numpy.ndarray[tuple[typing.Any, ...], numpy.dtype[numpy.float64]] [1.0, 1.0]"
    assert third == "5"
    assert any("uname_result" in line for line in runtime)  # numpy's own names for them go to the modules, too
