"""An error in an overridden Qt method is told, and the process lives: also below another Qt call of Python's."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import ui
from PySide6.QtWidgets import QApplication, QWidget

app = QApplication([])
made = {{"__name__": "ui.tried", "QWidget": QWidget}}
exec('''
class Tried(QWidget):
    def event(self, event):
        return super().event(event)
    def paintEvent(self, event):
        {wrong}
''', made)
tried = made["Tried"]()
tried.show()
tried.grab()
app.processEvents()
print("alive")
"""


@pytest.mark.parametrize("wrong", ["1 / 0", "[][0]", "next(iter(()))", "{}['x']", "raise ValueError('x')"])
def test_an_error_while_painting_does_not_end_the_process(wrong: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(wrong=wrong)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "alive" in done.stdout
    assert "Traceback" in done.stderr
    assert "paintEvent" in done.stderr
