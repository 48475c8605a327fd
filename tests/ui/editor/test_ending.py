"""The end of the program after a copy: Qt keeps the clipboard until Python is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COPIES = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from ui.window.main_window import MainWindow
from ui.settings import Settings
import sys
window = MainWindow(Settings(sys.argv[1]))
window.show()
window.actions_["new_graph"].trigger()
commands = window.room.panel.commands
QApplication.clipboard().setText("mean(w * x)")
commands.paste()
commands.select_all()
commands.copy()
assert "mean" in QApplication.clipboard().text()
window.room.desk.history.set_clean()
window.close()
"""


def test_a_program_that_copied_blocks_ends_in_peace(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", COPIES, str(tmp_path / "settings.ini")],
        cwd=Path(__file__).parents[3], env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
